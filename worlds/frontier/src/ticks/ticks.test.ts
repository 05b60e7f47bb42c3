import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CHRONICLE_MAX, FLY_EVERY_MS, MOOR_AFTER_MS, REGION_SIZE, SHIP_SPEED, STORM_EVERY_MS } from '../bounds.js'
import { builder, TestPlayer } from '../test-support/scenes.js'
import { TestRegion } from '../test-support/test-region.js'
import { advance, fly } from './fly.js'

const coordinate = fc.integer({ min: 0, max: REGION_SIZE })

test('every flight ends at its target, at nearly the speed of a straight line', async () => {
  fc.assert(
    fc.property(coordinate, coordinate, coordinate, coordinate, (x, y, targetX, targetY) => {
      const step = (SHIP_SPEED * FLY_EVERY_MS) / 1_000
      const expected = Math.ceil(Math.hypot(targetX - x, targetY - y) / step)
      let at = { x, y }
      let ticks = 0
      while ((at.x !== targetX || at.y !== targetY) && ticks < 10_000) {
        at = advance({ ...at, targetX, targetY }, step)
        ticks++
      }
      expect(ticks).toBeLessThanOrEqual(expected * 1.02 + 2)
      expect(ticks).toBeGreaterThanOrEqual(expected * 0.98 - 2)
    }),
  )
})

test('a flight ends even when ticks come so fast that a step is less than a unit', async () => {
  let at = { x: 10, y: 10 }
  for (let i = 0; i < 100; i++) at = advance({ ...at, targetX: 60, targetY: 13 }, 0.01)
  expect(at).toEqual({ x: 60, y: 13 })
})

test('the ship’s sector follows it', async () => {
  const region = await TestRegion.open('sectors', 60)
  const player = new TestPlayer(region, 'ada')
  const far = [...region.tables.sectors.all()].at(-1)
  if (far === undefined) throw new Error('no sectors')
  await player.fly(far)
  expect(player.ship.sector).toBe(far.id)
})

test('nodes grow back to their capacity and no further, and the ledger says so', async () => {
  const region = await TestRegion.open('regrow', 12)
  const player = new TestPlayer(region, 'ada')
  await player.gather('ore', 100)
  expect(region.tables.resourceNodes.by.regrowing.count(true)).toBeGreaterThan(0)
  await region.pass(10 * 60_000)
  expect(region.tables.resourceNodes.by.regrowing.count(true)).toBe(0)
  expect(region.tables.ledger.must('ore')).toMatchObject({ regrown: 100, harvested: 100 })
  expect(region.problems()).toEqual([])
})

test('storms wear, down to a floor, and the chronicle stays short', async () => {
  const region = await TestRegion.open('storms', 12)
  const player = await builder(region, 'ada')
  const { x, y } = player.ship
  player.build('foundation', { x, y })
  for (let i = 0; i < 30; i++) {
    // Somebody who is active is not moored.
    player.send('move', { x, y })
    await region.pass(STORM_EVERY_MS * 20)
    expect(region.problems()).toEqual([])
  }
  expect(player.ship.hull).toBeGreaterThanOrEqual(20)
  for (const { hp } of region.tables.structures.all()) expect(hp).toBeGreaterThanOrEqual(80)
  expect(region.tables.chronicle.count).toBeLessThanOrEqual(CHRONICLE_MAX)
})

test('the ship of an absent player is moored, and is where it was when they come back', async () => {
  const region = await TestRegion.open('moorings', 12)
  const player = await builder(region, 'ada')
  const { id, x, y } = player.ship
  const plates = player.held('plate')
  await region.pass(MOOR_AFTER_MS + 120_000)
  expect(region.tables.ships.count).toBe(0)
  expect(region.problems()).toEqual([])
  await region.durable()
  await region.crash()
  region.join('ada')
  expect(player.ship).toMatchObject({ id, x, y, moving: false })
  expect(player.row).toMatchObject({ mooredX: null, mooredY: null, mooredHull: null })
  expect(player.held('plate')).toBe(plates)
  expect(region.problems()).toEqual([])
})

test('one who watches for long and then acts is under way again', async () => {
  const region = await TestRegion.open('moorings', 12)
  const player = new TestPlayer(region, 'ada')
  await region.pass(MOOR_AFTER_MS + 120_000)
  expect(region.tables.ships.count).toBe(0)
  expect(player.send('move', { x: 5, y: 5 }).rejected).toBeUndefined()
  expect(player.ship.moving).toBe(true)
})

test('2,000 ships in flight take a small part of a tick', async () => {
  const region = await TestRegion.open('crowd', 300)
  for (let index = 0; index < 2_000; index++) {
    const player = new TestPlayer(region, `player-${index}`)
    player.send('move', { x: (index * 7_919) % REGION_SIZE, y: (index * 104_729) % REGION_SIZE })
  }
  const times: number[] = []
  for (let tick = 0; tick < 30; tick++) {
    region.arrange('player-0', (tx) => {
      const before = process.cpuUsage()
      fly.apply(tx, FLY_EVERY_MS)
      times.push(process.cpuUsage(before).user / 1_000)
    })
  }
  const medianMs = times.sort((a, b) => a - b)[times.length / 2]
  // Measured: 1.2 ms on one core of a small server. The bound leaves room for a busy one and catches quadratic work.
  expect(medianMs).toBeLessThan(20)
})
