import { CARS, COURIER, TERMINAL, WALK_SPEED } from '@terrane/world-maglev'
import { expect, test } from 'vitest'
import { type Authoritative, OwnRunner } from './own-runner.js'

const said = (x: number, more: Partial<Authoritative> = {}): Authoritative => {
  return { zone: COURIER, x, y: 2_000_000, vx: 0, vy: 0, ageMs: 0, ...more }
}
const FRAME_MS = 16

test('one’s own steps show at once, and end where the server says', () => {
  const own = new OwnRunner()
  own.step(FRAME_MS, { x: 0, y: 0 }, said(5_000_000))
  own.step(FRAME_MS, { x: 1, y: 0 }, said(5_000_000))
  expect(own.x).toBeGreaterThan(5_000_000)
  expect(own.x).toBeLessThanOrEqual(5_000_000 + (WALK_SPEED * FRAME_MS) / 50)
  for (let i = 0; i < 200; i++) own.step(FRAME_MS, { x: 0, y: 0 }, said(5_400_000))
  expect(Math.abs(own.x - 5_400_000)).toBeLessThan(1_000)
})

test('walls are walls before the server says so, and beyond the door one is where it says', () => {
  const own = new OwnRunner()
  const wall = CARS[COURIER].to
  own.step(FRAME_MS, { x: 0, y: 0 }, said(wall - 400_000))
  for (let i = 0; i < 50; i++) own.step(FRAME_MS, { x: 1, y: 0 }, said(wall - 300_000))
  expect(own.x).toBeLessThan(wall)
  own.step(FRAME_MS, { x: 1, y: 0 }, said(wall + 800_000, { zone: TERMINAL }))
  expect(own.x).toBe(wall + 800_000)
})
