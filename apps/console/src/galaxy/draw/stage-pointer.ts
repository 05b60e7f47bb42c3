import type { GalaxyStage } from './galaxy-stage.js'

const REACH_MOUSE_PX = 14
const REACH_TOUCH_PX = 26
/** A movement below this is a click. */
const DRAG_MIN_PX = 5
/** A wheel's notch is about 100 of its units: a third closer, or farther. */
const ZOOM_PER_UNIT = 0.0028
const WHEEL_LINE_PX = 30

/** Fingers, mouse and wheel on the galaxy: pan, zoom, pinch, point and pick. */
export class StagePointer {
  readonly #element: HTMLElement
  readonly #stage: GalaxyStage
  readonly #onPick: (sector: number | undefined) => void
  readonly #listeners = new AbortController()
  readonly #down = new Map<number, { x: number; y: number }>()
  #moved = 0

  constructor(element: HTMLElement, stage: GalaxyStage, onPick: (sector: number | undefined) => void) {
    this.#element = element
    this.#stage = stage
    this.#onPick = onPick
    const { signal } = this.#listeners
    element.addEventListener('pointerdown', (event) => this.#press(event), { signal })
    element.addEventListener('pointermove', (event) => this.#move(event), { signal })
    element.addEventListener('pointerup', (event) => this.#release(event), { signal })
    element.addEventListener('pointercancel', (event) => this.#down.delete(event.pointerId), { signal })
    element.addEventListener('pointerleave', () => stage.hover(undefined), { signal })
    element.addEventListener('wheel', (event) => this.#wheel(event), { signal, passive: false })
  }

  close(): void {
    this.#listeners.abort()
  }

  #at(event: MouseEvent): { x: number; y: number } {
    const { left, top } = this.#element.getBoundingClientRect()
    return { x: event.clientX - left, y: event.clientY - top }
  }

  #press(event: PointerEvent): void {
    if (event.pointerType === 'mouse' && event.button !== 0) return
    this.#element.setPointerCapture(event.pointerId)
    this.#down.set(event.pointerId, this.#at(event))
    // A second finger makes it a pinch, and never a tap.
    this.#moved = this.#down.size > 1 ? DRAG_MIN_PX : 0
  }

  #move(event: PointerEvent): void {
    const at = this.#at(event)
    const before = this.#down.get(event.pointerId)
    if (before === undefined) {
      const sector = this.#stage.sectorAt(at.x, at.y, REACH_MOUSE_PX)
      this.#element.dataset.hovering = String(sector !== undefined)
      this.#stage.hover(sector)
      return
    }
    this.#moved += Math.hypot(at.x - before.x, at.y - before.y)
    const other = [...this.#down].find(([id]) => id !== event.pointerId)?.[1]
    this.#down.set(event.pointerId, at)
    if (this.#moved < DRAG_MIN_PX) return
    if (other === undefined) this.#stage.pan(at.x - before.x, at.y - before.y)
    else this.#pinch(before, at, other)
  }

  #pinch(before: { x: number; y: number }, at: { x: number; y: number }, other: { x: number; y: number }): void {
    const apart = Math.hypot(at.x - other.x, at.y - other.y)
    const wasApart = Math.hypot(before.x - other.x, before.y - other.y)
    if (wasApart < 1 || apart < 1) return
    this.#stage.pan((at.x - before.x) / 2, (at.y - before.y) / 2)
    this.#stage.zoom(apart / wasApart, { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 })
  }

  #release(event: PointerEvent): void {
    if (!this.#down.delete(event.pointerId) || this.#down.size > 0 || this.#moved >= DRAG_MIN_PX) return
    const at = this.#at(event)
    const reach = event.pointerType === 'touch' ? REACH_TOUCH_PX : REACH_MOUSE_PX
    this.#onPick(this.#stage.sectorAt(at.x, at.y, reach))
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault()
    const units = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * WHEEL_LINE_PX : event.deltaY
    this.#stage.zoom(Math.exp(-units * ZOOM_PER_UNIT), this.#at(event))
  }
}
