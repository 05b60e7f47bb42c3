import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eased, flightBetween } from './flight.js'
import { fitBox, panBy, SCALE_MAX, type Screen, toMap, toScreen, type View, visibleBox, zoomAt } from './view.js'

const BOUNDS = { left: -4_000, top: -3_000, right: 4_000, bottom: 3_000 }
const SCREEN: Screen = { width: 1_000, height: 800, covered: { left: 200, above: 50, below: 100 } }

const view = fc.record({
  x: fc.double({ min: -3_000, max: 3_000, noNaN: true }),
  y: fc.double({ min: -2_000, max: 2_000, noNaN: true }),
  scale: fc.double({ min: 0.1, max: SCALE_MAX, noNaN: true }),
})
const point = fc.record({
  x: fc.double({ min: 0, max: 1_000, noNaN: true }),
  y: fc.double({ min: 0, max: 800, noNaN: true }),
})

test('from the screen to the map and back is the same point', () => {
  fc.assert(
    fc.property(view, point, (view, { x, y }) => {
      const at = toMap(view, SCREEN, x, y)
      const back = toScreen(view, SCREEN, at.x, at.y)
      expect(back.x).toBeCloseTo(x, 5)
      expect(back.y).toBeCloseTo(y, 5)
    }),
  )
})

test('what fits is whole beside the panels', () => {
  const fitted = fitBox(BOUNDS, SCREEN)
  const a = toScreen(fitted, SCREEN, BOUNDS.left, BOUNDS.top)
  const b = toScreen(fitted, SCREEN, BOUNDS.right, BOUNDS.bottom)
  expect(Math.min(a.x - 200, a.y - 50, 1_000 - b.x, 700 - b.y)).toBeGreaterThanOrEqual(0)
  expect(fitBox({ left: 0, top: 0, right: 1, bottom: 1 }, SCREEN).scale).toBe(SCALE_MAX)
})

test('a zoom leaves what is under the pointer there, unless that is off the map', () => {
  fc.assert(
    fc.property(view, point, fc.double({ min: 0.5, max: 2, noNaN: true }), (view, at, factor) => {
      const before = toMap(view, SCREEN, at.x, at.y)
      const zoomed = zoomAt(view, SCREEN, factor, at, { left: -1e5, top: -1e5, right: 1e5, bottom: 1e5 })
      const after = toMap(zoomed, SCREEN, at.x, at.y)
      expect(after.x).toBeCloseTo(before.x, 4)
      expect(after.y).toBeCloseTo(before.y, 4)
    }),
  )
})

test('nobody gets lost: the middle stays on the map, the map stays larger than a dot', () => {
  const far = panBy({ x: 0, y: 0, scale: 1 }, SCREEN, -1e6, 1e6, BOUNDS)
  expect([far.x, far.y]).toEqual([BOUNDS.right, BOUNDS.top])
  const small = zoomAt(far, SCREEN, 1e-6, { x: 0, y: 0 }, BOUNDS)
  expect(visibleBox(small, SCREEN).right - visibleBox(small, SCREEN).left).toBeLessThan(3 * 8_000)
  expect(zoomAt(far, SCREEN, 1e6, { x: 0, y: 0 }, BOUNDS).scale).toBe(SCALE_MAX)
})

test('a flight begins and ends where it should, and is far out on a long way', () => {
  fc.assert(
    fc.property(view, view, (from, to) => {
      const flight = flightBetween(from, to, SCREEN.width)
      expectView(flight.at(0), from)
      expectView(flight.at(0.999999), to)
      expect(flight.at(1)).toBe(to)
      expect(flight.seconds).toBeGreaterThan(0)
      for (const share of [0.25, 0.5, 0.75]) expect(flight.at(share).scale).toBeGreaterThan(0)
    }),
  )
  const across = flightBetween({ x: -3_000, y: 0, scale: 2 }, { x: 3_000, y: 0, scale: 2 }, SCREEN.width)
  expect(across.at(0.5).scale).toBeLessThan(0.3)
  expect(across.at(0.5).x).toBeCloseTo(0, 3)
})

function expectView(actual: View, expected: View): void {
  const tolerance = 0.02 + 3 / expected.scale
  expect(Math.abs(actual.x - expected.x)).toBeLessThan(tolerance)
  expect(Math.abs(actual.y - expected.y)).toBeLessThan(tolerance)
  expect(Math.abs(actual.scale / expected.scale - 1)).toBeLessThan(0.01)
}

test('movement is gentle at both ends', () => {
  expect([eased(0), eased(0.5), eased(1)]).toEqual([0, 0.5, 1])
  expect(eased(0.1)).toBeLessThan(0.05)
})
