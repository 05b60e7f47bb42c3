import { assert, type Prng } from '@terrane/core'
import { distance, type Point } from './layout.js'

/** Share of points that are drawn around a centre; the others fill the space between. */
const CLUSTERED_SHARE = 0.7
/** Spacing of points, as a share of what a regular grid would have. Above 0.75 darts find no room. */
const SPACING_SHARE = 0.55
/** Darts that may miss before the spacing is relaxed. */
const MISSES_MAX = 200
const RELAXATION = 0.97

/**
 * `count` whole-numbered points in a square with a margin, denser around the centres, none closer to
 * another than the spacing: dart throwing (Cook 1986) that relaxes the spacing when it finds no room.
 */
export function scatter(prng: Prng, count: number, size: number, centres: readonly Point[]): Point[] {
  const margin = size * 0.02
  const pitch = size / Math.sqrt(count)
  const spread = centres.length === 0 ? 0 : (0.55 * size) / Math.sqrt(centres.length)
  let spacing = SPACING_SHARE * pitch
  let misses = 0
  const points: Point[] = []
  const buckets = new Buckets(spacing)
  while (points.length < count) {
    const clustered = centres.length > 0 && prng.chance(CLUSTERED_SHARE)
    const point = clustered ? around(prng, prng.pick(centres), spread) : anywhere(prng, margin, size)
    const inside = point.x >= margin && point.y >= margin && point.x <= size - margin && point.y <= size - margin
    if (inside && !buckets.hasWithin(point, spacing)) {
      points.push(point)
      buckets.add(point)
      misses = 0
    } else if (++misses === MISSES_MAX) {
      spacing *= RELAXATION
      misses = 0
    }
    assert(spacing > 1, `no room for ${count} points in a square of ${size}`)
  }
  return points
}

function anywhere(prng: Prng, margin: number, size: number): Point {
  return {
    x: Math.round(margin + prng.float() * (size - 2 * margin)),
    y: Math.round(margin + prng.float() * (size - 2 * margin)),
  }
}

/** Normally distributed by the sum of four uniform numbers: no logarithm, the same on every machine. */
function around(prng: Prng, centre: Point, spread: number): Point {
  const normal = () => (prng.float() + prng.float() + prng.float() + prng.float() - 2) * Math.sqrt(3)
  return { x: Math.round(centre.x + normal() * spread), y: Math.round(centre.y + normal() * spread) }
}

/** Points by square of a grid; only spacings up to the square's edge may be asked for. */
class Buckets {
  readonly #edge: number
  readonly #points = new Map<string, Point[]>()

  constructor(edge: number) {
    this.#edge = edge
  }

  add(point: Point): void {
    const key = `${this.#of(point.x)}:${this.#of(point.y)}`
    const bucket = this.#points.get(key)
    if (bucket === undefined) this.#points.set(key, [point])
    else bucket.push(point)
  }

  hasWithin(point: Point, spacing: number): boolean {
    for (let column = this.#of(point.x) - 1; column <= this.#of(point.x) + 1; column++) {
      for (let row = this.#of(point.y) - 1; row <= this.#of(point.y) + 1; row++) {
        if (this.#points.get(`${column}:${row}`)?.some((other) => distance(other, point) < spacing)) return true
      }
    }
    return false
  }

  #of(coordinate: number): number {
    return Math.floor(coordinate / this.#edge)
  }
}
