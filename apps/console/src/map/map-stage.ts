import SigmaRenderer from 'sigma'
import type { Settings } from 'sigma/settings'
import { Store } from '../app/store.js'
import { type RowRef, sameRef } from '../world/row.js'
import { MapAnnotations } from './map-annotations.js'
import { MapCamera, type MapSigma } from './map-camera.js'
import { MapOverlay } from './map-overlay.js'
import { MapPointer } from './map-pointer.js'
import { type Area, holds, MapScene, type RowChange, type SceneRows } from './map-scene.js'
import type { MapTheme } from './map-theme.js'
import type { PlaceEdge, PlaceNode } from './place-graph.js'
import { drawPlaceLabel, LABEL_FONT } from './place-labels.js'
import { PointLayer } from './point-layer.js'

export interface StageEvents {
  /** A click or tap: on a row, or on the space between. */
  onPick(ref: RowRef | undefined, x: number, y: number): void
  onHover(ref: RowRef | undefined): void
}

/** How far a sprite reaches beyond its shape: a dart has a wake. */
const ROOM_DART = 2.7
const ROOM_PLAIN = 1.35
const LOOK_ZOOM = 6
const ZOOM_MIN = 0.6
const ZOOM_MAX = 60
/** Pixels that the map's content keeps from its edges at the whole view. */
const PADDING_PX = 28
/** A wake fades for this long after a movement ends. */
const WAKE_S = 0.6

/**
 * The map: sigma draws places and lanes and moves the camera, a layer of our own draws everything that
 * moves, and an overlay writes names. Rows go straight into the GPU's records; React never sees them.
 * A frame is drawn only when something moved, changed, or is being looked at.
 */
export class MapStage {
  readonly camera: MapCamera
  /** What the camera stays on, until somebody looks elsewhere. */
  readonly following = new Store<RowRef | undefined>(undefined)
  readonly #scene: MapScene
  readonly #sigma: MapSigma
  readonly #pointer: MapPointer
  readonly #glowLayer: PointLayer
  readonly #pointLayer: PointLayer
  readonly #overlay: MapOverlay
  readonly #annotations: MapAnnotations
  readonly #motion = window.matchMedia('(prefers-reduced-motion: reduce)')
  readonly #resizes: ResizeObserver
  #framed: Area | undefined
  #selected: RowRef | undefined
  #hovered: RowRef | undefined
  #own: RowRef | undefined
  #frame = 0
  #stale = true
  /** Sigma draws within this frame, and all layers are drawn right after it: none may lag behind another. */
  #cameraMoved = false

