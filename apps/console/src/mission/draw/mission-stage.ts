import { type CarZone, COURIER } from '@terrane/world-maglev'
import { CAR_ZONES, type MissionModel } from '../model/mission-model.js'
import type { Controls } from '../play/controls.js'
import { OwnRunner } from '../play/own-runner.js'
import type { Pilot } from '../play/pilot.js'
import { Effects } from './effects.js'
import { Gaits, inHands, paintRunner } from './paint-people.js'
import { paintHorizon, paintTexts, paintTitle } from './paint-texts.js'
import { disc, paintCore, paintDrone, paintSlots, Rolling, ring } from './paint-things.js'
import { paintFloor, paintGround, paintWalls } from './paint-train.js'
import { DARK, LIGHT, type Palette } from './palette.js'
import { type Own, type SceneCar, sceneCar, type Tilt } from './scene.js'
import { type Area, enter, following, LENGTH_M, METRE, type Pane, wholeTrain } from './view.js'

/** Others are shown this much later, so that there is nearly always a frame on either side. */
const DELAY_MS = 85
const RATIO_MAX = 2
const LEVEL: Tilt = { pitch: 0, roll: 0 }
/** How fast the view glides after whom it follows, ms. */
const GLIDE_MS = 160
const TITLES: Readonly<Record<CarZone, string>> = { 'car-1': 'Car 1 · data-cores', 'car-2': 'Car 2 · terminal' }

export interface StageOptions {
  readonly canvas: HTMLCanvasElement
  readonly mission: MissionModel
  readonly pilot: Pilot
  readonly controls: Controls
}

/** Draws the train, every frame, and lets the controls steer. */
export class MissionStage {
  /** Pixels at the edges that are covered by other things. */
  insets = { top: 0, bottom: 0 }
  /** Where the artificial horizon is drawn. */
  horizon: HTMLCanvasElement | undefined
  /** Both cars whole, though one plays. */
  isWhole = false
  readonly #options: StageOptions
  readonly #context: CanvasRenderingContext2D
  readonly #effects = new Effects()
  readonly #rolling = new Rolling()
  readonly #gaits = new Gaits()
  readonly #own = new OwnRunner()
  readonly #light = window.matchMedia('(prefers-color-scheme: light)')
  readonly #calm = window.matchMedia('(prefers-reduced-motion: reduce)')
  #frame = 0
  #lastAt = 0
  #width = 0
  #height = 0
  /** Where the view is along the train, m; and how the train leans: both glide. */
  #centre: number | undefined
  #tilt: Tilt = LEVEL
  readonly #frameTimes: number[] = []

  constructor(options: StageOptions) {
    this.#options = options
    const context = options.canvas.getContext('2d', { alpha: false })
    if (context === null) throw new Error('this browser draws no canvas')
    this.#context = context
  }

  /** Whether the train runs up the screen. */
  get isUpright(): boolean {
    return this.#height > this.#width * 1.15
  }

