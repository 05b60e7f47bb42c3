import type { Sky } from '../model/sky.js'
import type { Layers } from './layers.js'
import { keyOf, type TileId } from './tile-grid.js'
import type { TileCounts } from './tile-painter.js'
import type { PaintedTile, TileRequest } from './tile-worker.js'

/** Two: the worker finds the next one when it is done, and what is no longer wanted has not been asked for. */
const IN_FLIGHT_MAX = 2
/** A megabyte each. */
const TILES_MAX = 128

export interface StoredTile {
  readonly tile: TileId
  readonly bitmap: ImageBitmap
  readonly counts: TileCounts
  readonly edition: number
}

/** Tiles as bitmaps, painted in a worker, the least recently used thrown away first. */
export class TileStore {
  readonly #worker: Worker
  readonly #onTile: () => void
  readonly #tiles = new Map<string, StoredTile>()
  readonly #inFlight = new Set<string>()
  #wanted: readonly TileId[] = []
  #layers: Layers
  #pixelRatio: number
  /** Goes up when what is painted would look different. Older tiles stay until newer ones are there. */
  #edition = 0

  constructor(sky: Sky, layers: Layers, pixelRatio: number, onTile: () => void) {
    this.#worker = new Worker(new URL('./tile-worker.ts', import.meta.url), { type: 'module', name: 'galaxy-tiles' })
    this.#layers = layers
    this.#pixelRatio = pixelRatio
    this.#onTile = onTile
    this.#worker.onmessage = ({ data }: MessageEvent<PaintedTile>) => this.#take(data)
    this.#post({ sky })
  }

  close(): void {
    this.#worker.terminate()
    for (const { bitmap } of this.#tiles.values()) bitmap.close()
    this.#tiles.clear()
  }

  change(layers: Layers, pixelRatio: number): void {
    if (layers === this.#layers && pixelRatio === this.#pixelRatio) return
    this.#layers = layers
    this.#pixelRatio = pixelRatio
    this.#edition++
  }

  /** A tile as it was painted last, maybe before the layers changed. */
  get(id: TileId): StoredTile | undefined {
    const key = keyOf(id)
    const tile = this.#tiles.get(key)
    if (tile === undefined) return undefined
    this.#tiles.delete(key)
    this.#tiles.set(key, tile)
    return tile
  }

  /** What is to be painted, the most urgent first; it replaces what was wanted before. True when nothing is missing. */
  want(tiles: readonly TileId[]): boolean {
    this.#wanted = tiles.filter((tile) => this.#tiles.get(keyOf(tile))?.edition !== this.#edition)
    this.#ask()
    return this.#wanted.length === 0
  }

  #ask(): void {
    for (const tile of this.#wanted) {
      if (this.#inFlight.size >= IN_FLIGHT_MAX) return
      const key = `${this.#edition}:${keyOf(tile)}`
      if (this.#inFlight.has(key)) continue
      this.#inFlight.add(key)
      this.#post({ tile, layers: this.#layers, pixelRatio: this.#pixelRatio, edition: this.#edition })
    }
  }

  #take({ tile, edition, bitmap, counts }: PaintedTile): void {
    const key = keyOf(tile)
    this.#inFlight.delete(`${edition}:${key}`)
    this.#tiles.get(key)?.bitmap.close()
    this.#tiles.delete(key)
    this.#tiles.set(key, { tile, bitmap, counts, edition })
    for (const [oldest, { bitmap: unused }] of this.#tiles) {
      if (this.#tiles.size <= TILES_MAX) break
      unused.close()
      this.#tiles.delete(oldest)
    }
    this.#wanted = this.#wanted.filter((each) => keyOf(each) !== key || edition !== this.#edition)
    this.#ask()
    this.#onTile()
  }

  #post(request: TileRequest): void {
    this.#worker.postMessage(request)
  }
}
