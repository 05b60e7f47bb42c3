/** Coordinates of sectors, by number. */
export interface Places {
  readonly x: Int32Array
  readonly y: Int32Array
  readonly z: Int32Array
}

export interface Neighbour {
  readonly sector: number
  /** Squared: whole numbers compare the same on every machine. */
  readonly distance2: number
}

export function distance2({ x, y, z }: Places, a: number, b: number): number {
  const dx = (x[a] as number) - (x[b] as number)
  const dy = (y[a] as number) - (y[b] as number)
  const dz = (z[a] as number) - (z[b] as number)
  return dx * dx + dy * dy + dz * dz
}

/**
 * Sectors by square column of space, for nearest neighbours. Regions are flat, so two dimensions sort them
 * well enough.
 */
export class SpatialGrid {
  readonly #places: Places
  readonly #edge: number
  readonly #columns: number
  readonly #cells: number[][]

  /** @param edge of a column; best when a column holds a few sectors */
  constructor(places: Places, span: number, edge: number) {
    this.#places = places
    this.#edge = edge
    this.#columns = Math.ceil(span / edge)
    this.#cells = Array.from({ length: this.#columns * this.#columns }, () => [])
  }

  add(sector: number): void {
    this.#cell(this.#column(this.#places.x[sector]), this.#column(this.#places.y[sector]))?.push(sector)
  }

  /** The `count` nearest sectors that are accepted, nearest first; of equally near ones the smaller number. */
  nearest(from: number, count: number, accepts: (sector: number) => boolean = () => true): Neighbour[] {
    const found: Neighbour[] = []
    for (let ring = 0; ring <= this.#columns; ring++) {
      // Whatever lies in this ring or farther is at least this far away.
      const reach = Math.max(0, ring - 1) * this.#edge
      const last = found[count - 1]
      if (last !== undefined && last.distance2 <= reach * reach) break
      this.#visit(from, ring, (sector) => {
        if (sector !== from && accepts(sector)) found.push({ sector, distance2: distance2(this.#places, from, sector) })
      })
      found.sort((a, b) => a.distance2 - b.distance2 || a.sector - b.sector)
    }
    return found.slice(0, count)
  }

  /** Whether a sector is closer than the distance. */
  hasWithin(from: number, distance: number): boolean {
    const rings = Math.ceil(distance / this.#edge)
    let isFound = false
    for (let ring = 0; ring <= rings && !isFound; ring++) {
      this.#visit(from, ring, (sector) => {
        isFound ||= distance2(this.#places, from, sector) < distance * distance
      })
    }
    return isFound
  }

  /** Visits the sectors of the columns that are `ring` columns away. */
  #visit(from: number, ring: number, visit: (sector: number) => void): void {
    const column = this.#column(this.#places.x[from])
    const row = this.#column(this.#places.y[from])
    for (let dy = -ring; dy <= ring; dy++) {
      const step = Math.abs(dy) === ring ? 1 : Math.max(1, 2 * ring)
      for (let dx = -ring; dx <= ring; dx += step) this.#cell(column + dx, row + dy)?.forEach(visit)
    }
  }

  #column(coordinate: number | undefined): number {
    return Math.floor((coordinate ?? 0) / this.#edge)
  }

  #cell(column: number, row: number): number[] | undefined {
    const isInside = column >= 0 && row >= 0 && column < this.#columns && row < this.#columns
    return isInside ? this.#cells[row * this.#columns + column] : undefined
  }
}
