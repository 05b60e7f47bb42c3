import type { RowRef } from '../world/row.js'
import type { MapCamera, MapSigma } from './map-camera.js'
import type { MapScene } from './map-scene.js'

export interface PointerEvents {
  /** A click or tap: on a row, or on the space between. */
  onPick(ref: RowRef | undefined, x: number, y: number): void
  onHover(ref: RowRef | undefined): void
  /** Somebody took the map in hand. */
  onDrag(): void
}

const REACH_MOUSE_PX = 12
const REACH_TOUCH_PX = 24

/** What a mouse or a finger points at. Sigma pans and zooms; it does not know what moves. */
export class MapPointer {
  readonly #scene: MapScene
  readonly #camera: MapCamera
  readonly #events: PointerEvents
  readonly #listeners = new AbortController()
  #touch = false
  #hoverFrame = 0

  constructor(container: HTMLElement, sigma: MapSigma, scene: MapScene, camera: MapCamera, events: PointerEvents) {
    this.#scene = scene
    this.#camera = camera
    this.#events = events
    const pick = ({ event }: { event: { x: number; y: number } }) => {
      const { x, y } = camera.toWorld(event.x, event.y)
      events.onPick(this.#under(event.x, event.y, this.#touch ? REACH_TOUCH_PX : REACH_MOUSE_PX), x, y)
    }
    sigma.on('clickNode', pick)
    sigma.on('clickStage', pick)
    sigma.getMouseCaptor().on('mousemovebody', () => {
      if (sigma.getMouseCaptor().isMoving) events.onDrag()
    })
    sigma.getTouchCaptor().on('touchmove', () => events.onDrag())
    this.#listen(container)
  }

  close(): void {
    cancelAnimationFrame(this.#hoverFrame)
    this.#listeners.abort()
  }

  #listen(container: HTMLElement): void {
    const { signal } = this.#listeners
    const onDown = (event: PointerEvent) => {
      this.#touch = event.pointerType === 'touch'
    }
    const onMove = (event: PointerEvent) => {
      if (event.pointerType === 'touch' || event.buttons !== 0) return
      cancelAnimationFrame(this.#hoverFrame)
      this.#hoverFrame = requestAnimationFrame(() => {
        const box = container.getBoundingClientRect()
        this.#events.onHover(this.#under(event.clientX - box.left, event.clientY - box.top, REACH_MOUSE_PX))
      })
    }
    const onLeave = () => {
      cancelAnimationFrame(this.#hoverFrame)
      this.#events.onHover(undefined)
    }
    container.addEventListener('pointerdown', onDown, { signal, capture: true })
    container.addEventListener('pointermove', onMove, { signal })
    container.addEventListener('pointerleave', onLeave, { signal })
  }

  #under(screenX: number, screenY: number, reachPx: number): RowRef | undefined {
    const { x, y } = this.#camera.toWorld(screenX, screenY)
    return this.#scene.pick(x, y, reachPx, this.#camera.unitsPerPixel, performance.now() / 1000)
  }
}
