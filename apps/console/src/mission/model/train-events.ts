import { ZAPPED_TICKS } from '@terrane/world-maglev'
import type { Snapshot } from './snapshots.js'

interface Place {
  readonly x: number
  readonly y: number
}

/** Something that happened in a car between two frames, where it is to be seen. */
export type TrainEvent =
  | { readonly type: 'slotted'; readonly at: Place; readonly player: string; readonly slot: number }
  | { readonly type: 'zapped'; readonly at: Place; readonly by: Place | undefined; readonly drone: number }
  | { readonly type: 'stunned'; readonly at: Place; readonly player: string }
  | { readonly type: 'grabbed'; readonly at: Place; readonly player: string }
  | { readonly type: 'arrived'; readonly at: Place; readonly player: string }

/** What must have happened for the one frame to become the other; nothing across the beginning or end of a mission. */
export function eventsBetween(before: Snapshot, after: Snapshot): TrainEvent[] {
  if (before.car.mission !== after.car.mission || before.car.phase !== after.car.phase) return []
  const events: TrainEvent[] = []
  for (const [id, { x, y, core, by }] of after.slots) {
    const was = before.slots.get(id)
    if (core !== null && was?.core !== core) events.push({ type: 'slotted', at: { x, y }, player: by ?? '', slot: id })
  }
  const zappers = []
  for (const [player, runner] of after.runners) {
    const was = before.runners.get(player)
    if (was === undefined) {
      if (before.car.phase === 'running') events.push({ type: 'arrived', at: runner, player })
      continue
    }
    if (runner.stunnedUntil > was.stunnedUntil) events.push({ type: 'stunned', at: runner, player })
    if (runner.carries !== null && was.carries === null) events.push({ type: 'grabbed', at: runner, player })
    if (runner.zapAt > was.zapAt) zappers.push(runner)
  }
  for (const [drone, row] of after.drones) {
    const { idleUntil, x, y } = row
    if (idleUntil === before.drones.get(drone)?.idleUntil) continue
    // Somebody else's rest after a stun is shorter.
    if (idleUntil - after.car.tick < ZAPPED_TICKS / 2) continue
    events.push({ type: 'zapped', at: { x, y }, by: nearestOf(zappers, row), drone })
  }
  return events
}

function nearestOf(all: readonly Place[], to: Place): Place | undefined {
  const away = (one: Place) => Math.hypot(one.x - to.x, one.y - to.y)
  return [...all].sort((a, b) => away(a) - away(b))[0]
}
