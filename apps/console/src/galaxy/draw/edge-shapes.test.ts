import { expect, test } from 'vitest'
import { addArrow, bowPoint } from './edge-shapes.js'

/** The corners that a shape adds, its tip first. */
function corners(...args: [number, number, number, number, number, number]): [number, number][] {
  const points: [number, number][] = []
  const take = (x: number, y: number) => points.push([x, y])
  addArrow({ moveTo: take, lineTo: take, closePath: () => {} }, ...args)
  return points
}

test.each([
  ['right', 0, 0, 100, 0],
  ['left', 100, 0, 0, 0],
  ['down', 0, 0, 0, 100],
  ['aslant', 10, 20, -60, 90],
])('an arrow points to where the edge leads: %s', (_, ax, ay, bx, by) => {
  for (const bow of [0, 0.14]) {
    const [tip, ...back] = corners(ax, ay, bx, by, bow, 10) as [[number, number], ...[number, number][]]
    const toEnd = ([x, y]: [number, number]) => Math.hypot(bx - x, by - y)
    expect(back).toHaveLength(2)
    for (const corner of back) expect(toEnd(tip)).toBeLessThan(toEnd(corner))
    expect(toEnd(tip)).toBeLessThan(0.55 * Math.hypot(bx - ax, by - ay))
  }
})

test('an edge without length has no arrow', () => {
  expect(corners(5, 5, 5, 5, 0, 10)).toEqual([])
})

test('a bow bends to the left of the way', () => {
  expect(bowPoint(0, 0, 100, 0, 0.1)).toEqual({ x: 50, y: -10 })
})
