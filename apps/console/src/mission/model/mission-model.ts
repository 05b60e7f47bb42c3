import { CARS, type Car, type CarZone, COURIER, type Mission, type Runner, TERMINAL } from '@terrane/world-maglev'
import type { ConsoleModel } from '../../app/console-model.js'
import { Store } from '../../app/store.js'
import type { LiveLink } from '../../live/live-link.js'
import { FrameBuffer } from './frame-buffer.js'
import { type ScoreCopy, ScoreWay } from './score-way.js'
import { takeSnapshot } from './snapshots.js'
import { TickMeter } from './tick-meter.js'
import { eventsBetween, type TrainEvent } from './train-events.js'

export const CAR_ZONES = Object.keys(CARS) as CarZone[]

/** Where a player's runner is. */
export interface OwnPlace {
  readonly zone: CarZone
  readonly runner: Runner
}

/** The mission as both connections show it, one to each car. */
export class MissionModel {
  readonly links = new Store<Readonly<Partial<Record<CarZone, LiveLink>>>>({})
  readonly frames: Readonly<Record<CarZone, FrameBuffer>> = { 'car-1': new FrameBuffer(), 'car-2': new FrameBuffer() }
  readonly ticks: Readonly<Record<CarZone, TickMeter>> = { 'car-1': new TickMeter(), 'car-2': new TickMeter() }
  readonly way = new ScoreWay()
  readonly #console: ConsoleModel
  readonly #eventListeners = new Set<(event: TrainEvent) => void>()
  #stops: (() => void)[] = []
  /** The connection over which the player has come into the crew. */
  #enlisted: LiveLink | undefined
  /** Of the second connection, which is ours to close. */
  #closeTerminal = () => {}

  constructor(model: ConsoleModel) {
    this.#console = model
  }

  /** Connects to the second car as whoever the page is in the first. Returns what ends that. */
  start(): () => void {
    const { link, identity } = this.#console.session
    const stops = [link.subscribe(() => this.#follow()), identity.subscribe(() => this.#enlist())]
    this.#follow()
    this.#enlist()
    return () => {
      for (const stop of stops) stop()
      this.#leave()
    }
  }

  /** The player as whom this page is here. */
  get player(): string | undefined {
    return this.#console.link?.player.get()
  }

  get plays(): boolean {
    return this.#console.session.identity.get().state === 'playing'
  }

  car(zone: CarZone): Car | undefined {
    return this.frames[zone].latest?.car
  }

  /** Undefined while they go through the door, and when they are not in the crew. */
  placeOf(player: string): OwnPlace | undefined {
    for (const zone of CAR_ZONES) {
      const runner = this.frames[zone].latest?.runners.get(player)
      if (runner !== undefined) return { zone, runner }
    }
    return undefined
  }

  /** Newest first. */
  missions(): Mission[] {
    const rows = (this.links.get()[TERMINAL]?.rows('missions') ?? []) as Iterable<readonly [number, Mission]>
    return Array.from(rows, ([, row]) => row).sort((a, b) => b.id - a.id)
  }

  copies(zone: CarZone): ScoreCopy[] {
    const rows = (this.links.get()[zone]?.rows('replicas.scores') ?? []) as unknown as Iterable<[string, ScoreCopy]>
    return Array.from(rows, ([, row]) => row)
  }

  /** The server's clock, ms since the epoch. */
  now(): number {
    return this.links.get()[TERMINAL]?.now() ?? Date.now()
  }

  onEvent(listener: (event: TrainEvent) => void): () => void {
    this.#eventListeners.add(listener)
    return () => this.#eventListeners.delete(listener)
  }

  /** Who plays comes into the crew with an input; it says that they stand. */
  #enlist(): void {
    const { link } = this.#console
    if (!this.plays || link === undefined || link === this.#enlisted) return
    this.#enlisted = link
    const { applied, durable } = link.send('stick', { x: 0, y: 0 })
    // Refused to whom is in the other car, or finds the crew complete: the page shows both.
    applied.catch(() => {})
    durable.catch(() => {})
  }

  /** Takes the page's connection for the first car, and opens one for the second when the player is known. */
  #follow(): void {
    this.#leave()
    const { session } = this.#console
    const first = session.link.get()
    if (first === undefined) return
    this.#listen(COURIER, first)
    const openTerminal = () => {
      if (first.player.get() === undefined || this.links.get()[TERMINAL] !== undefined) return
      const second = session.beside(TERMINAL)
      this.#closeTerminal = () => second.close()
      this.#listen(TERMINAL, second)
    }
    this.#stops.push(first.player.subscribe(openTerminal))
    openTerminal()
  }

  #listen(zone: CarZone, link: LiveLink): void {
    this.links.update((links) => ({ ...links, [zone]: link }))
    this.#stops.push(link.onFrame(() => this.#onFrame(zone, link)))
    this.#onFrame(zone, link)
  }

  #leave(): void {
    for (const stop of this.#stops) stop()
    this.#stops = []
    this.#closeTerminal()
    this.#closeTerminal = () => {}
    this.links.set({})
  }

  #onFrame(zone: CarZone, link: LiveLink): void {
    const now = performance.now()
    const frames = this.frames[zone]
    const before = frames.latest
    const after = takeSnapshot(link, zone, frames.timeOf(now))
    if (after === undefined) return
    frames.push(after)
    if (after.car.phase === 'running') this.ticks[zone].note(now, after.car.mission, after.car.tick)
    if (before !== undefined) {
      for (const event of eventsBetween(before, after)) {
        if (event.type === 'slotted') this.way.slotted(event.player, event.slot, now)
        for (const listener of this.#eventListeners) listener(event)
      }
    }
    this.way.look(zone, this.copies(zone), now)
  }
}
