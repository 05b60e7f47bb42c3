import type { Box, Sky } from './sky.js'

/** Edge of a cell, map units: a few sectors to a cell. */
const CELL = 64
/** Edges up to this length are filed by their middle; the few longer ones are looked at one by one. */
const SHORT = 4 * CELL

/** Finds sectors and edges by where they are. */
export class SkyIndex {
  readonly #sky: Sky
  readonly #sectors: Grid
  readonly #short: Grid
  readonly #long: readonly number[]

  constructor(sky: Sky) {
    this.#sky = sky
    const { x, y, from, to } = sky
    this.#sectors = new Grid(Array.from(x), Array.from(y))
    const middleX: number[] = []
    const middleY: number[] = []
    const short: number[] = []
    const long: number[] = []
    for (let edge = 0; edge < from.length; edge++) {
      const [a, b] = [from[edge] as number, to[edge] as number]
      const [ax, ay, bx, by] = [x[a] as number, y[a] as number, x[b] as number, y[b] as number]
      if (Math.hypot(ax - bx, ay - by) > SHORT) long.push(edge)
      else {
        short.push(edge)
        middleX.push((ax + bx) / 2)
        middleY.push((ay + by) / 2)
      }
    }
    this.#short = new Grid(middleX, middleY, short)
    this.#long = long
  }

  /** Indexes of the sectors within a box. */
  sectorsIn(box: Box): number[] {
    const { x, y } = this.#sky
    return this.#sectors.around(box).filter((sector) => isWithin(box, x[sector] as number, y[sector] as number))
  }

  /** Edges that may cross a box: all that do, and some that pass it by. */
  edgesNear(box: Box): number[] {
    const half = SHORT / 2
    const wide = { left: box.left - half, top: box.top - half, right: box.right + half, bottom: box.bottom + half }
    return [...this.#short.around(wide), ...this.#long].filter((edge) => this.#touches(edge, box))
  }

  /** The sector nearest to a point, within reach. */
  nearest(x: number, y: number, reach: number): number | undefined {
    let found: number | undefined
    let least = reach
    for (const sector of this.#sectors.around({
      left: x - reach,
      top: y - reach,
      right: x + reach,
      bottom: y + reach,
    })) {
      const distance = Math.hypot((this.#sky.x[sector] as number) - x, (this.#sky.y[sector] as number) - y)
      if (distance > least) continue
      least = distance
      found = sector
    }
    return found
  }

  /** By their bounding boxes, with room for a tunnel's bow. */
  #touches(edge: number, { left, top, right, bottom }: Box): boolean {
    const { x, y, from, to } = this.#sky
    const [a, b] = [from[edge] as number, to[edge] as number]
    const [ax, ay, bx, by] = [x[a] as number, y[a] as number, x[b] as number, y[b] as number]
    const bow = BOW * Math.hypot(ax - bx, ay - by)
    return (
      Math.min(ax, bx) - bow <= right &&
      Math.max(ax, bx) + bow >= left &&
      Math.min(ay, by) - bow <= bottom &&
      Math.max(ay, by) + bow >= top
    )
  }
}

/** How far a tunnel's line bends from the straight one, as a share of its length. */
export const BOW = 0.14

function isWithin({ left, top, right, bottom }: Box, x: number, y: number): boolean {
  return x >= left && x <= right && y >= top && y <= bottom
}

/** Items in cells, one array for all: those of cell c are at `starts[c]` to `starts[c + 1]`. */
class Grid {
  readonly #left: number
  readonly #top: number
  readonly #columns: number
  readonly #rows: number
  readonly #starts: Uint32Array
  readonly #items: Uint32Array

  /** @param names of the items; default: their indexes */
  constructor(x: readonly number[], y: readonly number[], names?: readonly number[]) {
    const [left, right] = extremesOf(x)
    const [top, bottom] = extremesOf(y)
    this.#left = left
    this.#top = top
    this.#columns = Math.floor((right - left) / CELL) + 1
    this.#rows = Math.floor((bottom - top) / CELL) + 1
    const cells = x.map((each, i) => this.#column(each) + this.#columns * this.#row(y[i] as number))
    this.#starts = new Uint32Array(this.#columns * this.#rows + 1)
    for (const cell of cells) this.#starts[cell + 1] = (this.#starts[cell + 1] as number) + 1
    for (let cell = 1; cell < this.#starts.length; cell++) {
      this.#starts[cell] = (this.#starts[cell] as number) + (this.#starts[cell - 1] as number)
    }
    const next = this.#starts.slice()
    this.#items = new Uint32Array(cells.length)
    for (const [i, cell] of cells.entries()) {
      const at = next[cell] as number
      this.#items[at] = names?.[i] ?? i
      next[cell] = at + 1
    }
  }

  /** Items of all cells that a box touches. */
  around({ left, top, right, bottom }: Box): number[] {
    const found: number[] = []
    if (this.#items.length === 0) return found
    const lastColumn = Math.min(this.#columns - 1, this.#column(right))
    const lastRow = Math.min(this.#rows - 1, this.#row(bottom))
    for (let row = Math.max(0, this.#row(top)); row <= lastRow; row++) {
      for (let column = Math.max(0, this.#column(left)); column <= lastColumn; column++) {
        const cell = column + this.#columns * row
        for (let i = this.#starts[cell] as number; i < (this.#starts[cell + 1] as number); i++) {
          found.push(this.#items[i] as number)
        }
      }
    }
    return found
  }

  #column(x: number): number {
    return Math.floor((x - this.#left) / CELL)
  }

  #row(y: number): number {
    return Math.floor((y - this.#top) / CELL)
  }
}

function extremesOf(values: readonly number[]): [least: number, most: number] {
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (value < least) least = value
    if (value > most) most = value
  }
  return values.length === 0 ? [0, 0] : [least, most]
}
