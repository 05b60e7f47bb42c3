import { type CarZone, COURIER, TERMINAL } from '@terrane/world-maglev'
import type { ScoreCopy } from './score-way.js'

export interface BoardLine {
  readonly player: string
  /** In the mission that is on, or was last. */
  readonly missionCores: number
  readonly points: number
  readonly isHere: boolean
  readonly copies: Readonly<Record<CarZone, ScoreCopy | undefined>>
}

interface BoardInputs {
  readonly copies: Readonly<Record<CarZone, readonly ScoreCopy[]>>
  /** Number of the mission that is on, or was last. */
  readonly mission: number
  /** Who has a runner. */
  readonly crew: ReadonlySet<string>
}

/** Those of the crew first, by cores in this mission, then by points. Of two copies the one with more is newer. */
export function boardOf({ copies, mission, crew }: BoardInputs): BoardLine[] {
  const players = new Set([...crew, ...copies[COURIER].map(playerOf), ...copies[TERMINAL].map(playerOf)])
  const byPlayer = (zone: CarZone) => new Map(copies[zone].map((copy) => [copy.player, copy]))
  const first = byPlayer(COURIER)
  const second = byPlayer(TERMINAL)
  const lines = Array.from(players, (player): BoardLine => {
    const both = [first.get(player), second.get(player)].filter((copy) => copy !== undefined)
    const newest = both.reduce<ScoreCopy | undefined>(
      (a, b) => (a === undefined || b.points > a.points ? b : a),
      undefined,
    )
    return {
      player,
      missionCores: newest?.mission === mission ? newest.missionCores : 0,
      points: newest?.points ?? 0,
      isHere: crew.has(player),
      copies: { 'car-1': first.get(player), 'car-2': second.get(player) },
    }
  })
  return lines
    .filter(({ isHere, points }) => isHere || points > 0)
    .sort(
      (a, b) =>
        Number(b.isHere) - Number(a.isHere) ||
        b.missionCores - a.missionCores ||
        b.points - a.points ||
        (a.player < b.player ? -1 : 1),
    )
}

function playerOf({ player }: ScoreCopy): string {
  return player
}
