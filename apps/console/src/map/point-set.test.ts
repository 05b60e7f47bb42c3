import { expect, test } from 'vitest'
import { POINT_FLOATS, type PointLook, PointSet } from './point-set.js'

const LOOK: PointLook = { color: 0xff8000, size: 4, shape: 'disc' }

test('a point glides from where it is drawn to where it was last said to be', () => {
  const set = new PointSet()
  set.put('a', 0, 0, LOOK, 10)
  set.put('a', 100, 0, LOOK, 10.1)
  expect(set.position('a', 10.1)).toEqual({ x: 0, y: 0 })
  const halfway = set.position('a', 10.1575)?.x ?? 0
  expect(halfway).toBeCloseTo(50, 0)
  // A report in the middle of a glide: no jump.
  set.put('a', 200, 0, LOOK, 10.1575)
  expect(set.position('a', 10.1575)?.x).toBeCloseTo(halfway, 3)
  expect(set.position('a', 11)).toEqual({ x: 200, y: 0 })
})

test('a change of other columns does not disturb a glide', () => {
  const set = new PointSet()
  set.put('a', 0, 0, LOOK, 10)
  set.put('a', 100, 0, LOOK, 10.1)
  const before = set.position('a', 10.15)
  set.put('a', 100, 0, { ...LOOK, size: 9 }, 10.15)
  expect(set.position('a', 10.15)).toEqual(before)
})

test('removing keeps the others, whatever their place', () => {
  const set = new PointSet()
  for (let i = 0; i < 5; i++) set.put(i, i * 10, 0, LOOK, 1)
  expect(set.delete(1)).toBe(true)
  expect(set.delete(1)).toBe(false)
  expect(set.count).toBe(4)
  for (const i of [0, 2, 3, 4]) expect(set.position(i, 2)).toEqual({ x: i * 10, y: 0 })
  expect(set.position(1, 2)).toBeUndefined()
})

test('finds the point that is drawn nearest, within reach', () => {
  const set = new PointSet()
  set.put('a', 0, 0, LOOK, 1)
  set.put('b', 10, 0, LOOK, 1)
  expect(set.nearest(9, 1, 5, 2)?.key).toBe('b')
  expect(set.nearest(5, 50, 5, 2)).toBeUndefined()
  // On its way: it is found where it is drawn, not where it goes.
  set.put('a', 1000, 0, LOOK, 1.1)
  expect(set.nearest(0, 0, 5, 1.1)?.key).toBe('a')
})

test('uploads only what changed, and everything after growth', () => {
  const set = new PointSet(4)
  for (let i = 0; i < 4; i++) set.put(i, i, i, LOOK, 1)
  expect(set.takeDirty()).toBe('all')
  expect(set.takeDirty()).toBeUndefined()
  set.put(2, 9, 9, LOOK, 2)
  expect(set.takeDirty()).toEqual({ from: 2, to: 3 })
  set.put(4, 4, 4, LOOK, 3)
  expect(set.takeDirty()).toBe('all')
  expect(set.floats.length).toBe(8 * POINT_FLOATS)
})

test('is busy while something moves or pulses, and idle afterwards', () => {
  const set = new PointSet()
  set.put('a', 0, 0, LOOK, 100)
  expect(set.busyUntilS).toBe(0)
  set.put('b', 0, 0, LOOK, 100, true)
  expect(set.busyUntilS).toBeGreaterThan(101)
  set.put('a', 5, 5, LOOK, 200)
  expect(set.busyUntilS).toBeGreaterThan(200)
  expect(set.busyUntilS).toBeLessThan(201)
})

test('keeps its precision when the page stays open for a week', () => {
  const set = new PointSet()
  const week = 7 * 24 * 3600
  set.put('a', 0, 0, LOOK, 1)
  for (let s = 0; s < week; s += 600) set.put('b', s, 0, LOOK, s)
  set.put('a', 0, 100, LOOK, week)
  set.put('a', 0, 200, LOOK, week + 0.1)
  const early = set.position('a', week + 0.12)?.y ?? 0
  const late = set.position('a', week + 0.18)?.y ?? 0
  expect(late - early).toBeGreaterThan(20)
})

test('10,000 moves take no new memory, and one upload', () => {
  const set = new PointSet()
  for (let i = 0; i < 10_000; i++) set.put(i, i, i, LOOK, 1)
  set.takeDirty()
  const { floats } = set
  for (let i = 0; i < 10_000; i++) set.put(i, i + 1, i, LOOK, 1.1)
  expect(set.floats).toBe(floats)
  expect(set.takeDirty()).toEqual({ from: 0, to: 10_000 })
})