  /** Throws when the browser has no WebGL. */
  constructor(container: HTMLElement, theme: MapTheme, rows: SceneRows, events: StageEvents) {
    this.#scene = new MapScene(theme, rows)
    const sigma: MapSigma = new SigmaRenderer(this.#scene.places.graph, container, settings(this.#motion.matches))
    this.#sigma = sigma
    this.camera = new MapCamera(sigma, () => this.#motion.matches)
    const redraw = () => this.#redraw()
    this.#glowLayer = new PointLayer(sigma.createCanvas('glows', { beforeLayer: 'edges' }), redraw)
    this.#pointLayer = new PointLayer(sigma.createCanvas('points', { afterLayer: 'nodes' }), redraw)
    this.#overlay = new MapOverlay(sigma.createCanvas('overlay', { beforeLayer: 'mouse' }))
    this.#annotations = new MapAnnotations(this.#scene, this.camera, this.#overlay)
    this.#addPoints()
    this.#pointer = new MapPointer(container, sigma, this.#scene, this.camera, {
      onPick: events.onPick,
      onDrag: () => this.following.set(undefined),
      onHover: (ref) => {
        if (sameRef(ref, this.#hovered)) return
        this.#hovered = ref
        events.onHover(ref)
        this.#redraw()
      },
    })
    sigma.getCamera().on('updated', () => {
      this.#cameraMoved = true
    })
    sigma.on('afterRender', () => {
      this.#cameraMoved = false
      this.#drawGlows()
      this.#draw(performance.now() / 1000)
    })
    sigma.on('resize', () => this.#resize())
    this.#resizes = new ResizeObserver(() => {
      sigma.resize()
      sigma.scheduleRefresh()
    })
    this.#resizes.observe(container)
    sigma.resize(true)
    this.#frame = requestAnimationFrame(this.#tick)
  }

  /** Applies changes of rows. @param settled whether the first state is there, so that new rows may pulse. */
  apply(changes: Iterable<RowChange>, settled: boolean): void {
    const placesChanged = this.#scene.apply(changes, settled, performance.now() / 1000)
    if (placesChanged || this.#scene.theme.places === undefined) this.#frameContent()
    this.#redraw()
  }

  /** Whose rows are drawn as the player's own. */
  setPlayer(player: string | undefined): void {
    this.#scene.setPlayer(player, performance.now() / 1000)
    this.#redraw()
  }

  /** The row that stands for the player on the map. */
  setOwn(ref: RowRef | undefined): void {
    this.#own = ref
    this.#redraw()
  }

  select(ref: RowRef | undefined): void {
    this.#selected = ref
    this.#redraw()
  }

  follow(ref: RowRef | undefined): void {
    if (ref !== undefined) this.look(ref)
    this.following.set(ref)
  }

  /** Moves to where a row is drawn. */
  look(ref: RowRef): void {
    this.following.set(undefined)
    const place = this.#scene.position(ref, performance.now() / 1000)
    if (place !== undefined) this.camera.centre(place.x, place.y, LOOK_ZOOM)
  }

  fit(): void {
    this.following.set(undefined)
    this.camera.fit()
  }

  clear(): void {
    this.#scene.clear()
    this.#redraw()
  }

  close(): void {
    cancelAnimationFrame(this.#frame)
    this.#pointer.close()
    this.#resizes.disconnect()
    this.#glowLayer.close()
    this.#pointLayer.close()
    this.#sigma.kill()
  }

  #addPoints(): void {
    const apart = Number.POSITIVE_INFINITY
    this.#glowLayer.add(this.#scene.places.glows, { room: 1, crowds: false, spacing: apart })
    for (const { theme, set } of this.#scene.points) {
      const room = theme.course === undefined ? ROOM_PLAIN : ROOM_DART
      this.#pointLayer.add(set, { room, crowds: true, spacing: theme.spacing ?? apart })
    }
  }

  /** The whole view holds all places; without any, it grows when points leave it. */
  #frameContent(): void {
    const extent = this.#scene.extent(performance.now() / 1000)
    const isGrowing = this.#scene.theme.places === undefined && this.#framed !== undefined
    if (extent === undefined || (isGrowing && this.#framed !== undefined && holds(this.#framed, extent))) return
    this.#framed = extent
    this.camera.frame(extent)
  }

  #redraw(): void {
    this.#stale = true
  }

  #resize(): void {
    const { width, height } = this.#sigma.getDimensions()
    const ratio = window.devicePixelRatio || 1
    this.#glowLayer.resize(width, height, ratio)
    this.#pointLayer.resize(width, height, ratio)
    this.#overlay.resize(width, height, ratio)
    this.#redraw()
  }

  readonly #tick = (): void => {
    this.#frame = requestAnimationFrame(this.#tick)
    const nowS = performance.now() / 1000
    const followed = this.following.get()
    const place = followed === undefined ? undefined : this.#scene.position(followed, nowS)
    if (place !== undefined) this.camera.hold(place.x, place.y)
    const busy = this.#scene.busyUntilS + WAKE_S > nowS
    if ((this.#stale || busy) && !this.#cameraMoved) this.#draw(nowS)
  }

  #draw(nowS: number): void {
    this.#stale = false
    const { unitsPerPixel, zoom } = this.camera
    const clip = this.camera.clip()
    const pixelRatio = window.devicePixelRatio || 1
    const scale = this.#pointScale
    this.#pointLayer.draw({ clip, pixelRatio, scale, unitsPerPixel, zoom, nowS, still: this.#motion.matches })
    const attention = { selected: this.#selected, hovered: this.#hovered, own: this.#own }
    this.#annotations.draw(attention, scale, this.#sigma.getNodeDisplayedLabels(), nowS)
  }

  /** The shades of space change only with the view. */
  #drawGlows(): void {
    const { unitsPerPixel, zoom } = this.camera
    const clip = this.camera.clip()
    const pixelRatio = window.devicePixelRatio || 1
    this.#glowLayer.draw({ clip, pixelRatio, scale: 1 / unitsPerPixel, unitsPerPixel, zoom, nowS: 0, still: true })
  }

  /** Points grow slower than space when one zooms in, and shrink on small screens. */
  get #pointScale(): number {
    const { width, height } = this.#sigma.getDimensions()
    const screen = Math.min(1.15, Math.max(0.66, Math.sqrt(Math.min(width, height) / 720)))
    return screen * Math.min(3.4, Math.max(0.8, Math.sqrt(this.camera.zoom)))
  }
}

function settings(still: boolean): Partial<Settings<PlaceNode, PlaceEdge>> {
  return {
    allowInvalidContainer: true,
    defaultDrawNodeLabel: drawPlaceLabel,
    defaultDrawNodeHover: () => {},
    labelFont: LABEL_FONT,
    labelSize: 11,
    labelDensity: 0.9,
    labelGridCellSize: 110,
    labelRenderedSizeThreshold: 4.9,
    stagePadding: PADDING_PX,
    minCameraRatio: 1 / ZOOM_MAX,
    maxCameraRatio: 1 / ZOOM_MIN,
    enableCameraRotation: false,
    doubleClickZoomingDuration: still ? 0 : 250,
    inertiaDuration: still ? 0 : 200,
    zIndex: false,
  }
}
