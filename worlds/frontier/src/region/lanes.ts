import { distance, type LanePlan, type Point } from './layout.js'

interface Place extends Point {
  readonly id: number
}

/** Neighbours that are considered; a Gabriel graph of evenly spaced points has four on average. */
const NEIGHBOURS = 10
/** Lanes longer than this many times the mean nearest distance exist only to hold the region together. */
const LENGTH_FACTOR_MAX = 3.5

/**
 * Proximity lanes: the Gabriel graph (Gabriel & Sokal 1969: a lane where no third sector lies in the
 * circle over it) without its long edges, then the shortest lanes that make it one piece.
 */
export function proximityLanes(places: readonly Place[]): LanePlan[] {
  const near = places.map((place) => nearest(places, place, NEIGHBOURS))
  const mean = near.reduce((sum, [first]) => sum + (first?.distance ?? 0), 0) / Math.max(1, places.length)
  const pieces = new Pieces(places.length)
  const lanes: LanePlan[] = []
  const connect = (a: number, b: number) => {
    pieces.join(a, b)
    lanes.push({ source: idAt(places, Math.min(a, b)), target: idAt(places, Math.max(a, b)), twoWay: true })
  }
  for (const [a, neighbours] of near.entries()) {
    for (const { index: b, distance: length } of neighbours) {
      const mutual = near[b]?.some(({ index }) => index === a) === true
      if ((mutual && a > b) || length > mean * LENGTH_FACTOR_MAX) continue
      if (isGabriel(places, a, b, neighbours)) connect(a, b)
    }
  }
  bridge(places, pieces, connect)
  return lanes.sort((a, b) => a.source - b.source || a.target - b.target)
}

function nearest(places: readonly Place[], from: Place, count: number): { index: number; distance: number }[] {
  return places
    .map((place, index) => ({ index, distance: distance(place, from) }))
    .filter(({ index }) => places[index] !== from)
    .sort((a, b) => a.distance - b.distance || a.index - b.index)
    .slice(0, count)
}

/** Whoever lies in the circle over a–b is closer to a than b is, so a's neighbours are enough to look at. */
function isGabriel(places: readonly Place[], a: number, b: number, neighbours: readonly { index: number }[]): boolean {
  const [from, to] = [places[a], places[b]]
  if (from === undefined || to === undefined) return false
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }
  const radius = distance(from, to) / 2
  return !neighbours.some(({ index }) => {
    const other = places[index]
    return index !== b && other !== undefined && distance(other, middle) < radius
  })
}

/** Joins the pieces by the shortest lanes between them (Kruskal). */
function bridge(places: readonly Place[], pieces: Pieces, connect: (a: number, b: number) => void): void {
  if (pieces.count <= 1) return
  const pairs: { a: number; b: number; length: number }[] = []
  for (const [a, from] of places.entries()) {
    for (let b = a + 1; b < places.length; b++) {
      const to = places[b]
      if (to !== undefined && !pieces.joined(a, b)) pairs.push({ a, b, length: distance(from, to) })
    }
  }
  pairs.sort((p, q) => p.length - q.length || p.a - q.a || p.b - q.b)
  for (const { a, b } of pairs) if (!pieces.joined(a, b)) connect(a, b)
}

function idAt(places: readonly Place[], index: number): number {
  return places[index]?.id ?? -1
}

/** Union-find. */
class Pieces {
  count: number
  readonly #parent: Int32Array

  constructor(size: number) {
    this.count = size
    this.#parent = Int32Array.from({ length: size }, (_, index) => index)
  }

  joined(a: number, b: number): boolean {
    return this.#root(a) === this.#root(b)
  }

  join(a: number, b: number): void {
    const [from, to] = [this.#root(a), this.#root(b)]
    if (from === to) return
    this.#parent[from] = to
    this.count--
  }

  #root(index: number): number {
    let at = index
    for (;;) {
      const parent = this.#parent[at] ?? at
      if (parent === at) return at
      this.#parent[at] = this.#parent[parent] ?? parent
      at = parent
    }
  }
}
