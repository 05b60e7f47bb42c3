import { expect, test } from 'vitest'
import { hilbertCode, SPAN } from './hilbert.js'

const EDGE = 16

test.each([
  [0, 0, 0],
  [512, 256, 768],
  [SPAN - EDGE, SPAN - EDGE, SPAN - EDGE],
])('a cube of space at %i, %i, %i is one piece of the curve, which never jumps', (x0, y0, z0) => {
  const cells: { code: number; at: [number, number, number] }[] = []
  for (let x = x0; x < x0 + EDGE; x++) {
    for (let y = y0; y < y0 + EDGE; y++) {
      for (let z = z0; z < z0 + EDGE; z++) cells.push({ code: hilbertCode([x, y, z]), at: [x, y, z] })
    }
  }
  cells.sort((a, b) => a.code - b.code)
  for (const [index, { code, at }] of cells.entries()) {
    const before = cells[index - 1]
    if (before === undefined) continue
    const step = at.reduce((sum, value, axis) => sum + Math.abs(value - (before.at[axis] as number)), 0)
    expect([code - before.code, step]).toEqual([1, 1])
  }
})

test('the curve begins at the origin and fills 30 bits', () => {
  expect(hilbertCode([0, 0, 0])).toBe(0)
  expect(hilbertCode([SPAN - 1, 0, 0])).toBe(2 ** 30 - 1)
})
