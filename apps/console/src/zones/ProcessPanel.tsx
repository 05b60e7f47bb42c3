import type { ClusterStats, ZoneHolderStats } from '@terrane/protocol'
import { useStore } from '../app/store.js'
import type { StatsFeed } from '../charts/stats-feed.js'
import { holderName, processLevel } from './process-health.js'

/** Where several processes serve the world: which has which zone, and whether they reach each other. */
export function ProcessPanel({ feed }: { readonly feed: StatsFeed }) {
  const cluster = useStore(feed.latest)?.cluster
  if (cluster === undefined) return null
  return (
    <section className="ops" data-testid="processes" data-level={processLevel(cluster)} aria-label="Processes">
      <h2>Processes</h2>
      <p>{cluster.isBusUp ? 'The message bus is there.' : 'The message bus is away; ops go through the database.'}</p>
      <ul className="ops-zones">
        {cluster.holders.map((holder) => (
          <HolderLine key={holder.zone} holder={holder} followed={cluster.followed} />
        ))}
      </ul>
    </section>
  )
}

function HolderLine({ holder, followed }: { readonly holder: ZoneHolderStats } & Pick<ClusterStats, 'followed'>) {
  const copy = followed.find(({ zone }) => zone === holder.zone)
  return (
    <li>
      <b>{holder.zone}</b>
      <span>
        {holderName(holder)}
        {copy !== undefined && `, copied here up to batch ${copy.seq.toLocaleString('en')}`}
      </span>
    </li>
  )
}
