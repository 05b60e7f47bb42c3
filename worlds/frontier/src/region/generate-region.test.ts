import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { REGION_SIZE, SECTORS_PER_REGION } from '../bounds.js'
import { generateRegion } from './generate-region.js'
import { distance, type RegionLayout } from './layout.js'

const size = REGION_SIZE
const parameters = fc.record({ seed: fc.string({ maxLength: 20 }), sectors: fc.integer({ min: 1, max: 400 }) })

describe('a generated region', () => {
  test('is the same for the same seed and another for another', () => {
    const make = (seed: string) => JSON.stringify(generateRegion({ seed, sectors: 60, size }))
    expect(make('a')).toBe(make('a'))
    expect(make('a')).not.toBe(make('b'))
  })

  test('of the default world is what it always was', () => {
    const layout = generateRegion({ seed: 'frontier/main', sectors: SECTORS_PER_REGION, size })
    const digest = createHash('sha256').update(JSON.stringify(layout)).digest('hex')
    expect(digest.slice(0, 16)).toMatchInlineSnapshot(`"ba80553faab03a98"`)
  })

  test('has the sectors asked for, numbered from 1, with names and places of their own, for any seed and size', () => {
    fc.assert(
      fc.property(parameters, ({ seed, sectors: count }) => {
        const { sectors, deposits, lanes } = generateRegion({ seed, sectors: count, size })
        expect(sectors.map(({ id }) => id)).toEqual(Array.from({ length: count }, (_, index) => index + 1))
        expect(new Set(sectors.map(({ name }) => name)).size).toBe(count)
        expect([...sectors, ...deposits].filter(({ x, y }) => !isCoordinate(x) || !isCoordinate(y))).toEqual([])
        expect(sectors.filter(({ name }) => !/^[A-Z][a-z]+$/.test(name))).toEqual([])
        expect(sectors.filter(({ haven }) => haven).length).toBe(Math.min(9, count))
        const ids = new Set(sectors.map(({ id }) => id))
        expect(deposits.filter(({ sector }) => !ids.has(sector))).toEqual([])
        expect(deposits.filter(({ capacity }) => !(Number.isInteger(capacity) && capacity > 0))).toEqual([])
        const pairs = lanes.map(({ source, target }) => `${source}-${target}`)
        expect(new Set(pairs).size).toBe(pairs.length)
        expect(lanes.every(({ source, target }) => source < target && ids.has(source) && ids.has(target))).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  test('is one connected piece, for any seed and size', () => {
    fc.assert(
      fc.property(parameters, ({ seed, sectors }) => {
        expect(reachedFromCapital(generateRegion({ seed, sectors, size }))).toBe(sectors)
      }),
      { numRuns: 40 },
    )
  })

  test('keeps its sectors apart, and gives each some neighbours', () => {
    for (const seed of ['one', 'two', 'three', 'frontier/main']) {
      const { sectors, lanes } = generateRegion({ seed, sectors: SECTORS_PER_REGION, size })
      const pitch = size / Math.sqrt(SECTORS_PER_REGION)
      const nearest = sectors.map((sector) =>
        Math.min(...sectors.filter((other) => other !== sector).map((other) => distance(sector, other))),
      )
      expect(Math.min(...nearest)).toBeGreaterThan(pitch * 0.35)
      expect(Math.max(...nearest)).toBeLessThan(pitch * 3)
      const degree = (2 * lanes.length) / sectors.length
      expect(degree).toBeGreaterThan(2.5)
      expect(degree).toBeLessThan(5)
    }
  })

  test('has every band and every resource', () => {
    const { sectors, deposits } = generateRegion({ seed: 'frontier/main', sectors: SECTORS_PER_REGION, size })
    expect(new Set(sectors.map(({ band }) => band))).toEqual(new Set(['federation', 'border', 'frontier']))
    const resources = new Map<string, number>()
    for (const { resource } of deposits) resources.set(resource, (resources.get(resource) ?? 0) + 1)
    for (const resource of ['ore', 'ice', 'gas', 'fiber']) {
      expect(resources.get(resource)).toBeGreaterThan(deposits.length * 0.1)
    }
  })
})

function isCoordinate(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= size
}

function reachedFromCapital({ sectors, lanes }: RegionLayout): number {
  const neighbours = new Map<number, number[]>(sectors.map(({ id }) => [id, []]))
  for (const { source, target } of lanes) {
    neighbours.get(source)?.push(target)
    neighbours.get(target)?.push(source)
  }
  const reached = new Set([1])
  for (const id of reached) for (const next of neighbours.get(id) ?? []) reached.add(next)
  return reached.size
}
