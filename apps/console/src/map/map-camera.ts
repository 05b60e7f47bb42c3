import type Sigma from 'sigma'
import type { Area } from './map-scene.js'
import type { PlaceEdge, PlaceNode } from './place-graph.js'
import type { ClipTransform } from './point-layer.js'

export type MapSigma = Sigma<PlaceNode, PlaceEdge>

const GLIDE_MS = 350

/**
 * Where the map looks, in world coordinates; sigma keeps the camera itself, in a frame of its own in
 * which the content's longer side has the length 1. Places are put into that frame here and not by way
 * of the screen: sigma maps to the screen as it was last drawn, and back from it as it will be drawn
 * next, so a camera that follows something would chase itself.
 */
export class MapCamera {
  readonly #sigma: MapSigma
  readonly #reducedMotion: () => boolean
  #coveredPx = 0
  #extent: Area = { left: 0, right: 1, bottom: 0, top: 1 }

  constructor(sigma: MapSigma, reducedMotion: () => boolean) {
    this.#sigma = sigma
    this.#reducedMotion = reducedMotion
  }

  /** What the whole view shows. The renderer draws it anew. */
  frame(extent: Area): void {
    this.#extent = extent
    this.#sigma.setCustomBBox({ x: [extent.left, extent.right], y: [extent.bottom, extent.top] })
    this.#sigma.refresh()
  }

  #framed(x: number, y: number): { x: number; y: number } {
    const { left, right, bottom, top } = this.#extent
    const length = Math.max(right - left, top - bottom) || 1
    return { x: 0.5 + (x - (left + right) / 2) / length, y: 0.5 + (y - (bottom + top) / 2) / length }
  }

  toScreen(x: number, y: number): { x: number; y: number } {
    return this.#sigma.graphToViewport({ x, y })
  }

  toWorld(x: number, y: number): { x: number; y: number } {
    return this.#sigma.viewportToGraph({ x, y })
  }

  /** World units per CSS pixel. */
  get unitsPerPixel(): number {
    const a = this.toWorld(0, 0)
    const b = this.toWorld(100, 0)
    return Math.hypot(b.x - a.x, b.y - a.y) / 100
  }

  /** 1 at the whole view, more when zoomed in. */
  get zoom(): number {
    return 1 / this.#sigma.getCamera().ratio
  }

  /** What can be seen, with a margin in pixels. */
  visible(margin = 0): Area {
    const { width, height } = this.#sigma.getDimensions()
    const a = this.toWorld(-margin, height + margin)
    const b = this.toWorld(width + margin, -margin)
    return { left: a.x, right: b.x, bottom: a.y, top: b.y }
  }

  /** The affine map from world to clip coordinates, from three points that lie far apart. */
  clip(): ClipTransform {
    const extent = this.#extent
    const { width, height } = this.#sigma.getDimensions()
    const spanX = extent.right - extent.left
    const spanY = extent.top - extent.bottom
    const toClip = (x: number, y: number) => {
      const at = this.toScreen(x, y)
      return { x: (at.x / width) * 2 - 1, y: 1 - (at.y / height) * 2 }
    }
    const corner = toClip(extent.left, extent.bottom)
    const east = toClip(extent.right, extent.bottom)
    const north = toClip(extent.left, extent.top)
    const basis = [
      (east.x - corner.x) / spanX,
      (east.y - corner.y) / spanX,
      (north.x - corner.x) / spanY,
      (north.y - corner.y) / spanY,
    ] as const
    return {
      origin: [
        corner.x - extent.left * basis[0] - extent.bottom * basis[2],
        corner.y - extent.left * basis[1] - extent.bottom * basis[3],
      ],
      basis,
    }
  }

  zoomBy(factor: number): void {
    const camera = this.#sigma.getCamera()
    void camera.animate({ ratio: camera.getBoundedRatio(camera.ratio / factor) }, this.#glide())
  }

  panBy(shareX: number, shareY: number): void {
    const { width, height } = this.#sigma.getDimensions()
    this.#lookAt(this.toWorld(width * (0.5 + shareX), (height - this.#coveredPx) / 2 + height * shareY))
  }

  /** The whole content, in the part of the map that nothing covers. */
  fit(): void {
    const { width, height } = this.#sigma.getDimensions()
    const ratio = Math.max(1, Math.min(width, height) / Math.max(1, height - this.#coveredPx))
    const camera = this.#sigma.getCamera()
    const y = 0.5 - this.#shift(ratio)
    void camera.animate({ x: 0.5, y, ratio: camera.getBoundedRatio(ratio) }, this.#glide())
  }

  /** Something covers the map's lower edge to this height: what was in the middle moves to the middle of the rest. */
  cover(px: number): void {
    if (px === this.#coveredPx) return
    const camera = this.#sigma.getCamera()
    const before = this.#shift(camera.ratio)
    this.#coveredPx = px
    void camera.animate({ y: camera.y + before - this.#shift(camera.ratio) }, this.#glide())
  }

  /** How far the camera looks below the middle of what can be seen, at this ratio. */
  #shift(ratio: number): number {
    const a = this.#sigma.viewportToFramedGraph({ x: 0, y: 0 })
    const b = this.#sigma.viewportToFramedGraph({ x: 0, y: this.#coveredPx / 2 })
    return ((a.y - b.y) * ratio) / this.#sigma.getCamera().ratio
  }

  /** @param zoomAtLeast zooms in to this when further out. */
  centre(x: number, y: number, zoomAtLeast = 0): void {
    this.#lookAt({ x, y }, zoomAtLeast)
  }

  /** At once, for following something that moves. */
  hold(x: number, y: number): void {
    const camera = this.#sigma.getCamera()
    if (camera.isAnimated()) return
    const framed = this.#framed(x, y)
    const state = { x: framed.x, y: framed.y - this.#shift(camera.ratio) }
    if (Math.hypot(state.x - camera.x, state.y - camera.y) > 1e-5) camera.setState(state)
  }

  #lookAt(place: { x: number; y: number }, zoomAtLeast = 0): void {
    const camera = this.#sigma.getCamera()
    const framed = this.#framed(place.x, place.y)
    const ratio = camera.getBoundedRatio(zoomAtLeast > 0 ? Math.min(camera.ratio, 1 / zoomAtLeast) : camera.ratio)
    void camera.animate({ x: framed.x, y: framed.y - this.#shift(ratio), ratio }, this.#glide())
  }

  #glide(): { duration: number } {
    return { duration: this.#reducedMotion() ? 0 : GLIDE_MS }
  }
}
