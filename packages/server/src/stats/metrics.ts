import type { Bus } from '@terrane/bus'
import type { Histogram } from '@terrane/core'
import type { Engine, ZoneFigure } from '@terrane/engine'
import type { Gateway } from '@terrane/gateway'
import type { DatabaseStats, ZoneHolderStats } from '@terrane/protocol'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Sampler } from './sampler.js'

export interface MetricSources {
  readonly engine: Engine
  readonly gateway: Gateway
  readonly sampler: Sampler
  readonly database: () => DatabaseStats
  /** Where several processes serve the world. */
  readonly cluster?: { readonly bus: Bus; holders(): Promise<readonly ZoneHolderStats[]> } | undefined
}

const QUANTILES = [0.5, 0.9, 0.99] as const

/** Everything that is counted, for Prometheus. The counters live in the engine and the gateway; they are read on demand. */
export function createMetrics(sources: MetricSources): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  addEngine(registry, sources)
  addZones(registry, sources.engine)
  addFigures(registry, sources.engine)
  addGateway(registry, sources)
  addDatabase(registry, sources)
  addCluster(registry, sources)
  return registry
}

function addEngine(registry: Registry, { engine }: MetricSources): void {
  const counter = counterFactory(registry)
  counter('terrane_inputs_total', 'inputs executed, applied or rejected', () => engine.stats().inputs)
  counter('terrane_inputs_rejected_total', 'inputs that the world refused', () => engine.stats().rejected)
  counter('terrane_ticks_total', 'ticks run', () => engine.stats().ticks)
  tickHistogram(registry, () => engine.tickMs)
  counter('terrane_ops_sent_total', 'ops sent to other zones', () => engine.stats().opsSent)
  counter('terrane_ops_resent_total', 'ops sent again because no receipt came', () => engine.stats().opsResent)
  counter('terrane_ops_delivered_total', 'ops of other zones applied or refused', () => engine.stats().opsDelivered)
  counter('terrane_ops_duplicate_total', 'ops received once more', () => engine.stats().opsDuplicate)
  counter('terrane_ops_refused_total', 'ops that the world refused', () => engine.stats().opsRefused)
  counter('terrane_ops_dead_total', 'ops that became dead letters', () => engine.stats().opsDead)
  counter('terrane_ops_overflowed_total', 'ops that found no room to wait', () => engine.stats().opsOverflowed)
  counter('terrane_replicas_sent_total', 'rows copied to other zones', () => engine.stats().replicasSent)
  counter(
    'terrane_replicas_withheld_total',
    'rows not copied, because a zone takes no more',
    () => engine.stats().replicasWithheld,
  )
  counter('terrane_replicas_received_total', 'copies of rows taken or renewed', () => engine.stats().replicasReceived)
  counter('terrane_replicas_late_total', 'copies that came after newer ones', () => engine.stats().replicasLate)
  counter('terrane_replicas_dropped_total', 'copies that found no room', () => engine.stats().replicasDropped)
  counter('terrane_replicas_evicted_total', 'copies let go', () => engine.stats().replicasEvicted)
  counter('terrane_handovers_asked_total', 'questions for room in other zones', () => engine.stats().handoversAsked)
  counter('terrane_handovers_denied_total', 'questions answered with no', () => engine.stats().handoversDenied)
  counter('terrane_handovers_given_total', 'rows handed over to other zones', () => engine.stats().handoversGiven)
  counter('terrane_handovers_taken_total', 'rows taken over from other zones', () => engine.stats().handoversTaken)
  counter('terrane_handovers_returned_total', 'rows that came back', () => engine.stats().handoversReturned)
  counter('terrane_log_batches_total', 'batches committed to the log', () => engine.stats().commits.batches)
  counter('terrane_log_bytes_total', 'bytes committed to the log', () => engine.stats().commits.bytes)
  counter(
    'terrane_log_appends_total',
    'round trips to the database that committed',
    () => engine.stats().commits.appends,
  )
  counter('terrane_log_retries_total', 'appends that failed and were repeated', () => engine.stats().commits.retries)
  counter('terrane_checkpoints_total', 'checkpoint transactions', () => engine.stats().checkpoints)
  counter('terrane_checkpoint_rows_total', 'rows written by checkpoints', () => engine.stats().checkpointRows)
  counter('terrane_checkpoint_seconds_total', 'time in checkpoints', () => engine.stats().checkpointMs / 1_000)
  summary(registry, 'terrane_log_append_seconds', 'time of one append', () => engine.stats().commits.appendMs)
}

