import { REGION_SIZE } from './bounds.js'
import type { Tables } from './kinds.js'
import type { Point } from './region/layout.js'

/** Edge of a lookup square: about the distance of neighbouring sectors, so a search reads some nine squares. */
const TILE_SIZE = 4_000
const TILES = Math.ceil((REGION_SIZE + 1) / TILE_SIZE)

/** Ships that fly look for their sector again after about this far. */
const SECTOR_CHECK_UNITS = 1_000

export function tileOf(point: Point): number {
  return Math.floor(point.y / TILE_SIZE) * TILES + Math.floor(point.x / TILE_SIZE)
}

/** Number of the sector whose position is nearest: rings of squares outwards, until no closer one can follow. */
export function sectorAt(tables: Pick<Tables, 'sectors'>, point: Point): number {
  const column = Math.floor(point.x / TILE_SIZE)
  const row = Math.floor(point.y / TILE_SIZE)
  let best = 0
  let bestSquared = Number.POSITIVE_INFINITY
  for (let ring = 0; ring < TILES; ring++) {
    // The squares of this ring are at least `ring - 1` whole edges away, wherever in its square the point is.
    const reach = Math.max(0, ring - 1) * TILE_SIZE
    if (reach * reach > bestSquared) break
    for (let y = row - ring; y <= row + ring; y++) {
      if (y < 0 || y >= TILES) continue
      const step = y === row - ring || y === row + ring ? 1 : 2 * ring
      for (let x = column - ring; x <= column + ring; x += Math.max(1, step)) {
        if (x < 0 || x >= TILES) continue
        for (const sector of tables.sectors.by.tile.list(y * TILES + x)) {
          const squared = (sector.x - point.x) ** 2 + (sector.y - point.y) ** 2
          if (squared < bestSquared) {
            best = sector.id
            bestSquared = squared
          }
        }
      }
    }
  }
  return best
}

/** Whether a flight from one point to the other is far enough for a new look. */
export function crossesCheckLine(from: Point, to: Point): boolean {
  return (
    Math.floor(from.x / SECTOR_CHECK_UNITS) !== Math.floor(to.x / SECTOR_CHECK_UNITS) ||
    Math.floor(from.y / SECTOR_CHECK_UNITS) !== Math.floor(to.y / SECTOR_CHECK_UNITS)
  )
}
