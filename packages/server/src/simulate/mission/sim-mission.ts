import { messageOf, type Prng, TerraneError } from '@terrane/core'
import { type EngineEvent, type EngineLimits, TransientStoreError, type Zone } from '@terrane/engine'
import { type FaultPlan, isSettled, SimCluster, type SimClusterOptions, SimConnection } from '@terrane/testing'
import maglev, {
  type Car,
  type CarZone,
  COURIER,
  isCar,
  type Runner,
  type Score,
  TERMINAL,
} from '@terrane/world-maglev'
import type { TrainView } from '@terrane/world-maglev/players'
import { carOf, checkMoment, checkRest, checkWriters, inAllOf } from './mission-check.js'
import { PublishedStates } from './published-states.js'
import { ReplicaView } from './replica-view.js'
import { carView, type Gear, SEATS, SENDS_PER_SECOND, type Seat, SimPlayer } from './sim-player.js'

export type SimMissionOptions = Omit<SimClusterOptions, 'world' | 'places' | 'limits' | 'heard' | 'startFailed'>

/** 14 bots, a gamepad and a headset. */
const CREW: readonly Gear[] = [...Array<Gear>(14).fill('bot'), 'gamepad', 'headset']
export const PERSONA_ZONES = ['persona-1', 'persona-2', 'persona-3', 'persona-4']
/** Each car in a process of its own, with half of the persona zones; and one that stands by. */
const PLACES = [
  { prefers: [COURIER, ...PERSONA_ZONES.slice(0, 2)] },
  { prefers: [TERMINAL, ...PERSONA_ZONES.slice(2)] },
  { prefers: [], follows: true },
]
export const STEP_MS = 50
/** A client whose server does not answer looks for another. */
const SILENCE_MS = 2_000
const START_AGAIN_MS = 1_000
const REST_MS_MAX = 120_000
/** Copies that were lost come with the next repetition, once a second: longer than that. */
const QUIET_MS = 2_500
const LIMITS: Partial<EngineLimits> = { idleMs: 600_000, opRetryMs: 100, opRetryMsMax: 1_000, historyMax: 64 }

/**
 * The mission on simulated time: processes, clients and players, and what must be so at every moment. Nothing happens
 * but in `step`.
 */
export class SimMission {
  readonly cluster: SimCluster
  readonly players: readonly SimPlayer[]
  readonly violations: string[] = []
  /** Longest time in which a player had a runner in neither car though both were open, ms. */
  longestAbsenceMs = 0
  /** How clients reach their servers; may be changed while it runs. */
  readonly link: { -readonly [K in keyof FaultPlan]: FaultPlan[K] }
  /** Otherwise all only look on. */
  isPlaying = true
  /** Called behind each step. */
  afterStep: (() => void) | undefined
  /** Called when somebody was shown a car; without a viewer it is who looks on at the server. */
  shown: ((viewer: string | undefined, zone: CarZone, view: TrainView[CarZone]) => void) | undefined
  /** Clients beside the authority, and copies of scores at clients, in all that came to rest. */
  readonly atRest = { compared: 0, differing: 0 }
  readonly scoreCopies = { compared: 0, differing: 0 }
  /** Zones that were opened more than once. */
  restarts = 0
  /** Number of missions that players want to have begun, and how they begin the next. */
  #wanted = 0
  #next: { readonly seconds: number; readonly seed: number } | undefined
  #askedAt = Number.NEGATIVE_INFINITY
  readonly #random: Prng
  readonly #states: PublishedStates
  readonly #silentSince = new Map<SimConnection, number>()
  readonly #seenAt = new Map<string, number>()

