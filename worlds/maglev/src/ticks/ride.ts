import type { TickDefinition } from '@terrane/engine'
import { persona } from '@terrane/engine'
import { carOf, isWithin, letGo, listed, nearest, otherCar, standing, stretchOf } from '../car.js'
import type { Car, Drone, MaglevKinds, Runner, Tx } from '../kinds.js'
import type { OpSchemas } from '../op-schemas.js'
import { bankAt, divide, PLAYER_RADIUS, stepFloor, type Walker } from '../physics/index.js'
import {
  COURIER,
  DOOR,
  DOOR_STEP,
  DRONE_REACH,
  DRONE_REST_TICKS,
  DRONE_SIGHT,
  DRONE_SPEED,
  isCar,
  STUN_TICKS,
  TERMINAL,
  TICK_MS,
} from '../rules.js'
import { end, freeSlots, slotCore } from '../terminal.js'

/** A car, 20 times a second: people walk, drones hunt, cores roll, the clock runs. */
export const ride: TickDefinition<MaglevKinds, OpSchemas> = {
  everyMs: TICK_MS,
  in: isCar,
  apply(tx) {
    const before = carOf(tx)
    const { phase, endsAt } = before
    if (phase !== 'running') {
      if (tx.zone === COURIER) for (const runner of listed(tx.runners.all())) walk(tx, runner, before)
      else waitForNext(tx, before)
      return
    }
    if (tx.zone === TERMINAL && tx.now >= endsAt) {
      end(tx)
      return
    }
    const car = tx.cars.update(tx.zone, { tick: before.tick + 1 })
    for (const runner of listed(tx.runners.all())) walk(tx, runner, car)
    for (const drone of listed(tx.drones.all())) hunt(tx, drone, car)
    rollCores(tx, car)
    if (tx.zone === TERMINAL) freeSlots(tx, car)
  },
}

/** Until the next mission the second car is empty: who was on the way into it goes back. */
function waitForNext(tx: Tx, { phase, endsAt }: Car): void {
  for (const { player } of listed(tx.runners.all())) tx.handOver('runners', player, COURIER)
  if (phase === 'debrief' && tx.now >= endsAt) tx.cars.update(tx.zone, { phase: 'lobby', endsAt: 0 })
}

function walk(tx: Tx, runner: Runner, car: Car): void {
  if ((runner.vx === 0 && runner.vy === 0) || (car.phase === 'running' && runner.stunnedUntil > car.tick)) return
  const wanted = { x: runner.x + runner.vx, y: runner.y + runner.vy }
  const { x, y } = standing(tx.zone, wanted.x, wanted.y)
  if (car.phase === 'running' && isThroughDoor(tx.zone, wanted)) {
    goThrough(tx, runner, y)
    return
  }
  if (x === runner.x && y === runner.y) return
  tx.runners.update(runner.player, { x, y })
  carryAlong(tx, runner)
}

function isThroughDoor(zone: string, { x, y }: { readonly x: number; readonly y: number }): boolean {
  if (Math.abs(y - DOOR.y) > DOOR.half) return false
  const { from, to } = stretchOf(zone)
  return zone === COURIER ? x > to - PLAYER_RADIUS : x < from + PLAYER_RADIUS
}

/** The runner goes to the other car's zone at once, with what it carries. */
function goThrough(tx: Tx, runner: Runner, y: number): void {
  const to = otherCar(tx.zone)
  const { from, to: far } = stretchOf(to)
  const x = to === TERMINAL ? from + PLAYER_RADIUS + DOOR_STEP : far - PLAYER_RADIUS - DOOR_STEP
  tx.runners.update(runner.player, { x, y, stunnedUntil: 0, zapAt: 0 })
  carryAlong(tx, runner)
  if (runner.carries !== null && tx.zone === COURIER) {
    const { mission } = carOf(tx)
    const carried = (runner.mission === mission ? runner.carried : 0) + 1
    tx.runners.update(runner.player, { mission, carried })
    tx.send(persona(runner.player), 'carried', { player: runner.player, mission, carried })
  }
  tx.handOver('runners', runner.player, to)
}

/** Rows are live: `runner` is where it has gone to. */
function carryAlong(tx: Tx, { x, y, carries }: Runner): void {
  if (carries !== null) tx.cores.update(carries, { x, y })
}

/** Towards the nearest runner in sight; whom it reaches stands still, and lets go. */
function hunt(tx: Tx, drone: Drone, { tick }: Car): void {
  if (drone.idleUntil > tick) return
  const prey = nearest(drone, tx.runners.all(), DRONE_SIGHT)
  if (prey === undefined) return
  if (isWithin(drone, prey, DRONE_REACH)) {
    letGo(tx, prey, 0, 0)
    tx.runners.update(prey.player, { stunnedUntil: tick + STUN_TICKS })
    tx.drones.update(drone.id, { idleUntil: tick + DRONE_REST_TICKS })
    return
  }
  const dx = prey.x - drone.x
  const dy = prey.y - drone.y
  const distance = Math.floor(Math.sqrt(dx * dx + dy * dy))
  const x = drone.x + divide(dx * DRONE_SPEED, distance)
  const y = drone.y + divide(dy * DRONE_SPEED, distance)
  tx.drones.update(drone.id, { x, y })
}

function rollCores(tx: Tx, { seed, tick }: Car): void {
  const rolling = []
  for (const { id, x, y, vx, vy, touchedBy, carriedBy } of tx.cores.all()) {
    if (carriedBy === null) rolling.push({ id, x, y, vx, vy, touchedBy: touchedBy ?? undefined })
  }
  if (rolling.length === 0) return
  const walkers: Walker[] = []
  for (const { player, x, y, vx, vy } of tx.runners.all()) walkers.push({ player, x, y, vx, vy })
  const slots = []
  for (const { id, x, y, core } of tx.slots.all()) if (core === null) slots.push({ id, x, y })
  const step = stepFloor(rolling, { bank: bankAt(seed, tick), walkers, slots, stretch: stretchOf(tx.zone) })
  for (const { id, x, y, vx, vy, touchedBy } of step.cores) {
    const core = tx.cores.must(id)
    if (core.x === x && core.y === y && core.vx === vx && core.vy === vy) continue
    tx.cores.update(id, { x, y, vx, vy, touchedBy: touchedBy ?? null })
  }
  for (const { slot, core } of step.slotted) slotCore(tx, slot, core.id, core.touchedBy ?? null)
}
