import type { CellMap } from './cells.js'

/**
 * The grid cells that a circle touches, as one span of columns per row: cells of a row have
 * consecutive ids, so a span is also one slice of a publication's buffer.
 */
export class Area {
  /** First row. */
  readonly bottom: number
  /** First and last column of each row from `bottom` on; empty where left > right. */
  readonly left: Int32Array
  readonly right: Int32Array

  constructor(bottom: number, left: Int32Array, right: Int32Array) {
    this.bottom = bottom
    this.left = left
    this.right = right
  }

  static readonly EMPTY = new Area(0, new Int32Array(0), new Int32Array(0))

  /** Exact: a cell belongs to it when some point of the cell is within the radius. */
  static around(cells: CellMap, x: number, y: number, radius: number): Area {
    const edge = cells.edge
    const bottom = cells.lane(y - radius)
    const rows = cells.lane(y + radius) - bottom + 1
    const left = new Int32Array(rows)
    const right = new Int32Array(rows)
    const centre = cells.lane(y)
    const base = edge * Math.floor(y / edge)
    for (let i = 0; i < rows; i++) {
      const row = bottom + i
      // Distance from the centre's line to the nearest edge of this row of cells.
      const dy =
        row === centre ? 0 : row > centre ? base + (row - centre) * edge - y : y - (base - (centre - row - 1) * edge)
      const half = Math.sqrt(Math.max(0, radius * radius - dy * dy))
      left[i] = cells.lane(x - half)
      right[i] = cells.lane(x + half)
    }
    return new Area(bottom, left, right)
  }

  get rows(): number {
    return this.left.length
  }

  leftAt(row: number): number {
    const i = row - this.bottom
    return i >= 0 && i < this.left.length ? (this.left[i] as number) : 1
  }

  rightAt(row: number): number {
    const i = row - this.bottom
    return i >= 0 && i < this.right.length ? (this.right[i] as number) : 0
  }

  has(column: number, row: number): boolean {
    return column >= this.leftAt(row) && column <= this.rightAt(row)
  }

  equals(other: Area): boolean {
    if (this.bottom !== other.bottom || this.left.length !== other.left.length) return false
    for (let i = 0; i < this.left.length; i++) {
      if (this.left[i] !== other.left[i] || this.right[i] !== other.right[i]) return false
    }
    return true
  }

  /** Calls `visit(column, row)` for every cell of this area that `other` lacks. */
  eachBeyond(other: Area, visit: (column: number, row: number) => void): void {
    for (let i = 0; i < this.left.length; i++) {
      const row = this.bottom + i
      const skipFrom = other.leftAt(row)
      const skipTo = other.rightAt(row)
      for (let column = this.left[i] as number; column <= (this.right[i] as number); column++) {
        if (column >= skipFrom && column <= skipTo) column = skipTo
        else visit(column, row)
      }
    }
  }
}
