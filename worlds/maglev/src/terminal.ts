import { persona } from '@terrane/engine'
import { carOf, clear, listed } from './car.js'
import type { Car, Tx } from './kinds.js'
import { CORES, COURIER, DEBRIEF_TICKS, MISSION_SECONDS, MISSIONS_KEPT, QUOTA, TICK_MS, UPLOAD_TICKS } from './rules.js'

/**
 * The mission, as the car with the terminal conducts it: `lobby`, `running` for as long as it lasts, `debrief` for as
 * long as the result stands, `lobby`. The first car follows by ops, so each of its phases begins a moment later.
 */

/** @returns the number of the mission */
export function begin(tx: Tx, seconds: number, seed: number): number {
  const car = carOf(tx)
  const mission = car.mission + 1
  const endsAt = tx.now + seconds * 1_000
  const quota = Math.max(1, Math.floor((QUOTA * seconds) / MISSION_SECONDS))
  clear(tx)
  const cores = Array.from({ length: CORES }, (_, i) => car.nextCore + i)
  tx.missions.insert({ id: mission, seed, startedAt: tx.now, endedAt: null, quota, slotted: 0, result: null })
  tx.missions.delete(mission - MISSIONS_KEPT)
  const nextCore = car.nextCore + CORES
  tx.cars.update(tx.zone, { phase: 'running', mission, seed, tick: 0, endsAt, quota, slotted: 0, nextCore })
  tx.send(COURIER, 'breach', { mission, seed, endsAt, cores })
  return mission
}

/** A core is in a hole: whoever brought it scores, in their persona zone. */
export function slotCore(tx: Tx, slot: number, core: number, player: string | null): void {
  const car = carOf(tx)
  const slotted = car.slotted + 1
  const slotEvent = car.slotEvents + 1
  tx.cores.delete(core)
  tx.slots.update(slot, { core, by: player, freeAt: car.tick + UPLOAD_TICKS })
  tx.cars.update(tx.zone, { slotted, slotEvents: slotEvent })
  tx.missions.update(car.mission, { slotted })
  if (player === null) return
  const runner = tx.runners.get(player)
  const carried = runner?.mission === car.mission ? runner.carried : 0
  tx.send(persona(player), 'score', { player, mission: car.mission, slotEvent, carried })
}

/** Holes that have read their core are free again, and the first car gets another core. */
export function freeSlots(tx: Tx, { tick, mission }: Car): void {
  for (const slot of listed(tx.slots.all())) {
    if (slot.core === null || slot.freeAt > tick) continue
    const { nextCore } = carOf(tx)
    tx.slots.update(slot.id, { core: null, by: null })
    tx.cars.update(tx.zone, { nextCore: nextCore + 1 })
    tx.send(COURIER, 'release', { mission, core: nextCore })
  }
}

/** The time is up. */
export function end(tx: Tx): void {
  const { mission, quota, slotted } = carOf(tx)
  const result = slotted >= quota ? 'won' : 'lost'
  tx.missions.update(mission, { endedAt: tx.now, result })
  for (const { player } of listed(tx.crew.all())) {
    tx.send(persona(player), 'finish', { player, mission, result, endedAt: tx.now })
  }
  clear(tx)
  for (const { player } of listed(tx.runners.all())) tx.handOver('runners', player, COURIER)
  // Behind the players, who are back in the first car when it hears of this.
  tx.send(COURIER, 'over', { mission })
  tx.cars.update(tx.zone, { phase: 'debrief', endsAt: tx.now + DEBRIEF_TICKS * TICK_MS })
}
