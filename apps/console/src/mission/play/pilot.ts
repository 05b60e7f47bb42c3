import {
  type CarZone,
  type CoreRow,
  type Drone,
  GRAB_REACH,
  type Runner,
  SLOT_REACH,
  type SlotRow,
  STICK_MAX,
  TERMINAL,
  ZAP_REACH,
} from '@terrane/world-maglev'
import { Store } from '../../app/store.js'
import { failureOf } from '../../live/input-feed.js'
import type { MissionModel } from '../model/mission-model.js'

interface Point {
  readonly x: number
  readonly y: number
}

/** What the action key would do now. */
export type Offer =
  | { readonly type: 'grab'; readonly core: CoreRow }
  | { readonly type: 'slot'; readonly slot: SlotRow }
  | { readonly type: 'throw' }

/** Why something was not done, for a moment on the screen. */
export interface Notice {
  readonly text: string
  readonly at: number
}

/** The server takes 120 a second; more than one per frame of its own is seen by nobody. */
const STICK_EVERY_MS = 40
/** Sticks tremble. */
const STICK_STEP = 0.03
const LATENCIES_KEPT = 15
/** What a core that is set down rather than thrown gets: a direction. */
const SET_DOWN = 40
const STILL: Point = { x: 0, y: 0 }

/** Plays by hand: decides what a key means where one stands, and sends it to the car in which one is. */
export class Pilot {
  readonly notice = new Store<Notice | undefined>(undefined)
  readonly #mission: MissionModel
  #wanted: Point = STILL
  #sent: { readonly zone: CarZone; readonly stick: Point } | undefined
  #sentAt = Number.NEGATIVE_INFINITY
  #facing: Point = { x: 1, y: 0 }
  readonly #latencies: number[] = []

  constructor(mission: MissionModel) {
    this.#mission = mission
  }

  /** Where one wants to go: x along the train, y across it, each from -1 to 1. */
  get stick(): Point {
    return this.#wanted
  }

  /** From an input's way out to its answer, ms: the median of the last; undefined before the first. */
  get latencyMs(): number | undefined {
    return [...this.#latencies].sort((a, b) => a - b)[this.#latencies.length >> 1]
  }

  /** To be called every frame of the page. */
  steer(stick: Point, now: number): void {
    this.#wanted = stick
    const length = Math.hypot(stick.x, stick.y)
    if (length > 0.2) this.#facing = { x: stick.x / length, y: stick.y / length }
    const place = this.#place()
    if (place === undefined) return
    const { zone, runner } = place
    const before = this.#sent?.zone === zone ? this.#sent.stick : undefined
    if (before === undefined && length === 0 && runner.vx === 0 && runner.vy === 0) return
    const isSame = before !== undefined && Math.hypot(stick.x - before.x, stick.y - before.y) < STICK_STEP
    const isStop = length === 0 && before !== undefined && (before.x !== 0 || before.y !== 0)
    if (!isStop && (isSame || now - this.#sentAt < STICK_EVERY_MS)) return
    this.#sent = { zone, stick }
    this.#sentAt = now
    void this.#send(zone, 'stick', { x: Math.round(stick.x * STICK_MAX), y: Math.round(stick.y * STICK_MAX) })
  }

  offer(): Offer | undefined {
    const place = this.#place()
    if (place === undefined || this.#mission.car(place.zone)?.phase !== 'running') return undefined
    const { zone, runner } = place
    const frame = this.#mission.frames[zone].latest
    if (frame === undefined) return undefined
    if (runner.carries === null) {
      const core = nearest(runner, frame.cores.values(), GRAB_REACH, ({ carriedBy }) => carriedBy === null)
      return core === undefined ? undefined : { type: 'grab', core }
    }
    const slot =
      zone === TERMINAL ? nearest(runner, frame.slots.values(), SLOT_REACH, ({ core }) => core === null) : undefined
    return slot === undefined ? { type: 'throw' } : { type: 'slot', slot }
  }

  /** Grabs, slots or throws: whichever there is to do. */
  act(): void {
    const place = this.#place()
    if (place === undefined) return
    const offer = this.offer()
    if (offer === undefined) {
      const isRunning = this.#mission.car(place.zone)?.phase === 'running'
      this.#say(isRunning ? 'No core within reach' : 'Cores come when a mission begins')
    } else if (offer.type === 'grab') void this.#send(place.zone, 'grab', { core: offer.core.id })
    else if (offer.type === 'slot') void this.#send(place.zone, 'slot', { slot: offer.slot.id })
    else {
      const isMoving = Math.hypot(this.#wanted.x, this.#wanted.y) > 0.2
      const force = isMoving ? STICK_MAX : SET_DOWN
      const { x, y } = this.#facing
      void this.#send(place.zone, 'hurl', { x: Math.round(x * force), y: Math.round(y * force) })
    }
  }

  zap(): void {
    const place = this.#place()
    if (place === undefined) return
    const frame = this.#mission.frames[place.zone].latest
    const drone = nearest(place.runner, frame?.drones.values() ?? [], ZAP_REACH, isAny<Drone>)
    if (drone === undefined) this.#say('No drone within 4 m')
    else void this.#send(place.zone, 'zap', { drone: drone.id })
  }

  /** @param seconds how long the mission lasts */
  async start(seconds: number): Promise<void> {
    await this.#send(TERMINAL, 'start', { seconds })
  }

  #place(): { readonly zone: CarZone; readonly runner: Runner } | undefined {
    const { player, plays } = this.#mission
    return player === undefined || !plays ? undefined : this.#mission.placeOf(player)
  }

  async #send(zone: CarZone, input: string, args: Readonly<Record<string, unknown>>): Promise<void> {
    const link = this.#mission.links.get()[zone]
    if (link === undefined) return
    const sentAt = performance.now()
    const { applied, durable } = link.send(input, args)
    durable.catch(() => {})
    try {
      await applied
      this.#latencies.push(performance.now() - sentAt)
      if (this.#latencies.length > LATENCIES_KEPT) this.#latencies.shift()
    } catch (thrown) {
      const { code, message } = failureOf(thrown)
      // One is in the door: the next frame says where, and the stick is sent there.
      if (code === 'elsewhere') this.#sent = undefined
      else this.#say(message)
    }
  }

  #say(text: string): void {
    this.notice.set({ text: text.charAt(0).toUpperCase() + text.slice(1), at: performance.now() })
  }
}

function isAny<T>(_: T): boolean {
  return true
}

function nearest<T extends Point>(
  to: Point,
  all: Iterable<T>,
  reach: number,
  fits: (one: T) => boolean,
): T | undefined {
  let found: T | undefined
  let least = reach
  for (const one of all) {
    const away = Math.hypot(one.x - to.x, one.y - to.y)
    if (away > least || !fits(one)) continue
    found = one
    least = away
  }
  return found
}
