import { type CarZone, COURIER, TERMINAL } from '@terrane/world-maglev'
import { callSign, hueOf } from '../model/call-sign.js'
import type { MissionModel } from '../model/mission-model.js'
import { type BoardLine, boardOf } from '../model/score-board.js'
import { usePulse } from '../use-pulse.js'

const CARS: readonly { readonly zone: CarZone; readonly name: string }[] = [
  { zone: COURIER, name: 'car 1' },
  { zone: TERMINAL, name: 'car 2' },
]

/** Who has brought how many cores, by the copies of the scores in both cars. */
export function ScoreBoard({ mission }: { readonly mission: MissionModel }) {
  usePulse(200)
  const lines = boardOf({
    copies: { 'car-1': mission.copies(COURIER), 'car-2': mission.copies(TERMINAL) },
    mission: mission.car(TERMINAL)?.mission ?? 0,
    crew: crewOf(mission),
  })
  return (
    <section className="score-board" aria-label="Scores" data-testid="score-board">
      <h2>Crew</h2>
      {lines.length === 0 ? (
        <p className="hint">Nobody is on the train yet.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">Player</th>
              <th scope="col">Cores</th>
              <th scope="col">Points</th>
              <th scope="col" title="Copies of the score in both cars: filled when nothing newer is known there">
                Copies
              </th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <Line key={line.player} line={line} isOwn={mission.plays && line.player === mission.player} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

function crewOf(mission: MissionModel): Set<string> {
  const crew = new Set<string>()
  for (const frames of Object.values(mission.frames)) {
    for (const player of frames.latest?.runners.keys() ?? []) crew.add(player)
  }
  return crew
}

function Line({ line, isOwn }: { readonly line: BoardLine; readonly isOwn: boolean }) {
  const { player, missionCores, points, copies } = line
  return (
    <tr data-own={isOwn} data-here={line.isHere} data-testid="score-line">
      <th scope="row">
        <i className="player-dot" style={{ background: `hsl(${hueOf(player)} 70% 58%)` }} />
        {callSign(player)}
        {isOwn && <em> you</em>}
      </th>
      <td data-testid={isOwn ? 'own-cores' : undefined}>{missionCores}</td>
      <td>{points.toLocaleString('en')}</td>
      <td className="copies">
        {CARS.map(({ zone, name }) => {
          const copy = copies[zone]
          const state = copy === undefined ? 'none' : copy.$stale ? 'stale' : 'fresh'
          return (
            <span
              key={zone}
              data-state={state}
              role="img"
              aria-label={`${name}: ${state}`}
              title={`${name}: ${state}`}
            />
          )
        })}
      </td>
    </tr>
  )
}
