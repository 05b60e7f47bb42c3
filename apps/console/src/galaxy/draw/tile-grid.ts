import type { Box } from '../model/sky.js'

/** Tiles are squares of this many device pixels. */
export const TILE_PX = 512
/** Levels to an octave: a tile is stretched or shrunk by at most 2^(1/4), which is hard to see. */
const LEVELS_PER_OCTAVE = 2

/** A square of the map at a level. Tile (0, 0) begins at the map's origin. */
export interface TileId {
  readonly level: number
  readonly column: number
  readonly row: number
}

/** @param scale device pixels per map unit */
export function levelFor(scale: number): number {
  return Math.round(LEVELS_PER_OCTAVE * Math.log2(scale))
}

/** Device pixels per map unit of a level's tiles. */
export function scaleOf(level: number): number {
  return 2 ** (level / LEVELS_PER_OCTAVE)
}

export function keyOf({ level, column, row }: TileId): string {
  return `${level}/${column}/${row}`
}

export function boxOf({ level, column, row }: TileId): Box {
  const size = TILE_PX / scaleOf(level)
  return { left: column * size, top: row * size, right: (column + 1) * size, bottom: (row + 1) * size }
}

/** The tiles of a level that a box touches and that have something on them, those in its middle first. */
export function tilesIn(level: number, box: Box, bounds: Box): TileId[] {
  const size = TILE_PX / scaleOf(level)
  const left = Math.floor(Math.max(box.left, bounds.left) / size)
  const right = Math.floor(Math.min(box.right, bounds.right) / size)
  const top = Math.floor(Math.max(box.top, bounds.top) / size)
  const bottom = Math.floor(Math.min(box.bottom, bounds.bottom) / size)
  const tiles: TileId[] = []
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) tiles.push({ level, column, row })
  }
  const middleX = (box.left + box.right) / 2 / size - 0.5
  const middleY = (box.top + box.bottom) / 2 / size - 0.5
  const distance = ({ column, row }: TileId) => Math.hypot(column - middleX, row - middleY)
  return tiles.sort((a, b) => distance(a) - distance(b))
}
