import type { Galaxy } from '../model/galaxy.js'
import type { Box } from '../model/sky.js'
import { SkyIndex } from '../model/sky-index.js'
import { areaOf, type Found } from '../model/target.js'
import { eased, type Flight, flightBetween } from './flight.js'
import { LabelSprites } from './label-sprites.js'
import type { Layers } from './layers.js'
import { Overlay } from './overlay.js'
import { boxOf, levelFor, TILE_PX, type TileId, tilesIn } from './tile-grid.js'
import { SPACE, type TileCounts } from './tile-painter.js'
import { TileStore } from './tile-store.js'
import {
  type Covered,
  clampView,
  fitBox,
  middleOf,
  panBy,
  type Screen,
  toMap,
  toScreen,
  UNCOVERED,
  type View,
  visibleBox,
  zoomAt,
} from './view.js'

/** Where a flight to a sector or to something small ends. */
const SCALE_OF_SELECTION = 2.2
/** Tiles that are drawn below those that are missing. */
const BELOW_MAX = 48
/** Phones have three device pixels to one of CSS; two look the same on a map and are half the work. */
const PIXEL_RATIO_MAX = 2

export interface StageEvents {
  /** After a frame: what it shows when nothing moves and nothing is missing, undefined otherwise. */
  onFrame(counts: TileCounts | undefined): void
}

/** The galaxy on a canvas: tiles, what is drawn over them, and where the map looks. Draws only when something changed. */
export class GalaxyStage {
  readonly #canvas: HTMLCanvasElement
  readonly #context: CanvasRenderingContext2D
  readonly #galaxy: Galaxy
  readonly #events: StageEvents
  readonly #index: SkyIndex
  readonly #overlay: Overlay
  readonly #tiles: TileStore
  readonly #resizes: ResizeObserver
  readonly #reducedMotion = window.matchMedia('(prefers-reduced-motion: reduce)')
  #sprites: LabelSprites
  #screen: Screen = { width: 1, height: 1, covered: UNCOVERED }
  #view: View
  #pixelRatio: number
  #layers: Layers
  #selected: Found | undefined
  #hovered: number | undefined
  #flight: { readonly flight: Flight; readonly startMs: number } | undefined
  #frame = 0
  /** The level of the last frame in which no tile was missing. */
  #completeLevel: number | undefined
  /** Until the map is moved, it shows the whole. */
  #isTouched = false
  /** What was flown to, until somebody moves the map. */
  #lookedAt: Found | undefined

  constructor(canvas: HTMLCanvasElement, galaxy: Galaxy, layers: Layers, events: StageEvents) {
    const context = canvas.getContext('2d', { alpha: false })
    if (context === null) throw new Error('this browser draws no 2D pictures')
    this.#canvas = canvas
    this.#context = context
    this.#galaxy = galaxy
    this.#events = events
    this.#layers = layers
    this.#pixelRatio = pixelRatio()
    this.#sprites = new LabelSprites(this.#pixelRatio)
    this.#index = new SkyIndex(galaxy.sky)
    this.#overlay = new Overlay(galaxy, this.#index)
    this.#tiles = new TileStore(galaxy.sky, layers, this.#pixelRatio, () => this.#draw())
    this.#view = { x: 0, y: 0, scale: 1 }
    this.#resizes = new ResizeObserver(() => this.#resize())
    this.#resizes.observe(canvas)
    this.#resize()
  }