function addZones(registry: Registry, engine: Engine): void {
  const gauge = (name: string, help: string, read: (status: ReturnType<Engine['statuses']>[number]) => number) => {
    new Gauge({
      name,
      help,
      labelNames: ['zone'],
      registers: [registry],
      collect() {
        this.reset()
        for (const status of engine.statuses()) this.set({ zone: status.id }, read(status))
      },
    })
  }
  gauge('terrane_zone_active', '1 when the zone takes inputs', ({ state }) => (state === 'active' ? 1 : 0))
  gauge('terrane_zone_entities', 'rows in memory', ({ entities }) => entities)
  gauge('terrane_zone_sessions', 'input streams that are held', ({ sessions }) => sessions)
  gauge('terrane_zone_epoch', 'ownerships so far', ({ epoch }) => epoch)
  gauge('terrane_zone_seq', 'position of the last durable batch', ({ seq }) => seq)
  gauge('terrane_zone_tail_bytes', 'log behind the checkpoint', ({ tailBytes }) => tailBytes)
  gauge('terrane_zone_outbox_ops', 'ops that are not acknowledged', ({ ops }) => ops.outbox)
  gauge('terrane_zone_outbox_bytes', 'bytes of their arguments', ({ ops }) => ops.outboxBytes)
  gauge('terrane_zone_outbox_age_seconds', 'age of the oldest of them', ({ ops }) => ops.oldestMs / 1_000)
  gauge('terrane_zone_buffered_ops', 'ops that wait for others to come first', ({ ops }) => ops.buffered)
  gauge('terrane_zone_dead_letters', 'ops that could not be applied', ({ ops }) => ops.deadLetters)
  gauge(
    'terrane_zone_checkpoint_lag_seconds',
    'how far the tables are behind',
    ({ checkpointLagMs }) => checkpointLagMs / 1_000,
  )
}

/** What the world itself counts, and from which value on somebody should look. */
function addFigures(registry: Registry, engine: Engine): void {
  const gauge = (name: string, help: string, read: (figure: ZoneFigure) => number | undefined) => {
    new Gauge({
      name,
      help,
      labelNames: ['figure', 'zone'],
      registers: [registry],
      collect() {
        this.reset()
        for (const figure of engine.figures()) {
          const value = read(figure)
          if (value !== undefined) this.set({ figure: figure.name, zone: figure.zone }, value)
        }
      },
    })
  }
  gauge('terrane_world_figure', 'what the world itself counts', ({ value }) => value)
  gauge('terrane_world_figure_alert_at', 'from this value on somebody should look', ({ alertAt }) => alertAt)
}

function addGateway(registry: Registry, { gateway, sampler }: MetricSources): void {
  const counter = counterFactory(registry)
  const gauge = gaugeFactory(registry)
  gauge('terrane_connections', 'open WebSockets', () => gateway.stats().connections)
  gauge('terrane_channels', 'zone channels that are joined', () => gateway.stats().channels)
  counter('terrane_frames_in_total', 'frames received', () => gateway.stats().framesIn)
  counter('terrane_frames_out_total', 'frames sent', () => gateway.stats().framesOut)
  counter('terrane_bytes_in_total', 'bytes received', () => gateway.stats().bytesIn)
  counter('terrane_bytes_out_total', 'bytes sent', () => gateway.stats().bytesOut)
  codes(registry, 'terrane_refusals_total', 'requests refused, by code', () => gateway.stats().rejects)
  codes(registry, 'terrane_closes_total', 'connections ended, by code', () => gateway.stats().closes)
  summary(registry, 'terrane_input_applied_seconds', 'from receipt to execution', () => sampler.applied.total)
  summary(
    registry,
    'terrane_input_durable_seconds',
    'from receipt to presence in the database',
    () => sampler.durable.total,
  )
}

function addDatabase(registry: Registry, { database }: MetricSources): void {
  const counter = counterFactory(registry)
  const gauge = gaugeFactory(registry)
  gauge('terrane_database_up', '1 when the database answers', () => (database().state === 'up' ? 1 : 0))
  counter('terrane_database_reconnects_total', 'losses of the connection for appends', () => database().reconnects)
  new Gauge({
    name: 'terrane_database_pool_connections',
    help: 'connections of the pool: size is how many there may be, waiting are calls without one',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const [state, count] of Object.entries(database().pool)) this.set({ state }, count)
    },
  })
  new Gauge({
    name: 'terrane_database_tls_certificate_expiry_seconds',
    help: 'when the first certificate of the connection ends, seconds since the epoch; absent without TLS',
    registers: [registry],
    collect() {
      const endsAt = database().tls?.certificateEndsAt ?? null
      if (endsAt === null) this.remove()
      else this.set(endsAt / 1_000)
    },
  })
  new Gauge({
    name: 'terrane_database_info',
    help: '1, with what the connection to the database is as labels',
    labelNames: ['user', 'role', 'version', 'tls', 'cipher', 'address_family'],
    registers: [registry],
    collect() {
      const { user, role, version, tls, addressFamily } = database()
      this.reset()
      const labels = { user, role, version, tls: tls?.protocol ?? '', cipher: tls?.cipher ?? '' }
      this.set({ ...labels, address_family: String(addressFamily ?? '') }, 1)
    },
  })
}

