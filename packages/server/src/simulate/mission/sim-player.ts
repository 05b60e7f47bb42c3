import type { Prng } from '@terrane/core'
import { type AnyWorld, schemasForClients, wireTypeOf } from '@terrane/engine'
import { ReplicaModel, SimClient } from '@terrane/testing'
import { type Car, type CarZone, COURIER, type Score, STICK_MAX, TERMINAL } from '@terrane/world-maglev'
import { Brain, type Order, type TrainView, whereIs } from '@terrane/world-maglev/players'
import type { PublishedStates } from './published-states.js'
import { ReplicaView } from './replica-view.js'

/** What a player plays with. All decide by the same brain; they differ in what they send. */
export type Gear = 'bot' | 'gamepad' | 'headset'

/** How often each sends: a bot what its brain wants, a gamepad its stick, a headset its pose. */
export const SENDS_PER_SECOND: Readonly<Record<Gear, number>> = { bot: 20, gamepad: 60, headset: 90 }

/** Inputs without an answer beyond which a client waits, as the SDK does. */
const PENDING_MAX = 200
/** A thumb is never still: share of the stick's length. */
const TREMBLE = 0.02

export const SEATS = [COURIER, TERMINAL] as const

/** A client's connection to one car, and what it has seen there. */
export class Seat extends SimClient {
  readonly zone: CarZone
  readonly view: ReplicaView
  /** States that were compared with what the authority had shown, and what differed. */
  compared = 0
  differing = 0
  /** A state has come since it was last joined. */
  isCurrent = false
  /** Called when a state has come. */
  shown: (() => void) | undefined
  readonly #states: PublishedStates

  constructor(player: string, zone: CarZone, world: AnyWorld, states: PublishedStates) {
    const replica = new ReplicaModel(schemasForClients(world).map((schema) => schema.columns.map(wireTypeOf)))
    super(player, replica, false)
    this.zone = zone
    this.view = new ReplicaView(world, replica)
    this.#states = states
  }

  override state(payload: Uint8Array): void {
    super.state(payload)
    this.isCurrent = true
    this.compared++
    this.shown?.()
    const difference = this.#states.difference(this.zone, this.replica)
    if (difference === undefined) return
    this.differing++
    this.problems.push(`${this.player}: ${difference}`)
  }

  override closed(): void {
    super.closed()
    this.isCurrent = false
  }

  get car(): Car | undefined {
    return this.view.rows<Car>('cars').get(this.zone)
  }

  get scores(): ScoreCopy[] {
    return [...this.view.rows<ScoreCopy>('replicas.scores').all()]
  }
}

/** A score as clients of a car see it. */
export type ScoreCopy = Pick<Score, 'player' | 'points' | 'cores' | 'mission' | 'missionCores'> & {
  readonly $zone: string
  readonly $stale: boolean
}

/** One player: two connections, a brain that sees what they show, and hands that send. */
export class SimPlayer {
  readonly name: string
  readonly gear: Gear
  readonly seats: Readonly<Record<CarZone, Seat>>
  readonly #world: AnyWorld
  readonly #train: TrainView
  readonly #brain: Brain
  readonly #random: Prng
  #thumb = { x: 0, y: 0 }
  #pose = 0
  #beats = 0

  constructor(options: { index: number; gear: Gear; world: AnyWorld; states: PublishedStates; random: Prng }) {
    const { index, gear, world, states, random } = options
    this.name = `${gear} ${index}`
    this.gear = gear
    this.#world = world
    this.#random = random
    this.#brain = new Brain(this.name, index)
    this.seats = {
      'car-1': new Seat(this.name, 'car-1', world, states),
      'car-2': new Seat(this.name, 'car-2', world, states),
    }
    this.#train = { 'car-1': carView(this.seats['car-1'].view), 'car-2': carView(this.seats['car-2'].view) }
  }

  get isCurrent(): boolean {
    return SEATS.every((zone) => this.seats[zone].online && this.seats[zone].isCurrent)
  }

  /** Where its runner is, as far as it sees. */
  get place() {
    return whereIs(this.#train, this.name)
  }

  /** To be called `SENDS_PER_SECOND` times a second. */
  beat(): void {
    const every = SENDS_PER_SECOND[this.gear] / SENDS_PER_SECOND.bot
    if (this.#beats++ % Math.round(every) === 0) {
      for (const { zone, input, args } of this.#brain.think(this.#train)) this.#order({ zone, input, args } as Order)
    }
    if (this.gear === 'bot') return
    const zone = this.place?.zone
    if (zone === undefined) return
    if (this.gear === 'gamepad') this.send(zone, 'stick', { x: this.#tremble('x'), y: this.#tremble('y') })
    else this.send(zone, 'pose', { seq: ++this.#pose, limbs: limbsAt(this.#pose / SENDS_PER_SECOND.headset) })
  }

  /** Sends an input to a car, if it is connected to it. */
  send(zone: CarZone, input: string, args: Record<string, unknown>): void {
    const seat = this.seats[zone]
    if (seat.online && seat.pending < PENDING_MAX) seat.send(this.#world.inputNames.indexOf(input), args)
  }

  #order(order: Order): void {
    if (order.input === 'stick') this.#thumb = order.args
    if (order.input !== 'stick' || this.gear !== 'gamepad') this.send(order.zone, order.input, { ...order.args })
  }

  #tremble(axis: 'x' | 'y'): number {
    const value = Math.round(this.#thumb[axis] + (this.#random.float() * 2 - 1) * TREMBLE * STICK_MAX)
    return Math.max(-STICK_MAX, Math.min(STICK_MAX, value))
  }
}

export function carView(view: ReplicaView): TrainView[CarZone] {
  return {
    cars: view.rows('cars'),
    runners: view.rows('runners'),
    cores: view.rows('cores'),
    slots: view.rows('slots'),
    drones: view.rows('drones'),
  }
}

/** Head and hands of somebody who stands and sways, in mm and 1/10,000. */
function limbsAt(seconds: number): readonly (readonly number[])[] {
  const sway = (amplitude: number, hz: number) => Math.round(amplitude * Math.sin(2 * Math.PI * hz * seconds))
  return [
    [sway(40, 0.3), sway(30, 0.2), 1_700 + sway(15, 0.9), 0, 0, 0, 10_000],
    [-300 + sway(200, 0.7), 250 + sway(150, 0.8), 1_100 + sway(250, 0.6), 0, 0, 0, 10_000],
    [300 + sway(200, 0.6), 250 + sway(150, 0.7), 1_100 + sway(250, 0.8), 0, 0, 0, 10_000],
  ]
}