  close(): void {
    cancelAnimationFrame(this.#frame)
    this.#resizes.disconnect()
    this.#tiles.close()
  }

  get scale(): number {
    return this.#view.scale
  }

  setLayers(layers: Layers): void {
    this.#layers = layers
    this.#tiles.change(layers, this.#pixelRatio)
    this.#draw()
  }

  select(found: Found | undefined): void {
    this.#selected = found
    this.#draw()
  }

  hover(sector: number | undefined): void {
    if (sector === this.#hovered) return
    this.#hovered = sector
    this.#draw()
  }

  /** Flights end beside what panels cover. */
  cover(covered: Covered): void {
    const { left, above, below } = this.#screen.covered
    if (covered.left === left && covered.above === above && covered.below === below) return
    const screen = { ...this.#screen, covered }
    const before = this.#screen
    this.#screen = screen
    if (this.#isTouched) {
      // What is on the screen stays where it is.
      const { x, y } = middleOf(screen)
      const middle = toMap(this.#view, before, x, y)
      this.#view = clampView({ ...this.#view, ...middle }, screen, this.#galaxy.bounds)
    } else this.#view = fitBox(this.#galaxy.bounds, screen)
    if (this.#lookedAt !== undefined) this.look(this.#lookedAt)
    this.#draw()
  }

  pan(dx: number, dy: number): void {
    this.#moveTo(panBy(this.#view, this.#screen, dx, dy, this.#galaxy.bounds))
  }

  /** @param at what stays where it is, CSS pixels on the canvas */
  zoom(factor: number, at: { x: number; y: number }): void {
    this.#moveTo(zoomAt(this.#view, this.#screen, factor, at, this.#galaxy.bounds))
  }

  zoomSmoothly(factor: number): void {
    this.#fly(zoomAt(this.#view, this.#screen, factor, middleOf(this.#screen), this.#galaxy.bounds))
  }

  fit(): void {
    this.#fly(fitBox(this.#galaxy.bounds, this.#screen))
  }

  /** @param isAtOnce without a flight */
  look(found: Found, isAtOnce = false): void {
    const view = fitBox(areaOf(this.#galaxy, found), this.#screen, SCALE_OF_SELECTION)
    if (isAtOnce) this.#moveTo(view)
    else this.#fly(view)
    this.#lookedAt = found
  }

  /** The sector at a point of the canvas. */
  sectorAt(x: number, y: number, reachPx: number): number | undefined {
    const at = toMap(this.#view, this.#screen, x, y)
    return this.#index.nearest(at.x, at.y, reachPx / this.#view.scale)
  }

  #moveTo(view: View): void {
    this.#isTouched = true
    this.#lookedAt = undefined
    this.#flight = undefined
    this.#view = view
    this.#draw()
  }

  #fly(to: View): void {
    this.#isTouched = true
    this.#lookedAt = undefined
    if (this.#reducedMotion.matches) {
      this.#moveTo(to)
      return
    }
    this.#flight = { flight: flightBetween(this.#view, to, this.#screen.width), startMs: performance.now() }
    this.#draw()
  }

  #resize(): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas
    if (width === 0 || height === 0) return
    const ratio = pixelRatio()
    if (ratio !== this.#pixelRatio) this.#sprites = new LabelSprites(ratio)
    this.#pixelRatio = ratio
    this.#canvas.width = Math.round(width * ratio)
    this.#canvas.height = Math.round(height * ratio)
    this.#screen = { ...this.#screen, width, height }
    this.#tiles.change(this.#layers, ratio)
    if (!this.#isTouched) this.#view = fitBox(this.#galaxy.bounds, this.#screen)
    this.#paint(performance.now())
  }

  #draw(): void {
    if (this.#frame !== 0) return
    this.#frame = requestAnimationFrame((nowMs) => {
      this.#frame = 0
      this.#paint(nowMs)
    })
  }

  #paint(nowMs: number): void {
    this.#step(nowMs)
    const context = this.#context
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.fillStyle = SPACE
    context.fillRect(0, 0, this.#canvas.width, this.#canvas.height)
    const isComplete = this.#paintTiles()
    context.setTransform(this.#pixelRatio, 0, 0, this.#pixelRatio, 0, 0)
    this.#overlay.draw(context, this.#view, this.#screen, {
      layers: this.#layers,
      selected: this.#selected,
      hovered: this.#hovered,
      sprites: this.#sprites,
    })
    this.#events.onFrame(isComplete && this.#flight === undefined ? this.#countsInSight() : undefined)
  }

  #step(nowMs: number): void {
    if (this.#flight === undefined) return
    const { flight, startMs } = this.#flight
    const share = Math.max(0, (nowMs - startMs) / (flight.seconds * 1_000))
    this.#view = flight.at(eased(Math.min(1, share)))
    if (share >= 1) this.#flight = undefined
    this.#draw()
  }

  /** False when tiles are missing; then others show the same place, less sharply. */
  #paintTiles(): boolean {
    const { bounds } = this.#galaxy
    const box = visibleBox(this.#view, this.#screen)
    const level = levelFor(this.#view.scale * this.#pixelRatio)
    const wanted = tilesIn(level, box, bounds)
    const overview = this.#overviewTiles(box)
    const isComplete = this.#tiles.want([...wanted, ...overview])
    const isHere = wanted.every((tile) => this.#tiles.get(tile) !== undefined)
    if (!isHere) {
      this.#blit(overview)
      if (this.#completeLevel !== undefined && this.#completeLevel !== level) {
        const below = tilesIn(this.#completeLevel, box, bounds)
        if (below.length <= BELOW_MAX) this.#blit(below)
      }
    } else this.#completeLevel = level
    this.#blit(wanted)
    return isComplete
  }

  /** The whole galaxy at its smallest: something to show anywhere, at once. */
  #overviewTiles(box: Box): TileId[] {
    const { bounds } = this.#galaxy
    const level = levelFor(fitBox(bounds, { ...this.#screen, covered: UNCOVERED }).scale * this.#pixelRatio)
    return tilesIn(level, box, bounds)
  }

  #blit(tiles: readonly TileId[]): void {
    const px = this.#pixelRatio
    for (const id of tiles) {
      const stored = this.#tiles.get(id)
      if (stored === undefined) continue
      const { left, top, right, bottom } = boxOf(id)
      const a = toScreen(this.#view, this.#screen, left, top)
      const b = toScreen(this.#view, this.#screen, right, bottom)
      // Whole pixels, so that there is no gap between neighbours.
      const [x, y] = [Math.round(a.x * px), Math.round(a.y * px)]
      const [width, height] = [Math.round(b.x * px) - x, Math.round(b.y * px) - y]
      if (width > 0 && height > 0) this.#context.drawImage(stored.bitmap, 0, 0, TILE_PX, TILE_PX, x, y, width, height)
    }
  }

  #countsInSight(): TileCounts {
    const level = levelFor(this.#view.scale * this.#pixelRatio)
    const sum = { sectors: 0, warps: 0, arrows: 0 }
    for (const tile of tilesIn(level, visibleBox(this.#view, this.#screen), this.#galaxy.bounds)) {
      const counts = this.#tiles.get(tile)?.counts
      sum.sectors += counts?.sectors ?? 0
      sum.warps += counts?.warps ?? 0
      sum.arrows += counts?.arrows ?? 0
    }
    return sum
  }
}

function pixelRatio(): number {
  return Math.min(PIXEL_RATIO_MAX, window.devicePixelRatio || 1)
}
