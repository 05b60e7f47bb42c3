import { isWithin, nearest } from '../car.js'
import type { CoreRow, Runner } from '../kinds.js'
import { FLOOR } from '../physics/index.js'
import { CARS, type CarZone, COURIER, DOOR, GRAB_REACH, SLOT_REACH, STICK_MAX, TERMINAL, ZAP_REACH } from '../rules.js'
import { type TrainView, whereIs } from './view.js'

/** An input for one of the cars. */
export type Order =
  | { readonly zone: CarZone; readonly input: 'stick'; readonly args: { readonly x: number; readonly y: number } }
  | { readonly zone: CarZone; readonly input: 'grab'; readonly args: { readonly core: number } }
  | { readonly zone: CarZone; readonly input: 'slot'; readonly args: { readonly slot: number } }
  | { readonly zone: CarZone; readonly input: 'zap'; readonly args: { readonly drone: number } }

interface Point {
  readonly x: number
  readonly y: number
}

/** Past the bulkhead on either side, so that who walks there goes through. */
const BEYOND = 1_000_000
/** Ticks between attempts at anything. */
const PATIENCE = 4
const FAR = FLOOR.x * 2

/**
 * How a bot plays: fetches the nearest core, carries it through the door, slots it, comes back; drones that come near
 * it switches off. It decides by what it sees and by nothing else.
 *
 * @param index of the bot among the crew: those with other numbers prefer other cores and slots
 * @returns what it wants to do now; the stick only when it moves to another position
 */
export class Brain {
  #stick: Point = { x: 0, y: 0 }
  #zone: CarZone | undefined
  #triedAt = Number.NEGATIVE_INFINITY
  readonly #player: string
  readonly #index: number

  constructor(player: string, index: number) {
    this.#player = player
    this.#index = index
  }

  think(train: TrainView): Order[] {
    const place = whereIs(train, this.#player)
    if (place === undefined) return []
    const { zone, runner } = place
    const car = train[zone].cars.get(zone)
    if (car === undefined) return []
    if (car.phase !== 'running') return this.#go(zone, runner, undefined)
    if (runner.stunnedUntil > car.tick) return []
    const orders: Order[] = []
    const drone = nearest(runner, train[zone].drones.all(), ZAP_REACH)
    if (drone !== undefined && drone.idleUntil <= car.tick && runner.zapAt <= car.tick && this.#mayTry(car.tick)) {
      orders.push({ zone, input: 'zap', args: { drone: drone.id } })
    }
    const { goal, act } =
      runner.carries === null ? this.#fetch(train, zone, runner) : this.#deliver(train, zone, runner)
    if (act !== undefined && this.#mayTry(car.tick)) orders.push(act)
    return [...orders, ...this.#go(zone, runner, goal)]
  }

  #fetch(train: TrainView, zone: CarZone, runner: Runner): Plan {
    const core = this.#choose([...train[zone].cores.all()].filter(isLoose), runner)
    if (core === undefined) return zone === TERMINAL ? { goal: doorway(zone) } : { goal: this.#post(zone) }
    if (isWithin(runner, core, GRAB_REACH)) return { goal: core, act: { zone, input: 'grab', args: { core: core.id } } }
    return { goal: core }
  }

  #deliver(train: TrainView, zone: CarZone, runner: Runner): Plan {
    if (zone === COURIER) return { goal: doorway(zone) }
    const slot = this.#choose(
      [...train[zone].slots.all()].filter(({ core }) => core === null),
      runner,
    )
    if (slot === undefined) return { goal: this.#post(zone) }
    if (isWithin(runner, slot, SLOT_REACH)) return { goal: slot, act: { zone, input: 'slot', args: { slot: slot.id } } }
    return { goal: slot }
  }

  /** The nearest or the second nearest, so that not all run for the same. */
  #choose<T extends Point & { readonly id: number }>(all: readonly T[], from: Point): T | undefined {
    const first = nearest(from, all, FAR)
    if (this.#index % 2 === 0 || all.length < 2) return first
    return nearest(
      from,
      all.filter((one) => one !== first),
      FAR,
    )
  }

  /** Where it waits while there is nothing to do: each at a place of its own. */
  #post(zone: CarZone): Point {
    const { from, to } = CARS[zone]
    const share = ((this.#index * 7) % 16) / 16
    return { x: from + (to - from) * (0.2 + 0.6 * share), y: FLOOR.y * (0.2 + 0.6 * ((share * 3) % 1)) }
  }

  /** A few ticks apart: rejections take a moment to be seen. */
  #mayTry(tick: number): boolean {
    if (tick < this.#triedAt) this.#triedAt = Number.NEGATIVE_INFINITY
    if (tick - this.#triedAt < PATIENCE) return false
    this.#triedAt = tick
    return true
  }

  #go(zone: CarZone, runner: Point, goal: Point | undefined): Order[] {
    const stick = goal === undefined ? { x: 0, y: 0 } : towards(runner, goal)
    const isSame = zone === this.#zone && Math.hypot(stick.x - this.#stick.x, stick.y - this.#stick.y) < STICK_MAX / 20
    if (isSame) return []
    this.#stick = stick
    this.#zone = zone
    return [{ zone, input: 'stick', args: stick }]
  }
}

interface Plan {
  readonly goal: Point
  readonly act?: Order
}

function isLoose({ carriedBy }: CoreRow): boolean {
  return carriedBy === null
}

function doorway(zone: CarZone): Point {
  return { x: zone === COURIER ? CARS[zone].to + BEYOND : CARS[zone].from - BEYOND, y: DOOR.y }
}

/** A stick at full length; still when it is there. Through the door it first lines up with it. */
function towards(from: Point, to: Point): Point {
  const dx = to.x - from.x
  const isAtBulkhead = Math.abs(from.x - CARS[TERMINAL].from) < 2 * BEYOND
  const dy = isAtBulkhead && Math.abs(to.y - from.y) > DOOR.half / 2 ? (to.y - from.y) * 4 : to.y - from.y
  const distance = Math.hypot(dx, dy)
  if (distance < 200_000) return { x: 0, y: 0 }
  return { x: Math.round((dx * STICK_MAX) / distance), y: Math.round((dy * STICK_MAX) / distance) }
}
