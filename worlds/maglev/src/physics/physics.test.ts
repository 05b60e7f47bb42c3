import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bankAt,
  CORE_RADIUS,
  type Core,
  coreBytes,
  FLOOR,
  type Slot,
  SPEED_MAX,
  stepFloor,
  type Walker,
} from './index.js'

const between = (low: number, high: number) => fc.integer({ min: low, max: high })
const speed = between(-SPEED_MAX, SPEED_MAX)
// A small corner of the floor, so that cores and walkers meet.
const along = between(CORE_RADIUS, 3_000_000)
const across = between(CORE_RADIUS, FLOOR.y - CORE_RADIUS)
const place = { x: along, y: across, vx: speed, vy: speed }
const cores = fc
  .array(fc.record({ ...place, touchedBy: fc.constant(undefined) }), { minLength: 1, maxLength: 10 })
  .map((list) => list.map((core, id): Core => ({ id, ...core })))
const walkers = fc
  .array(fc.record(place), { maxLength: 6 })
  .map((list) => list.map((walker, i): Walker => ({ player: `p${i}`, ...walker })))
const slots: readonly Slot[] = [
  { id: 1, x: 2_000_000, y: 600_000 },
  { id: 2, x: 2_300_000, y: 600_000 },
]
const seed = between(0, 2 ** 31 - 1)
const TICKS = 100

/** The floor after each tick; walkers stand still, as they do between their inputs. */
function run(from: readonly Core[], who: readonly Walker[], ofSeed: number, open = slots) {
  let now = from
  let left = open
  const slotted: { readonly slot: number; readonly core: Core }[] = []
  const frames: (readonly Core[])[] = []
  for (let tick = 0; tick < TICKS; tick++) {
    const step = stepFloor(now, { bank: bankAt(ofSeed, tick), walkers: who, slots: left })
    now = step.cores
    slotted.push(...step.slotted)
    left = left.filter(({ id }) => !step.slotted.some(({ slot }) => slot === id))
    frames.push(now)
  }
  return { frames, slotted }
}

describe('the floor', () => {
  it('keeps every core on it, on whole micrometres, at a bounded speed', () => {
    fc.assert(
      fc.property(cores, walkers, seed, (from, who, ofSeed) => {
        const isLawful = ({ x, y, vx, vy }: Core) =>
          [x, y, vx, vy].every(Number.isSafeInteger) &&
          x >= CORE_RADIUS &&
          x <= FLOOR.x - CORE_RADIUS &&
          y >= CORE_RADIUS &&
          y <= FLOOR.y - CORE_RADIUS &&
          Math.max(Math.abs(vx), Math.abs(vy)) <= SPEED_MAX
        const { frames } = run(from, who, ofSeed)
        expect(frames.flat().filter((core) => !isLawful(core))).toEqual([])
      }),
      { numRuns: 50 },
    )
  })

  it('does not depend on the order of cores, walkers and slots', () => {
    fc.assert(
      fc.property(cores, walkers, seed, (from, who, ofSeed) => {
        const one = run(from, who, ofSeed)
        const other = run([...from].reverse(), [...who].reverse(), ofSeed, [...slots].reverse())
        expect(other.slotted).toEqual(one.slotted)
        const bytes = (frames: readonly (readonly Core[])[]) => Buffer.concat(frames.map(coreBytes))
        expect(bytes(other.frames).equals(bytes(one.frames))).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it('is what it was when it goes on from any tick', () => {
    fc.assert(
      fc.property(cores, walkers, seed, between(1, TICKS - 1), (from, who, ofSeed, at) => {
        const { frames } = run(from, who, ofSeed, [])
        let now: readonly Core[] = JSON.parse(JSON.stringify(frames[at - 1]))
        for (let tick = at; tick < TICKS; tick++) {
          now = stepFloor(now, { bank: bankAt(ofSeed, tick), walkers: who, slots: [] }).cores
        }
        expect(coreBytes(now)).toEqual(coreBytes(frames[TICKS - 1] as Core[]))
      }),
      { numRuns: 50 },
    )
  })

  it('loses no core: each rolls or is in one slot, and a slot takes one', () => {
    fc.assert(
      fc.property(cores, walkers, seed, (from, who, ofSeed) => {
        const { frames, slotted } = run(from, who, ofSeed)
        const ids = [...(frames.at(-1) as Core[]).map(({ id }) => id), ...slotted.map(({ core }) => core.id)]
        expect(ids.sort((a, b) => a - b)).toEqual(from.map(({ id }) => id))
        expect(new Set(slotted.map(({ slot }) => slot)).size).toBe(slotted.length)
      }),
      { numRuns: 50 },
    )
  })
})

describe('contacts', () => {
  const still = { x: 0, y: 0 }
  const core = (id: number, x: number, vx: number): Core => ({ id, x, y: 2_000_000, vx, vy: 0, touchedBy: undefined })

  it('pass momentum on between two cores to the last unit', () => {
    const slow = between(-100, 100)
    fc.assert(
      // So slow that nothing rolls off its speed: what is left is the contact.
      fc.property(slow, slow, between(-290_000, 290_000), (left, right, apart) => {
        const from = [core(1, 5_000_000, left), core(2, 5_000_000 + apart, right)]
        const { cores: after } = stepFloor(from, { bank: still, walkers: [], slots: [] })
        expect((after[0] as Core).vx + (after[1] as Core).vx).toBe(left + right)
      }),
    )
  })

  it('part two cores in the same place', () => {
    const { cores: after } = stepFloor([core(2, 5_000_000, 0), core(1, 5_000_000, 0)], {
      bank: still,
      walkers: [],
      slots: [],
    })
    expect(Math.abs((after[0] as Core).x - (after[1] as Core).x)).toBe(2 * CORE_RADIUS)
  })

  it('push a core away from a walker, and say who it was', () => {
    const walker = { player: 'ann', x: 5_000_000, y: 2_000_000, vx: 50_000, vy: 0 }
    const step = stepFloor([core(1, 5_400_000, 0)], { bank: still, walkers: [walker], slots: [] })
    expect(step.cores[0]).toMatchObject({ touchedBy: 'ann' })
    expect((step.cores[0] as Core).vx).toBeGreaterThan(walker.vx)
  })
})

describe('the bank', () => {
  it('never jumps, and tilts both ways', () => {
    fc.assert(
      fc.property(seed, (ofSeed) => {
        const sides = Array.from({ length: 3_600 }, (_, tick) => bankAt(ofSeed, tick).y)
        const steps = sides.slice(1).map((side, i) => Math.abs(side - (sides[i] as number)))
        expect(Math.max(...steps)).toBeLessThan(100)
        expect(Math.min(...sides)).toBeLessThan(0)
        expect(Math.max(...sides)).toBeGreaterThan(0)
      }),
      { numRuns: 20 },
    )
  })
})
