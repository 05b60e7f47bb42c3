import type { MissionModel } from '../model/mission-model.js'
import { usePulse } from '../use-pulse.js'

const SHOWN = 8

/** How the last missions ended. */
export function LastMissions({ mission }: { readonly mission: MissionModel }) {
  usePulse(500)
  const ended = mission.missions().filter(({ endedAt }) => endedAt !== null)
  const won = ended.filter(({ result }) => result === 'won').length
  return (
    <section className="last-missions" aria-label="Last missions" data-testid="last-missions">
      <h2>
        Missions <small>{ended.length === 0 ? '' : `${won} won of the last ${ended.length}`}</small>
      </h2>
      {ended.length === 0 ? (
        <p className="hint">None has ended yet.</p>
      ) : (
        <ol>
          {ended.slice(0, SHOWN).map(({ id, result, slotted, quota, startedAt, endedAt }) => (
            <li key={id} data-won={result === 'won'}>
              <b>{id}</b>
              <span>{result}</span>
              <span className="mission-cores">
                <i style={{ width: `${Math.min(1, slotted / quota) * 100}%` }} />
              </span>
              <span>
                {slotted}/{quota}
              </span>
              <small>{Math.round(((endedAt ?? startedAt) - startedAt) / 1_000)} s</small>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}
