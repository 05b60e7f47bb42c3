import { type CarZone, COURIER, TERMINAL } from '@terrane/world-maglev'
import { useModel } from '../../app/console-model.js'
import { useStore } from '../../app/store.js'
import { callSign, hueOf } from '../model/call-sign.js'
import { CAR_ZONES, type MissionModel } from '../model/mission-model.js'
import { isThrough, type Trace } from '../model/score-way.js'
import { usePulse } from '../use-pulse.js'

const SHOWN = 5
/** A station lights up for so long after something has passed it, ms. */
const LIT_MS = 450

/** How a core becomes a score: from the slot through the op to the persona zone, and back as copies to both cars. */
export function ScoreWayPanel({ mission }: { readonly mission: MissionModel }) {
  usePulse(100)
  const stats = useStore(useModel().stats.latest)
  const [first, second] = [mission.car(COURIER), mission.car(TERMINAL)]
  const slotEvents = second?.slotEvents ?? 0
  const told = Math.min(first?.tallies ?? 0, second?.tallies ?? 0)
  const copied = CAR_ZONES.map((zone) => mission.copies(zone).reduce((sum, { cores }) => sum + cores, 0))
  const wrong = (first?.talliesWrong ?? 0) + (second?.talliesWrong ?? 0)
  const caught = (first?.talliesStale ?? 0) + (second?.talliesStale ?? 0)
  const now = performance.now()
  const { traces } = mission.way
  const isLit = (at: (trace: Trace) => number | undefined) =>
    traces.some((trace) => {
      const passed = at(trace)
      return passed !== undefined && now - passed < LIT_MS
    })
  const copiedAt = (trace: Trace, zone: CarZone) => {
    const ms = trace.copiedMs[zone]
    return ms === undefined ? undefined : trace.startedAt + ms
  }
  const waiting = traces.filter((trace) => !isThrough(trace)).length
  return (
    <section className="score-way" aria-label="A score’s way" data-testid="score-way">
      <h2>A score’s way</h2>
      <ol className="way-stations">
        <Station
          name="Slot"
          where="zone car-2"
          count={slotEvents}
          testId="way-slots"
          isLit={isLit(({ startedAt }) => startedAt)}
        />
        <Station
          name="QueueOp"
          where="with the car’s vector clock"
          count={waiting}
          unit="under way"
          testId="way-ops"
          isLit={waiting > 0}
        />
        <Station
          name="Commit"
          where="persona zone, in SQL"
          count={told}
          testId="way-commits"
          isLit={isLit((trace) => copiedAt(trace, TERMINAL) ?? copiedAt(trace, COURIER))}
        />
        <Station
          name="Copies"
          where="replicas in both cars"
          count={Math.min(...copied)}
          testId="way-copies"
          isLit={isLit((trace) => copiedAt(trace, COURIER))}
        />
      </ol>
      <dl className="way-figures">
        <Figure name="stale and said so" value={caught} />
        <Figure name="stale unsaid" value={wrong} isBad={wrong > 0} />
        <Figure name="ops delivered" value={stats?.ops.delivered ?? 0} />
        <Figure name="dead letters" value={stats?.ops.dead ?? 0} isBad={(stats?.ops.dead ?? 0) > 0} />
      </dl>
      {traces.length === 0 ? (
        <p className="hint">Each core that is slotted shows here, with the moments at which its score arrives.</p>
      ) : (
        <ul className="way-traces">
          {traces.slice(0, SHOWN).map((trace) => (
            <TraceLine key={trace.id} trace={trace} now={now} />
          ))}
        </ul>
      )}
    </section>
  )
}

interface StationProps {
  readonly name: string
  readonly where: string
  readonly count: number
  readonly unit?: string
  readonly testId: string
  readonly isLit: boolean
}

function Station({ name, where, count, unit, testId, isLit }: StationProps) {
  return (
    <li data-lit={isLit}>
      <b>{name}</b>
      <small>{where}</small>
      <span className="way-count">
        <output data-testid={testId}>{count.toLocaleString('en')}</output>
        {unit !== undefined && <small> {unit}</small>}
      </span>
    </li>
  )
}

function Figure({
  name,
  value,
  isBad = false,
}: {
  readonly name: string
  readonly value: number
  readonly isBad?: boolean
}) {
  return (
    <div data-bad={isBad}>
      <dt>{name}</dt>
      <dd>{value.toLocaleString('en')}</dd>
    </div>
  )
}

function TraceLine({ trace, now }: { readonly trace: Trace; readonly now: number }) {
  const { player, slot, zone, copiedMs, wasStale, startedAt } = trace
  const ms = (value: number | undefined) => (value === undefined ? '…' : `${Math.round(value)} ms`)
  return (
    <li data-through={isThrough(trace)} data-fresh={now - startedAt < 1_000} data-testid="way-trace">
      <i className="player-dot" style={{ background: `hsl(${hueOf(player)} 70% 58%)` }} />
      <b>{callSign(player)}</b>
      <span>
        slot {slot} → {zone ?? 'persona'}
        {wasStale && <em title="its copy was marked as stale meanwhile"> stale first</em>}
      </span>
      <span className="way-times" title="after the slot was seen here: the copy in car 2, and in car 1">
        {ms(copiedMs[TERMINAL])} · {ms(copiedMs[COURIER])}
      </span>
    </li>
  )
}
