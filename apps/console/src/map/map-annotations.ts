import { type RowRef, sameRef } from '../world/row.js'
import type { MapCamera } from './map-camera.js'
import type { MapOverlay, OverlayLabel } from './map-overlay.js'
import type { MapScene } from './map-scene.js'

/** What draws attention on the map. */
export interface Attention {
  readonly selected: RowRef | undefined
  readonly hovered: RowRef | undefined
  /** The row that stands for the player. */
  readonly own: RowRef | undefined
}

const SELECTED_COLOR = '#ffffff'
const HOVERED_COLOR = 'rgb(255 255 255 / 0.55)'
const MINE_COLOR = '#d4f26a'
const NAME_COLOR = '#c3cedb'
const NAMES_PER_KIND = 150
/** Names whose points lie beyond the edge by less than this are written. */
const EDGE_PX = 40

/** Names, rings and courses: what is written over the map. */
export class MapAnnotations {
  readonly #scene: MapScene
  readonly #camera: MapCamera
  readonly #overlay: MapOverlay

  constructor(scene: MapScene, camera: MapCamera, overlay: MapOverlay) {
    this.#scene = scene
    this.#camera = camera
    this.#overlay = overlay
  }

  /** @param scale CSS pixels per pixel of a point's size. @param named places whose names are written already. */
  draw(attention: Attention, scale: number, named: ReadonlySet<string>, nowS: number): void {
    const overlay = this.#overlay
    const radius = 9 * Math.max(1, scale)
    overlay.clear()
    overlay.labels(this.#labels(attention, radius * 0.8, named, nowS))
    const own = this.#screenOf(attention.own, nowS)
    if (own !== undefined) {
      overlay.ring(own.x, own.y, radius - 1, MINE_COLOR)
      this.#drawCourse(attention.own, own, MINE_COLOR)
    }
    const hovered = sameRef(attention.hovered, attention.selected) ? undefined : attention.hovered
    const hoveredAt = this.#screenOf(hovered, nowS)
    if (hoveredAt !== undefined) overlay.ring(hoveredAt.x, hoveredAt.y, radius, HOVERED_COLOR)
    const selectedAt = this.#screenOf(attention.selected, nowS)
    if (selectedAt === undefined) return
    overlay.brackets(selectedAt.x, selectedAt.y, radius, SELECTED_COLOR)
    this.#drawCourse(attention.selected, selectedAt, SELECTED_COLOR)
  }

  #drawCourse(ref: RowRef | undefined, at: { x: number; y: number }, color: string): void {
    const row = ref === undefined ? undefined : this.#scene.rows.get(ref.kind, ref.key)
    if (ref === undefined || row === undefined) return
    const course = this.#scene.pointKind(ref.kind)?.theme.course?.(row)
    if (course === undefined) return
    const target = this.#camera.toScreen(course.x, course.y)
    this.#overlay.course(at.x, at.y, target.x, target.y, color)
  }

  #screenOf(ref: RowRef | undefined, nowS: number): { x: number; y: number } | undefined {
    const place = ref === undefined ? undefined : this.#scene.position(ref, nowS)
    return place === undefined ? undefined : this.#camera.toScreen(place.x, place.y)
  }

  /** The selected first, then the player's own, then what is in sight by order of drawing from the top. */
  *#labels(attention: Attention, gap: number, named: ReadonlySet<string>, nowS: number): Iterable<OverlayLabel> {
    for (const ref of [attention.selected, attention.own, attention.hovered]) {
      const label = ref === undefined ? undefined : this.#labelOf(ref, gap + 4, named, nowS)
      if (label !== undefined) yield label
    }
    const { unitsPerPixel } = this.#camera
    const visible = this.#camera.visible(EDGE_PX)
    for (const { theme, set } of this.#scene.points.toReversed()) {
      if (unitsPerPixel > theme.labelBelow) continue
      const found: OverlayLabel[] = []
      set.within(visible, nowS, (key, x, y) => {
        const row = this.#scene.rows.get(theme.kind, key)
        const at = this.#camera.toScreen(x, y)
        if (row !== undefined) found.push({ text: theme.label(row), x: at.x, y: at.y, color: NAME_COLOR, gap })
        return found.length < NAMES_PER_KIND
      })
      yield* found
    }
  }

  #labelOf(ref: RowRef, gap: number, named: ReadonlySet<string>, nowS: number): OverlayLabel | undefined {
    const { theme, rows } = this.#scene
    const row = rows.get(ref.kind, ref.key)
    const at = this.#screenOf(ref, nowS)
    if (row === undefined || at === undefined) return undefined
    const points = this.#scene.pointKind(ref.kind)?.theme
    if (points === undefined && named.has(String(ref.key))) return undefined
    const text = points?.label(row) ?? theme.places?.label(row)
    if (text === undefined) return undefined
    return { text, x: at.x, y: at.y, color: this.#scene.isMine(points, row) ? MINE_COLOR : SELECTED_COLOR, gap }
  }
}
