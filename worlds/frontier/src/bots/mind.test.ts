import { expect, test } from 'vitest'
import { playBots } from '../test-support/scenes.js'
import { TestRegion } from '../test-support/test-region.js'

test('bots settle: left alone they build every kind of structure, store goods, and break no invariant', async () => {
  const region = await TestRegion.open('bots', 40)
  const bots = Array.from({ length: 6 }, (_, index) => `bot-${index}`)
  let steps = 0
  await playBots(region, bots, 20, () => {
    if (++steps % 300 === 0) expect(region.problems()).toEqual([])
  })
  const built = new Map<string, number>()
  for (const { kind } of region.tables.structures.all()) built.set(kind, (built.get(kind) ?? 0) + 1)
  expect([...built.keys()].sort()).toEqual(['beacon', 'foundation', 'habitat', 'refinery', 'storage', 'wall'])
  expect(region.tables.structures.count).toBeGreaterThan(60)
  expect([...region.tables.inventories.all()].some(({ storage }) => storage !== '')).toBe(true)
  expect(region.problems()).toEqual([])
})
