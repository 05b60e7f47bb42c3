/** Bits of each coordinate. Three times as many fit in a whole number that JSON keeps. */
const BITS = 10
/** Coordinates are below this. */
export const SPAN = 1 << BITS

/**
 * The place of a position on the three-dimensional Hilbert curve: sectors that are close on it are close in
 * space, so a range of codes is a compact piece of space. Skilling 2004, "Programming the Hilbert curve".
 * @param position whole numbers from 0 to `SPAN` - 1
 */
export function hilbertCode(position: readonly [number, number, number]): number {
  let [x, y, z] = position
  for (let bit = SPAN >> 1; bit > 1; bit >>= 1) {
    const low = bit - 1
    if (x & bit) x ^= low
    if (y & bit) x ^= low
    else {
      const swap = (x ^ y) & low
      x ^= swap
      y ^= swap
    }
    if (z & bit) x ^= low
    else {
      const swap = (x ^ z) & low
      x ^= swap
      z ^= swap
    }
  }
  // Gray code.
  y ^= x
  z ^= y
  let flip = 0
  for (let bit = SPAN >> 1; bit > 1; bit >>= 1) if (z & bit) flip ^= bit - 1
  x ^= flip
  y ^= flip
  z ^= flip
  let code = 0
  for (let bit = SPAN >> 1; bit > 0; bit >>= 1) {
    code = code * 8 + (x & bit ? 4 : 0) + (y & bit ? 2 : 0) + (z & bit ? 1 : 0)
  }
  return code
}
