// Positions as codes along a Hilbert curve: Skilling, "Programming the Hilbert curve", AIP Conf. Proc. 707, 2004.
// Codes that are close belong to places that are close, so a range of codes is a compact piece of space.
import { assert } from '@terrane/core'

export const AXIS_BITS = 10
/** Codes are integers from 0 to 2³⁰-1. */
export const CODE_MAX = 2 ** (3 * AXIS_BITS) - 1

export interface Position {
  readonly x: number
  readonly y: number
  readonly z: number
}

/** A box: `min` is inside, `max` is not, though what lies outside belongs to the nearest cell inside. */
export interface Bounds {
  readonly min: Position
  readonly max: Position
}

/** The code of the cell that a position is in: `bounds` is cut into 1024 cells along each axis. */
export function hilbertOf(position: Position, { min, max }: Bounds): number {
  return hilbertEncode(
    cellOf(position.x, min.x, max.x),
    cellOf(position.y, min.y, max.y),
    cellOf(position.z, min.z, max.z),
  )
}

/** The code of a cell; coordinates are integers below 2^bits, codes below 2^(3·bits). */
export function hilbertEncode(x: number, y: number, z: number, bits = AXIS_BITS): number {
  assertBits(bits)
  const size = 1 << bits
  assert(isCell(x, size) && isCell(y, size) && isCell(z, size), `no cell of ${size}³: ${x}, ${y}, ${z}`)
  let a = x
  let b = y
  let c = z
  // From large cubes to small: turn each into the position that the curve starts from.
  for (let bit = size >> 1; bit > 1; bit >>= 1) {
    const low = bit - 1
    if (a & bit) a ^= low
    if (b & bit) a ^= low
    else {
      const swap = (a ^ b) & low
      a ^= swap
      b ^= swap
    }
    if (c & bit) a ^= low
    else {
      const swap = (a ^ c) & low
      a ^= swap
      c ^= swap
    }
  }
  // Gray code, over all bits of all axes.
  b ^= a
  c ^= b
  let flips = 0
  for (let bit = size >> 1; bit > 1; bit >>= 1) if (c & bit) flips ^= bit - 1
  return (spread(a ^ flips) << 2) | (spread(b ^ flips) << 1) | spread(c ^ flips)
}

/** The cell with this code. */
export function hilbertDecode(code: number, bits = AXIS_BITS): Position {
  assertBits(bits)
  const size = 1 << bits
  assert(Number.isInteger(code) && code >= 0 && code < size ** 3, `no code of ${3 * bits} bits: ${code}`)
  let a = gather(code >> 2)
  let b = gather(code >> 1)
  let c = gather(code)
  const last = c >> 1
  c ^= b
  b ^= a
  a ^= last
  for (let bit = 2; bit < size; bit <<= 1) {
    const low = bit - 1
    if (c & bit) a ^= low
    else {
      const swap = (a ^ c) & low
      a ^= swap
      c ^= swap
    }
    if (b & bit) a ^= low
    else {
      const swap = (a ^ b) & low
      a ^= swap
      b ^= swap
    }
    if (a & bit) a ^= low
  }
  return { x: a, y: b, z: c }
}

function cellOf(value: number, min: number, max: number): number {
  assert(Number.isFinite(value), `a coordinate is ${value}`)
  assert(min < max, `bounds are empty: ${min} to ${max}`)
  const cells = 1 << AXIS_BITS
  return Math.min(cells - 1, Math.max(0, Math.floor(((value - min) / (max - min)) * cells)))
}

function isCell(value: number, size: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < size
}

function assertBits(bits: number): void {
  assert(Number.isInteger(bits) && bits >= 1 && bits <= AXIS_BITS, `1 to ${AXIS_BITS} bits per axis, not ${bits}`)
}

/** Ten bits with two zero bits behind each. */
function spread(value: number): number {
  let v = value
  v = (v | (v << 16)) & 0x030000ff
  v = (v | (v << 8)) & 0x0300f00f
  v = (v | (v << 4)) & 0x030c30c3
  return (v | (v << 2)) & 0x09249249
}

/** Every third bit, from the lowest: the inverse of `spread`. */
function gather(value: number): number {
  let v = value & 0x09249249
  v = (v | (v >> 2)) & 0x030c30c3
  v = (v | (v >> 4)) & 0x0300f00f
  v = (v | (v >> 8)) & 0x030000ff
  return (v | (v >> 16)) & 0x3ff
}
