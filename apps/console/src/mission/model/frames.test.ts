import type { Car, Drone, Runner, SlotRow } from '@terrane/world-maglev'
import { expect, test } from 'vitest'
import { between, FrameBuffer, tickOf } from './frame-buffer.js'
import type { Snapshot } from './snapshots.js'
import { TickMeter } from './tick-meter.js'
import { eventsBetween } from './train-events.js'

const byKey = <Key, Row>(rows: readonly (readonly [Key, Partial<Row>])[]) => new Map(rows) as Map<Key, Row>

function frame(at: number, tick: number, more: { [Field in keyof Snapshot]?: Snapshot[Field] } = {}): Snapshot {
  const car = { car: 'car-2', phase: 'running', mission: 1, tick } as Car
  const none = { runners: new Map(), cores: new Map(), drones: new Map(), slots: new Map(), poses: new Map() }
  return { at, car, ...none, ...more }
}

test('frames that jitter are shown as if they had come when they were due', () => {
  const frames = new FrameBuffer()
  const arrivals = [0, 62, 95, 158, 201]
  for (const [tick, arrivedAt] of arrivals.entries()) frames.push(frame(frames.timeOf(arrivedAt), tick))
  const moment = frames.around(125)
  expect(moment?.from.car.tick).toBe(2)
  expect(tickOf(moment as NonNullable<typeof moment>)).toBeGreaterThan(2.2)
  expect(tickOf(moment as NonNullable<typeof moment>)).toBeLessThan(2.6)
  // A pause begins a new rhythm, and the last frame stands.
  expect(frames.timeOf(900)).toBe(900)
  expect(frames.around(5_000)?.to.car.tick).toBe(4)
})

test('a new mission begins at its own tick, and who leaps does not glide', () => {
  const next = frame(50, 0, { car: { ...frame(0, 0).car, mission: 2 } })
  expect(tickOf({ from: frame(0, 3_600), to: next, share: 0.5 })).toBe(0)
  expect(between({ x: 0, y: 0 }, { x: 200_000, y: 0 }, 0.5)).toEqual({ x: 100_000, y: 0 })
  expect(between({ x: 0, y: 0 }, { x: 9_000_000, y: 0 }, 0.5)).toEqual({ x: 9_000_000, y: 0 })
})

test('what happened shows in the difference of two frames', () => {
  const ann = { player: 'ann', x: 1, y: 1, carries: null, stunnedUntil: 0, zapAt: 0 }
  const before = frame(0, 100, {
    runners: byKey<string, Runner>([
      ['ann', ann],
      ['bob', { ...ann, player: 'bob', x: 9 }],
    ]),
    drones: byKey<number, Drone>([
      [1, { id: 1, x: 8, y: 1, idleUntil: 0 }],
      [2, { id: 2, x: 1, y: 1, idleUntil: 0 }],
    ]),
    slots: byKey<number, SlotRow>([[3, { id: 3, x: 5, y: 5, core: null, by: null }]]),
  })
  const after = frame(50, 101, {
    runners: byKey<string, Runner>([
      ['ann', { ...ann, stunnedUntil: 141 }],
      ['bob', { ...ann, player: 'bob', x: 9, zapAt: 161 }],
      ['eve', { ...ann, player: 'eve' }],
    ]),
    drones: byKey<number, Drone>([
      [1, { id: 1, x: 8, y: 1, idleUntil: 301 }],
      [2, { id: 2, x: 1, y: 1, idleUntil: 161 }],
    ]),
    slots: byKey<number, SlotRow>([[3, { id: 3, x: 5, y: 5, core: 77, by: 'ann' }]]),
  })
  expect(eventsBetween(before, after)).toEqual([
    { type: 'slotted', at: { x: 5, y: 5 }, player: 'ann', slot: 3 },
    expect.objectContaining({ type: 'stunned', player: 'ann' }),
    expect.objectContaining({ type: 'arrived', player: 'eve' }),
    { type: 'zapped', at: { x: 8, y: 1 }, by: expect.objectContaining({ player: 'bob' }), drone: 1 },
  ])
  const ended = frame(50, 101, { car: { ...after.car, phase: 'debrief' } })
  expect(eventsBetween(before, ended)).toEqual([])
})

test('the meter counts ticks of one mission, and says nothing of what it has not seen', () => {
  const meter = new TickMeter()
  expect(meter.rate(0)).toBeUndefined()
  for (let tick = 0; tick <= 40; tick++) meter.note(tick * 50, 1, tick)
  expect(meter.rate(2_000)).toBeCloseTo(20)
  meter.note(2_050, 2, 1)
  expect(meter.rate(2_050)).toBeUndefined()
})
