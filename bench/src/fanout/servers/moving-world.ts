import { Prng } from '@terrane/core'
import type { WorldWorkload } from '../contract.js'

const SIDE = 1000
/** Units per second; the radius is about 58, so an entity needs some 20 s to cross a view. */
const SPEED = 5

/**
 * The open world's content: entities that move straight ahead in a square and turn at its edges, the
 * same for the same seed, and a grid to find neighbours with. Contenders use it as their game's
 * simulation; the harness uses it to compute what an ideal server would have sent.
 */
export class MovingWorld {
  readonly entities: number
  readonly radius: number
  readonly x: Float32Array
  readonly y: Float32Array
  readonly #dx: Float32Array
  readonly #dy: Float32Array
  /** Grid squares are as wide as the radius, so a view touches at most nine. */
  readonly #columns: number
  readonly #square: number
  readonly #first: Int32Array
  readonly #members: Int32Array

  constructor(workload: WorldWorkload) {
    const { entities, hz, seed } = workload
    const random = new Prng(seed)
    this.entities = entities
    this.radius = radiusFor(workload.visible / entities) * SIDE
    this.#columns = Math.max(1, Math.floor(SIDE / this.radius))
    this.#square = SIDE / this.#columns
    this.#first = new Int32Array(this.#columns * this.#columns + 1)
    this.#members = new Int32Array(entities)
    this.x = Float32Array.from({ length: entities }, () => random.float() * SIDE)
    this.y = Float32Array.from({ length: entities }, () => random.float() * SIDE)
    const angles = Float32Array.from({ length: entities }, () => random.float() * 2 * Math.PI)
    this.#dx = angles.map((angle) => (Math.cos(angle) * SPEED) / hz)
    this.#dy = angles.map((angle) => (Math.sin(angle) * SPEED) / hz)
    this.#fillGrid()
  }

  /** One tick: every entity moves. */
  step(): void {
    move(this.x, this.#dx)
    move(this.y, this.#dy)
    this.#fillGrid()
  }

  /** Writes the entities within the radius of entity `centre`, itself among them, and returns how many. */
  visible(centre: number, out: Int32Array): number {
    const { x, y, radius } = this
    const cx = x[centre] ?? 0
    const cy = y[centre] ?? 0
    const reach = radius * radius
    const left = this.#column(cx - radius)
    const right = this.#column(cx + radius)
    const bottom = this.#column(cy + radius)
    let count = 0
    for (let row = this.#column(cy - radius); row <= bottom; row++) {
      const end = this.#first[row * this.#columns + right + 1] ?? 0
      for (let i = this.#first[row * this.#columns + left] ?? 0; i < end; i++) {
        const id = this.#members[i] ?? 0
        const ex = (x[id] ?? 0) - cx
        const ey = (y[id] ?? 0) - cy
        if (ex * ex + ey * ey <= reach) out[count++] = id
      }
    }
    return count
  }

  #column(position: number): number {
    return Math.max(0, Math.min(this.#columns - 1, Math.floor(position / this.#square)))
  }

  /** Counting sort of the entities by square: `#first[s]` is where square s begins in `#members`. */
  #fillGrid(): void {
    const first = this.#first
    first.fill(0)
    const square = (id: number): number => this.#column(this.y[id] ?? 0) * this.#columns + this.#column(this.x[id] ?? 0)
    for (let id = 0; id < this.entities; id++) {
      const s = square(id)
      first[s] = (first[s] ?? 0) + 1
    }
    let end = 0
    for (let s = 0; s < first.length; s++) {
      end += first[s] ?? 0
      first[s] = end
    }
    for (let id = this.entities - 1; id >= 0; id--) {
      const s = square(id)
      const at = (first[s] ?? 0) - 1
      first[s] = at
      this.#members[at] = id
    }
  }
}

function move(position: Float32Array, delta: Float32Array): void {
  for (let id = 0; id < position.length; id++) {
    const at = (position[id] ?? 0) + (delta[id] ?? 0)
    if (at < 0 || at > SIDE) delta[id] = -(delta[id] ?? 0)
    position[id] = Math.max(0, Math.min(SIDE, at))
  }
}

/**
 * Radius in a unit square within which, from a random place, lies the given fraction of it. Discs
 * reach over the edges: the mean area inside is πr² − 8r³/3 + r⁴/2 (the distribution of the distance
 * of two random points in a square, for r ≤ 1).
 */
export function radiusFor(fraction: number): number {
  let low = 0
  let high = 1
  for (let i = 0; i < 50; i++) {
    const r = (low + high) / 2
    if (Math.PI * r * r - (8 / 3) * r ** 3 + r ** 4 / 2 < fraction) low = r
    else high = r
  }
  return high
}

/** What one client sees, and what changes from tick to tick. */
export class View {
  readonly #centre: number
  #seen = new Int32Array(0)

  constructor(centre: number) {
    this.#centre = centre
  }

  get size(): number {
    return this.#seen.length
  }

  update(world: MovingWorld, scratch: ViewScratch, entered: (id: number) => void, left: (id: number) => void): void {
    const count = world.visible(this.#centre, scratch.found)
    const seen = scratch.found.slice(0, count)
    const before = scratch.nextMark()
    for (const id of this.#seen) scratch.marks[id] = before
    const now = scratch.nextMark()
    for (const id of seen) {
      if (scratch.marks[id] !== before) entered(id)
      scratch.marks[id] = now
    }
    for (const id of this.#seen) if (scratch.marks[id] !== now) left(id)
    this.#seen = seen
  }
}

/** Memory that views share, because they are updated one after the other. */
export class ViewScratch {
  readonly found: Int32Array
  readonly marks: Float64Array
  #mark = 0

  constructor(entities: number) {
    this.found = new Int32Array(entities)
    this.marks = new Float64Array(entities)
  }

  nextMark(): number {
    return ++this.#mark
  }
}
