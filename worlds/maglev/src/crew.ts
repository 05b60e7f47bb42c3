import type { TickDefinition } from '@terrane/engine'
import { carOf, listed, standing, startingPlace } from './car.js'
import type { MaglevKinds, Runner, Tx } from './kinds.js'
import type { OpSchemas } from './op-schemas.js'
import { COURIER, CREW_MAX, IDLE_MS, TERMINAL } from './rules.js'

/** Somebody comes into the first car: they get a runner, once, unless the crew is complete. */
export function enlist(tx: Tx): void {
  if (tx.zone !== COURIER || tx.roster.has(tx.player) || tx.roster.count >= CREW_MAX) return
  tx.roster.insert({ player: tx.player })
  const nothing = { vx: 0, vy: 0, carries: null, mission: 0, carried: 0, stunnedUntil: 0, zapAt: 0 }
  tx.runners.insert({ player: tx.player, ...startingPlace(tx), ...nothing, seenAt: tx.now })
  tx.send(TERMINAL, 'enlisted', { player: tx.player })
}

/** Somebody has come through the door. What they bring from a mission that is over is worth nothing here. */
export function arrive(tx: Tx, { player, carries, mission, x, y }: Runner): void {
  const car = carOf(tx)
  // Who is sent back at the end did not walk, and stands in the other car still.
  const place = standing(tx.zone, x, y)
  if (place.x !== x || place.y !== y) {
    tx.runners.update(player, place)
    if (carries !== null) tx.cores.update(carries, place)
  }
  if (carries === null || (car.phase === 'running' && car.mission === mission)) return
  tx.runners.update(player, { carries: null })
  tx.cores.delete(carries)
}

/** Who has not moved for long gives their place to somebody else, between missions, when all are in the first car. */
export const discharge: TickDefinition<MaglevKinds, OpSchemas> = {
  everyMs: 10_000,
  in: (zone) => zone === COURIER,
  apply(tx) {
    if (carOf(tx).phase !== 'lobby') return
    for (const { player, seenAt } of listed(tx.runners.all())) {
      if (tx.now - seenAt < IDLE_MS) continue
      tx.runners.delete(player)
      tx.poses.delete(player)
      tx.roster.delete(player)
      tx.send(TERMINAL, 'discharged', { player })
    }
  },
}
