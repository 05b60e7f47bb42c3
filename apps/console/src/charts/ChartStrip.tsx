import { useStore } from '../app/store.js'
import { bytes, duration, millis } from '../format.js'
import { CHARTS } from './chart-definitions.js'
import { StatsChart } from './StatsChart.js'
import type { StatsFeed } from './stats-feed.js'

/** The server at a glance: a chart per figure. */
export function ChartStrip({ feed }: { readonly feed: StatsFeed }) {
  return (
    <div className="chart-strip" data-testid="charts">
      {CHARTS.map((chart) => (
        <StatsChart key={chart.id} feed={feed} chart={chart} />
      ))}
    </div>
  )
}

/** What the charts leave out. */
export function ServerFacts({ feed }: { readonly feed: StatsFeed }) {
  const stats = useStore(feed.latest)
  if (stats === undefined) return <p className="hint">The server gives no figures at the moment.</p>
  return (
    <dl className="facts" data-testid="server-facts">
      <Fact name="Up" value={duration(stats.uptimeS)} />
      <Fact name="Memory" value={`${bytes(stats.memory.rssBytes)}, heap ${bytes(stats.memory.heapBytes)}`} />
      <Fact name="Checkpoint lag" value={`${millis(stats.checkpoints.lagMs)} ms`} />
      <Fact name="Log beyond checkpoint" value={bytes(stats.checkpoints.tailBytes)} />
      {stats.zones.map((zone) => (
        <Fact
          key={zone.id}
          name={`Zone ${zone.id}`}
          value={`${zone.state}, ${zone.entities} rows, log ${zone.epoch}:${zone.seq}`}
        />
      ))}
    </dl>
  )
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}
