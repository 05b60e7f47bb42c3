import type { MissionCrew } from './crew.js'
import type { RunReader } from './run-reader.js'
import { schemaOf } from './tables.js'

/** A run that is not there so long after the mission's time is lost. */
const LOST_MS = 10_000

export interface RunsSeen {
  /** From the mission's end until the run was seen, by player, ms; what was never seen counts as `LOST_MS`. */
  readonly visibleMs: readonly number[]
  /** Sum over the runs. */
  readonly cores: number
}

/** Looks for the runs of a mission from the moment it ends, again and again, until those of all players are there. */
export async function seeRuns(crew: MissionCrew, reader: RunReader, mission: number): Promise<RunsSeen> {
  const fromMs = crew.endsAt
  const found = await reader.see({
    sql: `SELECT id, cores, ended_at FROM "${schemaOf('runs').sqlName}" WHERE id = ANY($1)`,
    ids: crew.players.map((player) => `${mission}:${player}`),
    fromMs,
    lostMs: fromMs + LOST_MS,
  })
  const lost = Array<number>(crew.players.length - found.length).fill(LOST_MS)
  return {
    visibleMs: [...found.map(({ visibleMs }) => visibleMs), ...lost],
    cores: found.reduce((sum, { cores }) => sum + cores, 0),
  }
}
