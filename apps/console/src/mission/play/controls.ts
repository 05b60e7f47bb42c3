import type { Pilot } from './pilot.js'

interface Point {
  readonly x: number
  readonly y: number
}

const STILL: Point = { x: 0, y: 0 }

/** By place on the keyboard, whatever letters are on it. */
const DIRECTIONS: Readonly<Record<string, Point>> = {
  KeyW: { x: 0, y: -1 },
  ArrowUp: { x: 0, y: -1 },
  KeyS: { x: 0, y: 1 },
  ArrowDown: { x: 0, y: 1 },
  KeyA: { x: -1, y: 0 },
  ArrowLeft: { x: -1, y: 0 },
  KeyD: { x: 1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
}

/** Of a gamepad with the standard mapping. */
const PAD = { act: 0, zap: 2, trigger: 7, start: 9, up: 12, down: 13, left: 14, right: 15 } as const
/** Sticks at rest are not quite at 0. */
const DEAD_ZONE = 0.18

export interface ControlsOptions {
  readonly pilot: Pilot
  /** Whether the train runs up the screen, so that up is along it. */
  isUpright(): boolean
  start(): void
}

/** Keyboard, gamepad and touch, put together into one stick and three buttons. */
export class Controls {
  /** What the finger on the screen says, in directions of the screen. */
  touch: Point = STILL
  readonly #options: ControlsOptions
  readonly #keys = new Set<string>()
  #pressed = new Set<number>()
  #hasPad = false

  constructor(options: ControlsOptions) {
    this.#options = options
  }

  /** Whether a gamepad was seen. */
  get hasPad(): boolean {
    return this.#hasPad
  }

  listen(): () => void {
    const { pilot } = this.#options
    const onDown = (event: KeyboardEvent) => {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return
      if (DIRECTIONS[event.code] !== undefined) this.#keys.add(event.code)
      else if (event.code === 'Space') {
        if (event.target instanceof HTMLButtonElement) return
        if (!event.repeat) pilot.act()
      } else if (event.code === 'KeyE') {
        if (!event.repeat) pilot.zap()
      } else return
      event.preventDefault()
    }
    const onUp = (event: KeyboardEvent) => void this.#keys.delete(event.code)
    // Keys that are let go elsewhere are not told here.
    const onBlur = () => this.#keys.clear()
    window.addEventListener('keydown', onDown)
    window.addEventListener('keyup', onUp)
    window.addEventListener('blur', onBlur)
    return () => {
      window.removeEventListener('keydown', onDown)
      window.removeEventListener('keyup', onUp)
      window.removeEventListener('blur', onBlur)
    }
  }

  /** To be called every frame: gamepads tell nothing by themselves. */
  poll(now: number): void {
    const { pilot, isUpright } = this.#options
    const screen = bounded(longest(this.#keyStick(), this.#padStick(), this.touch))
    pilot.steer(isUpright() ? { x: -screen.y + 0, y: screen.x } : screen, now)
  }

  #keyStick(): Point {
    let x = 0
    let y = 0
    for (const code of this.#keys) {
      const direction = DIRECTIONS[code] ?? STILL
      x += direction.x
      y += direction.y
    }
    return { x: Math.sign(x), y: Math.sign(y) }
  }

  #padStick(): Point {
    const pad = navigator.getGamepads().find((one) => one?.connected === true)
    if (pad === undefined || pad === null) return STILL
    this.#hasPad = true
    const held = new Set<number>()
    for (const [button, { pressed }] of pad.buttons.entries()) if (pressed) held.add(button)
    const isNew = (button: number) => held.has(button) && !this.#pressed.has(button)
    if (isNew(PAD.act)) this.#options.pilot.act()
    if (isNew(PAD.zap) || isNew(PAD.trigger)) this.#options.pilot.zap()
    if (isNew(PAD.start)) this.#options.start()
    this.#pressed = held
    const cross = {
      x: Number(held.has(PAD.right)) - Number(held.has(PAD.left)),
      y: Number(held.has(PAD.down)) - Number(held.has(PAD.up)),
    }
    return longest(alive({ x: pad.axes[0] ?? 0, y: pad.axes[1] ?? 0 }), cross)
  }
}

function isTyping({ target }: Event): boolean {
  return (
    target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement
  )
}

/** The stick beyond the dead zone, from 0 there to its full length. */
function alive({ x, y }: Point): Point {
  const length = Math.hypot(x, y)
  if (length < DEAD_ZONE) return STILL
  const share = (length - DEAD_ZONE) / (1 - DEAD_ZONE) / length
  return { x: x * share, y: y * share }
}

function longest(...sticks: readonly Point[]): Point {
  return sticks.reduce((a, b) => (Math.hypot(b.x, b.y) > Math.hypot(a.x, a.y) ? b : a))
}

function bounded({ x, y }: Point): Point {
  const length = Math.max(1, Math.hypot(x, y))
  return { x: x / length, y: y / length }
}
