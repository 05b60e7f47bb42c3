import type { Car, Runner, Tx } from './kinds.js'
import { CORE_RADIUS, FLOOR, PLAYER_RADIUS, SPEED_MAX, type Stretch } from './physics/index.js'
import { refuse } from './rejections.js'
import { ARM, CARS, type CarZone, COURIER, DRONES_PER_CAR, isCar, SLOTS, TERMINAL } from './rules.js'

/** What several inputs and ticks do in a car. */

export function carOf(tx: Tx): Car {
  return tx.cars.must(tx.zone)
}

export function stretchOf(zone: string): Stretch {
  if (!isCar(zone)) throw new Error(`zone ${zone} is no car`)
  return CARS[zone]
}

export function otherCar(zone: string): CarZone {
  return zone === COURIER ? TERMINAL : COURIER
}

/** The runner of the player whose input this is; refused when it is in the other car. */
export function ownRunner(tx: Tx): Runner {
  const runner = tx.runners.get(tx.player)
  if (runner === undefined) return refuse(tx, 'elsewhere')
  return runner
}

/** The same, while a mission runs and nothing keeps it from acting. */
export function actingRunner(tx: Tx): { readonly car: Car; readonly runner: Runner } {
  const runner = ownRunner(tx)
  const car = carOf(tx)
  if (car.phase !== 'running') refuse(tx, 'not_running')
  if (runner.stunnedUntil > car.tick) refuse(tx, 'stunned')
  return { car, runner }
}

/** Lets go of the core in a runner's hands: it rolls from in front of them, where they face. */
export function letGo(tx: Tx, runner: Runner, vx: number, vy: number): void {
  if (runner.carries === null) return
  const stretch = stretchOf(tx.zone)
  const reach = Math.hypot(vx, vy)
  const ahead =
    reach === 0 ? { x: 0, y: ARM } : { x: Math.round((vx * ARM) / reach), y: Math.round((vy * ARM) / reach) }
  tx.cores.update(runner.carries, {
    x: clamp(runner.x + ahead.x, stretch.from + CORE_RADIUS, stretch.to - CORE_RADIUS),
    y: clamp(runner.y + ahead.y, CORE_RADIUS, FLOOR.y - CORE_RADIUS),
    vx: clamp(vx, -SPEED_MAX, SPEED_MAX),
    vy: clamp(vy, -SPEED_MAX, SPEED_MAX),
    carriedBy: null,
    touchedBy: runner.player,
  })
  tx.runners.update(runner.player, { carries: null })
}

/** Where somebody may stand in a car. */
export function standing(zone: string, x: number, y: number): { readonly x: number; readonly y: number } {
  const stretch = stretchOf(zone)
  return {
    x: clamp(x, stretch.from + PLAYER_RADIUS, stretch.to - PLAYER_RADIUS),
    y: clamp(y, PLAYER_RADIUS, FLOOR.y - PLAYER_RADIUS),
  }
}

/** Somewhere on the floor of the first car, far from the door. */
export function startingPlace(tx: Tx): { readonly x: number; readonly y: number } {
  const { from, to } = CARS[COURIER]
  return standing(COURIER, tx.randomInt(from, (from + to) / 2), tx.randomInt(0, FLOOR.y))
}

export function placeCore(tx: Tx, id: number): void {
  const { from, to } = stretchOf(tx.zone)
  tx.cores.insert({
    id,
    x: tx.randomInt(from + 2_000_000, to - 4_000_000),
    y: tx.randomInt(CORE_RADIUS, FLOOR.y - CORE_RADIUS),
    vx: 0,
    vy: 0,
    touchedBy: null,
    carriedBy: null,
  })
}

/** A car before the first mission. */
export function fitOut(tx: Tx): void {
  if (!isCar(tx.zone)) return
  tx.cars.insert({
    car: tx.zone,
    phase: 'lobby',
    mission: 0,
    seed: 0,
    tick: 0,
    endsAt: 0,
    quota: 0,
    slotted: 0,
    nextCore: 1,
    slotEvents: 0,
    tallies: 0,
    talliesStale: 0,
    talliesWrong: 0,
  })
  const { from, to } = CARS[tx.zone]
  for (let i = 0; i < DRONES_PER_CAR; i++) {
    const x = from + Math.round(((to - from) * (i + 1)) / (DRONES_PER_CAR + 1))
    tx.drones.insert({ id: (tx.zone === COURIER ? 0 : DRONES_PER_CAR) + i + 1, x, y: FLOOR.y / 2, idleUntil: 0 })
  }
  if (tx.zone === TERMINAL) for (const slot of SLOTS) tx.slots.insert({ ...slot, core: null, by: null, freeAt: 0 })
}

/** A car as it is when a mission begins: all at their places, nothing in anybody's hands. */
export function clear(tx: Tx): void {
  for (const { id } of listed(tx.cores.all())) tx.cores.delete(id)
  for (const { id } of listed(tx.drones.all())) tx.drones.update(id, { idleUntil: 0 })
  for (const { id } of listed(tx.slots.all())) tx.slots.update(id, { core: null, by: null, freeAt: 0 })
  for (const { player } of listed(tx.runners.all())) {
    tx.runners.update(player, { carries: null, carried: 0, stunnedUntil: 0, zapAt: 0 })
  }
}

/** Rows to work through while they change. */
export function listed<Row>(rows: Iterable<Row>): Row[] {
  return [...rows]
}

export function isWithin(a: { x: number; y: number }, b: { x: number; y: number }, reach: number): boolean {
  const dx = a.x - b.x
  const dy = a.y - b.y
  return dx * dx + dy * dy <= reach * reach
}

/** The nearest of them within reach; of several as near the one that comes first. */
export function nearest<T extends { readonly x: number; readonly y: number }>(
  to: { readonly x: number; readonly y: number },
  all: Iterable<T>,
  reach: number,
): T | undefined {
  let found: T | undefined
  let least = reach * reach
  for (const one of all) {
    const dx = one.x - to.x
    const dy = one.y - to.y
    const square = dx * dx + dy * dy
    if (square > least || (square === least && found !== undefined)) continue
    found = one
    least = square
  }
  return found
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
