import type { Sky } from '../model/sky.js'
import { SkyIndex } from '../model/sky-index.js'
import type { Layers } from './layers.js'
import { TILE_PX, type TileId } from './tile-grid.js'
import { type TileCounts, TilePainter } from './tile-painter.js'

/** First the sky, once; then tiles, one by one. */
export type TileRequest =
  | { readonly sky: Sky }
  | { readonly tile: TileId; readonly layers: Layers; readonly pixelRatio: number; readonly edition: number }

export interface PaintedTile {
  readonly tile: TileId
  readonly edition: number
  readonly bitmap: ImageBitmap
  readonly counts: TileCounts
}

let painter: TilePainter | undefined
const canvas = new OffscreenCanvas(TILE_PX, TILE_PX)
const context = canvas.getContext('2d', { alpha: false })

self.onmessage = ({ data }: MessageEvent<TileRequest>) => {
  if ('sky' in data) {
    painter = new TilePainter(data.sky, new SkyIndex(data.sky))
    return
  }
  if (painter === undefined || context === null) throw new Error('a tile was asked for before there was a sky')
  const { tile, layers, pixelRatio, edition } = data
  const counts = painter.paint(context, tile, layers, pixelRatio)
  const bitmap = canvas.transferToImageBitmap()
  const painted: PaintedTile = { tile, edition, bitmap, counts }
  self.postMessage(painted, { transfer: [bitmap] })
}
