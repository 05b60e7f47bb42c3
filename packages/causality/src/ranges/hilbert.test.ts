import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CODE_MAX, hilbertDecode, hilbertEncode, hilbertOf } from './hilbert.js'

type Cell = readonly [x: number, y: number, z: number]

/**
 * The curve by construction, without a bit operation: one of order n is eight of order n-1. For each, in the order
 * of the curve: its corner, and how the smaller curve is turned and mirrored there (`m` is its largest coordinate).
 */
const EIGHTHS: readonly [corner: Cell, turn: (x: number, y: number, z: number, m: number) => Cell][] = [
  [[0, 0, 0], (x, y, z) => [y, z, x]],
  [[0, 0, 1], (x, y, z) => [y, x, z]],
  [[0, 1, 1], (x, y, z) => [x, y, z]],
  [[0, 1, 0], (x, y, z, m) => [m - z, y, m - x]],
  [[1, 1, 0], (x, y, z) => [z, y, x]],
  [[1, 1, 1], (x, y, z) => [x, y, z]],
  [[1, 0, 1], (x, y, z, m) => [m - y, m - x, z]],
  [[1, 0, 0], (x, y, z, m) => [m - y, z, m - x]],
]

function curve(order: number): Cell[] {
  if (order === 0) return [[0, 0, 0]]
  const half = 2 ** (order - 1)
  const smaller = curve(order - 1)
  return EIGHTHS.flatMap(([[cx, cy, cz], turn]) =>
    smaller.map(([x, y, z]): Cell => {
      const [tx, ty, tz] = turn(x, y, z, half - 1)
      return [tx + cx * half, ty + cy * half, tz + cz * half]
    }),
  )
}

/** The cell of one code of the same construction, at any order. */
function cellAt(code: number, order: number): Cell {
  if (order === 0) return [0, 0, 0]
  const half = 2 ** (order - 1)
  const [[cx, cy, cz], turn] = EIGHTHS[Math.floor(code / half ** 3)] as (typeof EIGHTHS)[number]
  const [tx, ty, tz] = turn(...cellAt(code % half ** 3, order - 1), half - 1)
  return [tx + cx * half, ty + cy * half, tz + cz * half]
}

const code = fc.nat(CODE_MAX)
const cell = fc.nat(1023)

describe('the curve', () => {
  it.each([1, 2, 3, 4])('of order %i visits every cell once, each beside the one before', (bits) => {
    const seen = new Set<string>()
    let before: { x: number; y: number; z: number } | undefined
    for (let each = 0; each < 8 ** bits; each++) {
      const { x, y, z } = hilbertDecode(each, bits)
      expect(hilbertEncode(x, y, z, bits)).toBe(each)
      seen.add(`${x} ${y} ${z}`)
      if (before !== undefined) {
        expect(Math.abs(x - before.x) + Math.abs(y - before.y) + Math.abs(z - before.z)).toBe(1)
      }
      before = { x, y, z }
    }
    expect(seen.size).toBe(8 ** bits)
  })

  it.each([1, 2, 3, 4])('of order %i is the one built from eight smaller ones', (bits) => {
    curve(bits).forEach(([x, y, z], each) => {
      expect(hilbertDecode(each, bits)).toEqual({ x, y, z })
    })
  })

  it('is the same at full order', () => {
    fc.assert(
      fc.property(code, (each) => {
        const [x, y, z] = cellAt(each, 10)
        expect(hilbertDecode(each)).toEqual({ x, y, z })
      }),
    )
  })

  it("gives the figure of Skilling's own example", () => {
    expect(hilbertEncode(5, 10, 20, 5)).toBe(7865)
  })

  it('is a bijection of 30-bit codes whose neighbours touch', () => {
    fc.assert(
      fc.property(code, (each) => {
        const a = hilbertDecode(each)
        expect(hilbertEncode(a.x, a.y, a.z)).toBe(each)
        if (each === CODE_MAX) return
        const b = hilbertDecode(each + 1)
        expect(Math.abs(a.x - b.x) + Math.abs(a.y - b.y) + Math.abs(a.z - b.z)).toBe(1)
      }),
    )
    fc.assert(
      fc.property(cell, cell, cell, (x, y, z) => {
        expect(hilbertDecode(hilbertEncode(x, y, z))).toEqual({ x, y, z })
      }),
    )
  })

  it('refuses what is no cell or code', () => {
    expect(() => hilbertEncode(1024, 0, 0)).toThrow('no cell')
    expect(() => hilbertEncode(0, 0.5, 0)).toThrow('no cell')
    expect(() => hilbertDecode(CODE_MAX + 1)).toThrow('no code')
    expect(() => hilbertDecode(-1)).toThrow('no code')
    expect(() => hilbertEncode(0, 0, 0, 11)).toThrow('bits per axis')
  })
})

describe('positions', () => {
  const bounds = { min: { x: -512, y: -5120, z: 0 }, max: { x: 512, y: 5120, z: 102.4 } }

  it('have the code of their cell', () => {
    fc.assert(
      fc.property(cell, cell, cell, (x, y, z) => {
        const centre = { x: x - 511.5, y: (y - 511.5) * 10, z: (z + 0.5) / 10 }
        expect(hilbertOf(centre, bounds)).toBe(hilbertEncode(x, y, z))
      }),
    )
  })

  it('outside belong to the nearest cell inside', () => {
    expect(hilbertOf({ x: -1e9, y: 5120, z: 1e9 }, bounds)).toBe(hilbertEncode(0, 1023, 1023))
    expect(hilbertOf(bounds.min, bounds)).toBe(hilbertEncode(0, 0, 0))
  })

  it('must be finite, in bounds that hold something', () => {
    expect(() => hilbertOf({ x: Number.NaN, y: 0, z: 0 }, bounds)).toThrow('coordinate')
    expect(() => hilbertOf(bounds.min, { min: bounds.max, max: bounds.min })).toThrow('empty')
  })
})
