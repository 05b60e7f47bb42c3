import type { OpStats, ServerStats, ZoneStats } from '@terrane/protocol'
import { useStore } from '../app/store.js'
import type { StatsFeed } from '../charts/stats-feed.js'
import { opsLevel } from './ops-health.js'

/** The ops between zones: what went through the causal gate, what waits at it, and where something is stuck. */
export function OpsPanel({ feed }: { readonly feed: StatsFeed }) {
  const stats = useStore(feed.latest)
  if (stats === undefined || !hasOps(stats)) return null
  const { ops, zones } = stats
  return (
    <section className="ops" data-testid="ops" data-level={opsLevel(stats)} aria-label="Between zones">
      <h2>Between zones</h2>
      <Gate ops={ops} buffered={zones.reduce((sum, zone) => sum + zone.ops.buffered, 0)} />
      <ul className="ops-zones">
        {zones.map((zone) => (
          <ZoneLine key={zone.id} zone={zone} />
        ))}
      </ul>
    </section>
  )
}

const hasOps = ({ ops, zones }: ServerStats) =>
  ops.sent + ops.delivered > 0 || zones.some((zone) => zone.ops.outbox + zone.ops.deadLetters > 0)

function Gate({ ops, buffered }: { readonly ops: OpStats; readonly buffered: number }) {
  return (
    <dl className="ops-gate" data-testid="ops-gate">
      <Count name="sent" value={ops.sent} meaning="ops that are durable where they come from" />
      <Count name="delivered" value={ops.delivered} meaning="let through the gate: in causal order, once" />
      <Count name="waiting" value={buffered} meaning="at the gate, until those have come that they follow" />
      <Count name="repeated" value={ops.duplicate} meaning="came once more; the gate dropped them" />
      <Count name="refused" value={ops.refused} meaning="the world refused them and gave back what they held" />
      <Count name="dead" value={ops.dead} meaning="could not be applied; kept as dead letters" />
    </dl>
  )
}

function Count({ name, value, meaning }: { readonly name: string; readonly value: number; readonly meaning: string }) {
  return (
    <div title={meaning}>
      <dt>{name}</dt>
      <dd data-testid={`ops-${name}`}>{value.toLocaleString('en')}</dd>
    </div>
  )
}

function ZoneLine({ zone: { id, ops } }: { readonly zone: ZoneStats }) {
  const age = ops.outbox === 0 ? '' : `, the oldest for ${(ops.oldestMs / 1_000).toFixed(1)} s`
  return (
    <li>
      <b>{id}</b>
      <span>
        {ops.outbox === 0 ? 'nothing on its way' : `${ops.outbox} on their way${age}`}
        {ops.deadLetters > 0 && <em>, {ops.deadLetters} dead letters</em>}
      </span>
    </li>
  )
}