/** The bus, and which process has which zone. */
function addCluster(registry: Registry, { engine, cluster }: MetricSources): void {
  if (cluster === undefined) return
  const { bus } = cluster
  const counter = counterFactory(registry)
  gaugeFactory(registry)('terrane_bus_up', '1 when there is a connection to the message bus', () =>
    bus.isConnected ? 1 : 0,
  )
  counter('terrane_bus_published_total', 'messages sent to other processes', () => bus.statistics.published)
  counter('terrane_bus_received_total', 'messages of other processes', () => bus.statistics.received)
  counter('terrane_bus_dropped_total', 'messages that could not be sent', () => bus.statistics.dropped)
  counter('terrane_bus_reconnects_total', 'losses of the connection to the bus', () => bus.statistics.reconnects)
  new Gauge({
    name: 'terrane_zone_holder',
    help: '1 for the process that has the zone, 0 when its lease has ended and nobody has taken it over',
    labelNames: ['zone', 'owner'],
    registers: [registry],
    async collect() {
      // What the database does not tell is left out; the rest is told.
      const holders = await cluster.holders().catch(() => [])
      this.reset()
      for (const { zone, owner, isLate } of holders) this.set({ zone, owner }, isLate ? 0 : 1)
    },
  })
  new Gauge({
    name: 'terrane_followed_zone_seq',
    help: 'position that the warm copy of a zone of another process has reached',
    labelNames: ['zone'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { id, seq } of engine.followed()) this.set({ zone: id }, seq)
    },
  })
}

function counterFactory(registry: Registry) {
  return (name: string, help: string, read: () => number): void => {
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset()
        this.inc(read())
      },
    })
  }
}

function gaugeFactory(registry: Registry) {
  return (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read())
      },
    })
  }
}

function codes(registry: Registry, name: string, help: string, read: () => Readonly<Record<string, number>>): void {
  new Counter({
    name,
    help,
    labelNames: ['code'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [code, count] of Object.entries(read())) this.inc({ code }, count)
    },
  })
}

/** Bounds of the buckets, s. */
const TICK_BUCKETS = [0.0005, 0.001, 0.002, 0.003, 0.004, 0.005, 0.0065, 0.008, 0.01, 0.015, 0.025, 0.05, 0.1]

/** A histogram per tick of the world, from which quantiles over any while can be had. */
function tickHistogram(registry: Registry, read: () => ReadonlyMap<string, Histogram>): void {
  const help = 'time that a tick of the world takes'
  const counter = (part: string, write: (counter: Counter, tick: string, times: Histogram) => void) => {
    new Counter({
      name: `terrane_tick_seconds_${part}`,
      help,
      labelNames: part === 'bucket' ? ['tick', 'le'] : ['tick'],
      registers: [registry],
      collect() {
        this.reset()
        for (const [tick, times] of read()) write(this, tick, times)
      },
    })
  }
  counter('bucket', (bucket, tick, times) => {
    for (const le of TICK_BUCKETS) bucket.inc({ tick, le: String(le) }, times.countUpTo(le * 1_000))
    bucket.inc({ tick, le: '+Inf' }, times.count)
  })
  counter('sum', (sum, tick, times) => sum.inc({ tick }, (times.mean * times.count) / 1_000))
  counter('count', (count, tick, times) => count.inc({ tick }, times.count))
}

/** Quantiles since the start, of a histogram that has far finer buckets than Prometheus should be told. */
function summary(registry: Registry, name: string, help: string, read: () => Histogram): void {
  new Gauge({
    name,
    help: `${help}, quantiles since the start`,
    labelNames: ['quantile'],
    registers: [registry],
    collect() {
      for (const quantile of QUANTILES) this.set({ quantile }, read().quantile(quantile) / 1_000)
    },
  })
  const counter = counterFactory(registry)
  counter(`${name}_count`, `${help}, number of samples`, () => read().count)
  counter(`${name}_sum`, `${help}, sum of the samples`, () => (read().mean * read().count) / 1_000)
}
