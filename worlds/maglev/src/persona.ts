import type { Tx } from './kinds.js'
import { CARS, POINTS_PER_CORE, RUNS_KEPT } from './rules.js'

/** What a player's persona zone does: nobody else can write these rows. */

/** A core was brought through the door. */
export function countCarried(
  tx: Tx,
  { player, mission, carried }: { player: string; mission: number; carried: number },
) {
  const score = scoreOf(tx, player, mission)
  // One after the other, by the car that counts them.
  const isInOrder = carried === score.carried + 1
  tx.scores.update(player, { carried, outOfOrder: score.outOfOrder + (isInOrder ? 0 : 1) })
}

/** A core was slotted. The car with the terminal has seen what the first car told this zone: so must this zone have. */
export function countSlotted(
  tx: Tx,
  { player, mission, slotEvent, carried }: { player: string; mission: number; slotEvent: number; carried: number },
) {
  const score = scoreOf(tx, player, mission)
  const isInOrder = slotEvent > score.slotEvent && score.carried >= carried
  const points = score.points + POINTS_PER_CORE
  tx.scores.update(player, {
    points,
    cores: score.cores + 1,
    missionCores: score.missionCores + 1,
    slotEvent,
    outOfOrder: score.outOfOrder + (isInOrder ? 0 : 1),
  })
  for (const car of Object.keys(CARS)) tx.send(car, 'tally', { player, points })
}

/** The mission has ended: the player's run is kept. */
export function closeRun(
  tx: Tx,
  { player, mission, result, endedAt }: { player: string; mission: number; result: string; endedAt: number },
) {
  const { missionCores: cores } = scoreOf(tx, player, mission)
  const id = `${mission}:${player}`
  tx.runs.insert({ id, player, mission, cores, points: cores * POINTS_PER_CORE, result, endedAt })
  const kept = tx.runs.by.player.range({ from: [player], to: [player] })
  for (const old of kept.slice(0, Math.max(0, kept.length - RUNS_KEPT))) tx.runs.delete(old.id)
}

function scoreOf(tx: Tx, player: string, mission: number) {
  const held = tx.scores.get(player)
  if (held === undefined) {
    const nothing = { points: 0, cores: 0, missionCores: 0, carried: 0, slotEvent: 0, outOfOrder: 0 }
    return tx.scores.insert({ player, mission, ...nothing })
  }
  if (held.mission === mission) return held
  return tx.scores.update(player, { mission, missionCores: 0, carried: 0 })
}
