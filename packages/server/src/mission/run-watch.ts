import { TERMINAL } from '@terrane/world-maglev'
import { type MissionCrew, phaseOf } from './crew.js'
import type { Query } from './stage.js'
import { schemaOf } from './tables.js'

/** When to begin to look, before the mission must end, ms. */
const EARLY_MS = 40
/** Between two looks. The database is the server's, and must not be busy with us. */
const LOOK_EVERY_MS = 1
/** A run that is not there by then is lost. */
const LOST_MS = 10_000

export interface RunsSeen {
  /** From the mission's end until the run was seen, by player, ms; what was never seen counts as `LOST_MS`. */
  readonly visibleMs: readonly number[]
  /** Sum over the runs. */
  readonly cores: number
}

/**
 * Reads the runs of a mission from the moment it ends, again and again, until those of all players are there. Server and
 * reader have the same clock. A run counts as visible when the answer that holds it has arrived here.
 */
export async function seeRuns(crew: MissionCrew, read: Query, mission: number): Promise<RunsSeen> {
  const terminal = crew.observer[TERMINAL]
  const endsAt = terminal.tables.cars.get(TERMINAL)?.endsAt ?? 0
  await pause(endsAt - EARLY_MS - Date.now())
  const { sqlName } = schemaOf('runs')
  const ids = crew.players.map((player) => `${mission}:${player}`)
  const seen = new Map<string, { readonly visibleMs: number; readonly cores: number }>()
  let endedMs = performance.now()
  while (seen.size < ids.length) {
    const rows = await read(`SELECT id, cores, ended_at FROM "${sqlName}" WHERE id = ANY($1)`, [ids])
    const now = performance.timeOrigin + performance.now()
    for (const [id, cores, endedAt] of rows) {
      if (!seen.has(id as string)) seen.set(id as string, { visibleMs: now - Number(endedAt), cores: Number(cores) })
    }
    if (phaseOf(terminal) === 'running') endedMs = performance.now()
    if (performance.now() - endedMs > LOST_MS) break
    await pause(LOOK_EVERY_MS)
  }
  const found = [...seen.values()]
  const lost = Array<number>(ids.length - found.length).fill(LOST_MS)
  return {
    visibleMs: [...found.map(({ visibleMs }) => visibleMs), ...lost],
    cores: found.reduce((sum, { cores }) => sum + cores, 0),
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}