  constructor(options: SimMissionOptions) {
    const { random, plan } = options
    this.#random = random
    this.link = { ...plan }
    this.cluster = new SimCluster({
      ...options,
      world: maglev,
      places: PLACES,
      limits: LIMITS,
      heard: (event) => this.#heard(event),
      startFailed: (cause) => this.#expected(cause),
    })
    this.#states = new PublishedStates(maglev, (zone, replica) => {
      if (this.shown !== undefined && isCar(zone))
        this.shown(undefined, zone, carView(new ReplicaView(maglev, replica)))
    })
    this.players = CREW.map(
      (gear, index) =>
        new SimPlayer({ index, gear, world: maglev, states: this.#states, random: random.fork(`player ${index}`) }),
    )
    for (const player of this.players) this.#keepBeating(player)
    for (const seat of this.seats) seat.shown = () => this.shown?.(seat.player, seat.zone, carView(seat.view))
  }

  get seats(): Seat[] {
    return this.players.flatMap((player) => SEATS.map((zone) => player.seats[zone]))
  }

  /** The cars, when both are open. */
  get cars(): Readonly<Record<CarZone, Zone>> | undefined {
    const courier = this.cluster.serving(COURIER)?.zone
    const terminal = this.cluster.serving(TERMINAL)?.zone
    return courier && terminal && { 'car-1': courier, 'car-2': terminal }
  }

  get terminal(): Car | undefined {
    const { cars } = this
    return cars && carOf(cars[TERMINAL])
  }

  get phase(): string | undefined {
    return this.terminal?.phase
  }

  /** States that clients were shown, and those that the authority had not. */
  get compared(): { readonly compared: number; readonly differing: number } {
    const { seats } = this
    return {
      compared: seats.reduce((sum, { compared }) => sum + compared, 0),
      differing: seats.reduce((sum, { differing }) => sum + differing, 0),
    }
  }

  /** Lets time pass until all have a runner in the first car. */
  board(): Promise<boolean> {
    return this.until('everybody aboard', () =>
      this.players.every(({ place, isCurrent }) => isCurrent && place !== undefined),
    )
  }

  /** The players want another mission, and ask for it until it begins. */
  want(seconds: number, seed: number): void {
    this.#wanted++
    this.#next = { seconds, seed }
  }

  /** Whether the missions that were wanted have begun and ended, and the next could begin. */
  get isOver(): boolean {
    const { cars } = this
    if (cars === undefined) return false
    return SEATS.every((zone) => carOf(cars[zone]).phase === 'lobby') && carOf(cars[TERMINAL]).mission === this.#wanted
  }

  /** Lets 50 ms pass. */
  async step(): Promise<void> {
    this.cluster.startMissing()
    this.#connect()
    this.#askForMission()
    await this.cluster.time.advance(STEP_MS)
    this.#look()
    this.afterStep?.()
  }

  /** Lets time pass until it is so. Adds a violation, and returns false, when that takes too long. */
  async until(what: string, isSo: () => boolean, limitMs = REST_MS_MAX): Promise<boolean> {
    const end = this.cluster.time.now() + limitMs
    while (!isSo() && this.violations.length === 0) {
      if (this.cluster.time.now() >= end) {
        this.violations.push(`after ${limitMs} ms ${what} is not so: ${this.#describe()}`)
        return false
      }
      await this.step()
    }
    return this.violations.length === 0
  }

  /** Cuts clients off; they come back when their player wants to. */
  drop(players: readonly SimPlayer[]): void {
    for (const { seats } of players) {
      for (const zone of SEATS) {
        seats[zone].connection?.break()
        seats[zone].isCurrent = false
      }
    }
  }

  /** Lets everything come to rest without players, and compares all that there is. */
  async rest(): Promise<boolean> {
    this.isPlaying = false
    const { cluster } = this
    let quiet = 0
    const isSo = () => {
      const isQuiet = this.isOver && this.#isCurrent() && isSettled(cluster.zones())
      quiet = isQuiet ? quiet + 1 : 0
      return quiet * STEP_MS >= QUIET_MS
    }
    if (!(await this.until('all at rest', isSo))) return false
    const names = this.players.map(({ name }) => name)
    this.violations.push(...checkRest(cluster.zones(), names, this.#wanted), ...checkWriters(cluster.disk))
    for (const seat of this.seats) this.#compareAtRest(seat)
    this.isPlaying = true
    return this.violations.length === 0
  }

  // ── what happens ────────────────────────────────────────────────────────────────────────────────

  #keepBeating(player: SimPlayer): void {
    const periodMs = 1_000 / SENDS_PER_SECOND[player.gear]
    const beat = () => {
      if (this.isPlaying) player.beat()
      this.cluster.time.after(periodMs, beat)
    }
    this.cluster.time.after(periodMs * this.#random.float(), beat)
  }

  #connect(): void {
    const { time } = this.cluster
    for (const seat of this.seats) {
      const { connection } = seat
      if (connection !== undefined) {
        if (!connection.silent) this.#silentSince.delete(connection)
        else if (!this.#silentSince.has(connection)) this.#silentSince.set(connection, time.now())
        else if (time.now() - (this.#silentSince.get(connection) ?? 0) > SILENCE_MS) connection.break()
        continue
      }
      const served = this.cluster.serving(seat.zone)
      if (served === undefined) continue
      this.#states.watch(served.zone)
      try {
        seat.connection = new SimConnection({
          ...served,
          time,
          plan: this.link,
          random: this.#random.fork(seat.player),
          events: seat,
          player: seat.player,
          resume: seat.resume,
          focus: { mode: 'follow' },
        })
      } catch (cause) {
        this.#expected(cause)
      }
    }
  }

  #askForMission(): void {
    const { cars } = this
    const now = this.cluster.time.now()
    if (this.#next === undefined || cars === undefined || now - this.#askedAt < START_AGAIN_MS) return
    if (carOf(cars[TERMINAL]).mission >= this.#wanted) return
    if (!SEATS.every((zone) => carOf(cars[zone]).phase === 'lobby')) return
    this.#askedAt = now
    this.#random.pick(this.players).send(TERMINAL, 'start', { ...this.#next })
  }

  #expected(cause: unknown): void {
    if (cause instanceof TransientStoreError || cause instanceof TerraneError) return
    this.violations.push(`a server failed: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`)
  }

  #heard(event: EngineEvent): void {
    if (event.type === 'zone_opened' && event.epoch > 1) this.restarts++
    if (event.type === 'zone_failed' || event.type === 'note_failed') this.#expected(event.cause)
    if (event.type === 'tick_failed' || event.type === 'input_failed' || event.type === 'handover_failed') {
      this.violations.push(`${event.type} in ${event.zone}: ${messageOf(event.cause)}`)
    }
    if (event.type === 'op_dead') this.violations.push(`op ${event.op} died in ${event.zone}: ${event.reason}`)
  }

  // ── what must be so ─────────────────────────────────────────────────────────────────────────────

  #look(): void {
    this.violations.push(...checkMoment(this.cluster.zones()))
    for (const seat of this.seats) this.violations.push(...seat.problems.splice(0))
    this.#measureAbsence()
  }

  #measureAbsence(): void {
    const now = this.cluster.time.now()
    const { cars } = this
    const here = cars && new Set(inAllOf<Runner>(Object.values(cars), 'runners').map(({ player }) => player))
    for (const { name } of this.players) {
      if (here === undefined || here.has(name)) {
        if (here !== undefined || this.#seenAt.has(name)) this.#seenAt.set(name, now)
        continue
      }
      const since = this.#seenAt.get(name)
      if (since !== undefined) this.longestAbsenceMs = Math.max(this.longestAbsenceMs, now - since)
    }
  }

  #isCurrent(): boolean {
    return this.seats.every(({ zone, online, pending, replica }) => {
      return online && pending === 0 && replica.epoch === this.cluster.serving(zone)?.zone.epoch
    })
  }

  /** A client beside the authority, when neither changes. */
  #compareAtRest({ zone: id, player, scores, car, replica }: Seat): void {
    const zones = this.cluster.zones()
    const zone = zones.find((each) => each.id === id)
    const difference =
      zone === undefined || JSON.stringify(car) !== JSON.stringify(carOf(zone))
        ? `shows another state of ${id} than it is in`
        : this.#states.difference(id, replica)
    this.atRest.compared++
    if (difference !== undefined) {
      this.atRest.differing++
      this.violations.push(`at rest, ${player}: ${difference}`)
    }
    const copies = new Map(scores.map((copy) => [copy.player, copy]))
    for (const { player: whose, points, cores } of inAllOf<Score>(zones, 'scores')) {
      const copy = copies.get(whose)
      this.scoreCopies.compared++
      if (copy?.points === points && copy.cores === cores && !copy.$stale) continue
      this.scoreCopies.differing++
      this.violations.push(`at rest ${player} sees ${JSON.stringify(copy)} in ${id}, ${whose} has ${points} points`)
    }
  }

  #describe(): string {
    const zones = this.cluster.zones().map((zone) => {
      const { outbox, buffered } = zone.status().ops
      const phase = isCar(zone.id) ? ` ${carOf(zone).phase} ${carOf(zone).mission}` : ''
      return `${zone.id} ${zone.state}${phase} (${outbox} ops out, ${buffered} kept)`
    })
    const away = this.seats
      .filter(({ online, pending }) => !online || pending > 0)
      .map(({ player, zone }) => `${player} in ${zone}`)
    return `${zones.join(', ')}; wanted ${this.#wanted}; behind: ${away.join(', ') || 'nobody'}`
  }
}