  /** How far the floor leans, degrees: across the train, and along it. */
  get degrees(): { readonly roll: number; readonly pitch: number } {
    return { roll: (this.#tilt.roll * 180) / Math.PI, pitch: (this.#tilt.pitch * 180) / Math.PI }
  }

  /** Pictures per second, over the last of them. */
  get framesPerS(): number {
    const [first] = this.#frameTimes
    const last = this.#frameTimes.at(-1)
    if (first === undefined || last === undefined || last === first) return 0
    return ((this.#frameTimes.length - 1) * 1_000) / (last - first)
  }

  start(): () => void {
    const { canvas, mission } = this.#options
    const resize = new ResizeObserver(() => this.#resize())
    resize.observe(canvas)
    const stopEvents = mission.onEvent((event) => {
      // As late as what it belongs to.
      this.#effects.add(event, performance.now() + (event.type === 'slotted' ? 0 : DELAY_MS))
    })
    this.#frame = requestAnimationFrame((now) => this.#onFrame(now))
    return () => {
      resize.disconnect()
      stopEvents()
      cancelAnimationFrame(this.#frame)
    }
  }

  #resize(): void {
    const { canvas } = this.#options
    const ratio = Math.min(RATIO_MAX, window.devicePixelRatio)
    this.#width = canvas.clientWidth
    this.#height = canvas.clientHeight
    canvas.width = Math.round(this.#width * ratio)
    canvas.height = Math.round(this.#height * ratio)
  }

  #onFrame(now: number): void {
    const passedMs = Math.min(100, this.#lastAt === 0 ? 16 : now - this.#lastAt)
    this.#lastAt = now
    this.#frameTimes.push(now)
    if (this.#frameTimes.length > 90) this.#frameTimes.shift()
    this.#options.controls.poll(now)
    if (this.#width > 0) this.#paint(now, passedMs)
    this.#frame = requestAnimationFrame((next) => this.#onFrame(next))
  }

  #paint(now: number, passedMs: number): void {
    const { mission } = this.#options
    const palette = this.#light.matches ? LIGHT : DARK
    const own = this.#stepOwn(now, passedMs)
    const cars: SceneCar[] = []
    for (const zone of CAR_ZONES) {
      const car = sceneCar(zone, mission.frames[zone], now - DELAY_MS, own)
      if (car !== undefined) cars.push(car)
    }
    this.#glide(cars, own, passedMs)
    const context = this.#context
    const ratio = this.#options.canvas.width / this.#width
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.fillStyle = palette.ground
    context.fillRect(0, 0, this.#width, this.#height)
    const seconds = this.#calm.matches ? 0 : now / 1_000
    this.#rolling.keep(new Set(cars.flatMap(({ cores }) => cores.map(({ row }) => row.id))))
    this.#gaits.keep(new Set(cars.flatMap(({ runners }) => runners.map(({ row }) => row.player))))
    for (const [i, pane] of this.#panes(own).entries()) {
      context.save()
      enter(context, pane)
      this.#paintPane(pane, palette, cars, seconds, now)
      context.restore()
      context.save()
      context.beginPath()
      context.rect(pane.left, pane.top, pane.width, pane.height)
      context.clip()
      this.#paintPaneTexts(pane, i, palette, cars, now)
      context.restore()
    }
    if (this.horizon !== undefined) paintHorizon(this.horizon, palette, this.#tilt, ratio)
  }

  #panes(own: Own | undefined): Pane[] {
    const area: Area = {
      left: 0,
      top: this.insets.top,
      width: this.#width,
      height: Math.max(80, this.#height - this.insets.top - this.insets.bottom),
    }
    if (own === undefined || this.isWhole) return wholeTrain(area, this.isUpright)
    return following(area, this.isUpright, this.#centre ?? own.x / METRE)
  }

  #paintPane(pane: Pane, palette: Palette, cars: readonly SceneCar[], seconds: number, now: number): void {
    const context = this.#context
    const isDoorOpen = cars.some(({ zone, car }) => zone === COURIER && car.phase === 'running')
    paintGround(context, pane, palette, this.#tilt, seconds)
    for (const car of cars) paintFloor(context, pane, palette, car, seconds)
    paintWalls(context, palette, this.#tilt, isDoorOpen)
    for (const car of cars) paintSlots(context, pane, palette, car, seconds)
    if (!pane.isSmall) this.#paintOffer(palette, seconds)
    const facing = new Map<string, number>()
    for (const car of cars) {
      for (const core of car.cores) {
        if (core.row.carriedBy === null) paintCore(context, pane, palette, core, this.#rolling.turn(core))
      }
      for (const runner of car.runners) {
        const gait = this.#gaits.of(runner)
        facing.set(runner.row.player, gait.facing)
        paintRunner(context, pane, palette, runner, gait, car.tick)
      }
      for (const core of car.cores) {
        if (core.row.carriedBy === null) continue
        const held = { ...core, ...inHands(core, facing.get(core.row.carriedBy) ?? 0) }
        paintCore(context, pane, palette, held, this.#rolling.turn(core))
      }
      for (const drone of car.drones) paintDrone(context, pane, palette, drone, car, seconds)
    }
    if (!pane.isSmall) this.#effects.paint(context, palette, now)
  }

  #paintPaneTexts(pane: Pane, i: number, palette: Palette, cars: readonly SceneCar[], now: number): void {
    if (pane.isSmall) return
    for (const car of cars) paintTexts(this.#context, pane, palette, car)
    this.#effects.paintTexts(this.#context, pane, palette, now)
    const isOneCar = pane.x === LENGTH_M / 4 || pane.x === (LENGTH_M * 3) / 4
    const zone = CAR_ZONES[i]
    if (isOneCar && zone !== undefined && !pane.isUpright) paintTitle(this.#context, pane, palette, TITLES[zone])
  }

  /** Rings what the action key would take. */
  #paintOffer(palette: Palette, seconds: number): void {
    const offer = this.#options.pilot.offer()
    if (offer === undefined || offer.type === 'throw') return
    const { x, y } = offer.type === 'grab' ? offer.core : offer.slot
    const context = this.#context
    context.strokeStyle = palette.own
    context.lineWidth = 0.05
    context.setLineDash([0.12, 0.1])
    context.lineDashOffset = -seconds * 0.5
    ring(context, x / METRE, y / METRE, 0.46, 0, 2 * Math.PI)
    context.setLineDash([])
    context.globalAlpha = 0.14
    disc(context, x / METRE, y / METRE, 0.46, palette.own)
    context.globalAlpha = 1
  }

  #stepOwn(now: number, passedMs: number): Own | undefined {
    const { mission, pilot } = this.#options
    const { player } = mission
    if (player === undefined || !mission.plays) return undefined
    const place = mission.placeOf(player)
    const own = this.#own
    if (place !== undefined) {
      const { zone, runner } = place
      const frame = mission.frames[zone].latest
      const car = frame?.car
      const isStunned = car?.phase === 'running' && runner.stunnedUntil > car.tick
      const { vx, vy } = isStunned ? { vx: 0, vy: 0 } : runner
      const said = { zone, x: runner.x, y: runner.y, vx, vy, ageMs: Math.max(0, now - (frame?.at ?? now)) }
      own.step(passedMs, isStunned ? { x: 0, y: 0 } : pilot.stick, said)
    }
    return own.zone === undefined ? undefined : { player, zone: own.zone, x: own.x, y: own.y }
  }

  #glide(cars: readonly SceneCar[], own: Own | undefined, passedMs: number): void {
    const share = 1 - Math.exp(-passedMs / GLIDE_MS)
    if (own === undefined) this.#centre = undefined
    else if (this.#centre === undefined) this.#centre = own.x / METRE
    else this.#centre += (own.x / METRE - this.#centre) * share
    // Both cars are of one train: the first car's clock is a moment behind, which nobody sees.
    const wanted = cars.find(({ car }) => car.phase === 'running')?.tilt ?? LEVEL
    this.#tilt = {
      pitch: this.#tilt.pitch + (wanted.pitch - this.#tilt.pitch) * share,
      roll: this.#tilt.roll + (wanted.roll - this.#tilt.roll) * share,
    }
  }
}
