import type { View } from './view.js'

/** How much a flight zooms out on its way; the value that people liked best in the paper below. */
const RHO = 1.42
/** Path lengths per second. */
const SPEED = 2.6
const SECONDS_MIN = 0.35
const SECONDS_MAX = 2.2
/** Distances, in widths of the view, below which a flight only zooms. */
const NEAR = 1e-4

export interface Flight {
  readonly seconds: number
  /** @param share of the way, 0 to 1 */
  at(share: number): View
}

/**
 * The way from one view to another that looks shortest: out, over, and in again. Van Wijk & Nuij 2003, "Smooth
 * and efficient zooming and panning", equations 9 and 10.
 * @param width of the screen, CSS pixels
 */
export function flightBetween(from: View, to: View, width: number): Flight {
  const w0 = width / from.scale
  const w1 = width / to.scale
  const distance = Math.hypot(to.x - from.x, to.y - from.y)
  if (distance < NEAR * Math.min(w0, w1)) return zoomOnly(from, to, Math.abs(Math.log(w1 / w0)) / RHO)
  const r = (w: number, sign: number) => {
    const b = (w1 ** 2 - w0 ** 2 + sign * RHO ** 4 * distance ** 2) / (2 * w * RHO ** 2 * distance)
    // ln(√(b² + 1) - b) without the cancellation for large b.
    return -Math.asinh(b)
  }
  const r0 = r(w0, 1)
  const length = (r(w1, -1) - r0) / RHO
  return {
    seconds: secondsFor(length),
    at(share) {
      if (share >= 1) return to
      const s = share * length
      const u = (w0 / RHO ** 2) * (Math.cosh(r0) * Math.tanh(RHO * s + r0) - Math.sinh(r0))
      const w = (w0 * Math.cosh(r0)) / Math.cosh(RHO * s + r0)
      const part = u / distance
      return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part, scale: width / w }
    },
  }
}

function zoomOnly(from: View, to: View, length: number): Flight {
  return {
    seconds: secondsFor(length),
    at: (share) =>
      share >= 1
        ? to
        : {
            x: from.x + (to.x - from.x) * share,
            y: from.y + (to.y - from.y) * share,
            scale: from.scale * (to.scale / from.scale) ** share,
          },
  }
}

function secondsFor(length: number): number {
  return Math.min(SECONDS_MAX, Math.max(SECONDS_MIN, Math.abs(length) / SPEED))
}

/** Gentle at both ends. */
export function eased(share: number): number {
  return share < 0.5 ? 4 * share ** 3 : 1 - (2 - 2 * share) ** 3 / 2
}
