import type { Clock, Timer, Timers } from '@terrane/core'
import type { Engine, ZoneStatus } from '@terrane/engine'
import type { Gateway } from '@terrane/gateway'
import type { ClusterStats, DatabaseStats, OpStats, ServerStats, ZoneStats } from '@terrane/protocol'
import { LatencyWindow } from './latency-window.js'

const EVERY_MS = 1_000

/** Totals since the start; the rates are their differences. */
interface Totals {
  readonly inputs: number
  readonly rejects: number
  readonly batches: number
  readonly bytes: number
  readonly checkpoints: number
}

export interface SampleSources {
  readonly engine: Engine
  readonly gateway: Gateway
  readonly database: () => DatabaseStats
  /** Where several processes serve the world. */
  readonly cluster?: { stats(): Omit<ClusterStats, 'followed'> } | undefined
  readonly clock: Clock
  readonly timers: Timers
}

/** Looks at all counters once a second, for everybody who asks in between. */
export class Sampler {
  readonly applied = new LatencyWindow()
  readonly durable = new LatencyWindow()
  readonly #sources: SampleSources
  readonly #startedAtMs: number
  #totals: Totals
  #sampledAtMs: number
  #timer: Timer
  #latest: ServerStats

  constructor(sources: SampleSources) {
    this.#sources = sources
    this.#startedAtMs = sources.clock.now()
    this.#sampledAtMs = this.#startedAtMs
    this.#totals = totalsOf(sources)
    this.#latest = this.#sample(EVERY_MS)
    this.#timer = sources.timers.after(EVERY_MS, this.#tick)
  }

  /** At most a second old. */
  get latest(): ServerStats {
    return this.#latest
  }

  stop(): void {
    this.#timer.cancel()
  }

  readonly #tick = (): void => {
    this.#timer = this.#sources.timers.after(EVERY_MS, this.#tick)
    // A clock that was set must not make rates negative or huge.
    const elapsedMs = Math.max(EVERY_MS / 2, this.#sources.clock.now() - this.#sampledAtMs)
    this.#latest = this.#sample(elapsedMs)
  }

  #cluster(): { cluster?: ClusterStats } {
    const { engine, cluster } = this.#sources
    if (cluster === undefined) return {}
    const followed = engine.followed().map(({ id, seq }) => ({ zone: id, seq }))
    return { cluster: { ...cluster.stats(), followed } }
  }

  #sample(elapsedMs: number): ServerStats {
    const { engine, gateway, clock, database } = this.#sources
    const at = clock.now()
    const before = this.#totals
    const now = totalsOf(this.#sources)
    this.#totals = now
    this.#sampledAtMs = at
    const { connections, channels, appliedMs, durableMs } = gateway.stats()
    this.applied.advance(appliedMs)
    this.durable.advance(durableMs)
    const zones = engine.statuses()
    const perS = (count: number) => Math.round((count * 10_000) / elapsedMs) / 10
    const batches = now.batches - before.batches
    const memory = process.memoryUsage()
    return {
      at,
      uptimeS: Math.round((at - this.#startedAtMs) / 1_000),
      connections,
      sessions: channels,
      inputsPerS: perS(now.inputs - before.inputs),
      rejectsPerS: perS(now.rejects - before.rejects),
      appliedMs: this.applied.quantiles,
      durableMs: this.durable.quantiles,
      log: {
        batchesPerS: perS(batches),
        bytesPerS: Math.round(perS(now.bytes - before.bytes)),
        inputsPerBatch: batches === 0 ? 0 : Math.round(((now.inputs - before.inputs) * 10) / batches) / 10,
      },
      checkpoints: {
        perS: perS(now.checkpoints - before.checkpoints),
        lagMs: Math.max(0, ...zones.map((zone) => zone.checkpointLagMs)),
        tailBytes: zones.reduce((sum, zone) => sum + zone.tailBytes, 0),
      },
      zones: zones.map(zoneStatsOf),
      ops: opStatsOf(engine.stats()),
      figures: engine.figures().map(({ name, zone, value, alertAt }) => ({
        name,
        zone,
        value,
        alertAt: alertAt ?? null,
        alert: alertAt !== undefined && value >= alertAt,
      })),
      ...this.#cluster(),
      memory: { rssBytes: memory.rss, heapBytes: memory.heapUsed },
      database: database(),
    }
  }
}

function zoneStatsOf({ id, state, stalledBecause, entities, sessions, epoch, seq, ops }: ZoneStatus): ZoneStats {
  const { outbox, oldestMs, buffered, deadLetters } = ops
  return {
    id,
    state,
    ...(stalledBecause !== undefined && { stalledBecause }),
    entities,
    sessions,
    epoch,
    seq,
    ops: { outbox, oldestMs, buffered, deadLetters },
  }
}

function opStatsOf(stats: ReturnType<Engine['stats']>): OpStats {
  return {
    sent: stats.opsSent,
    resent: stats.opsResent,
    delivered: stats.opsDelivered,
    duplicate: stats.opsDuplicate,
    refused: stats.opsRefused,
    dead: stats.opsDead,
    overflowed: stats.opsOverflowed,
  }
}

function totalsOf({ engine, gateway }: SampleSources): Totals {
  const { inputs, checkpoints, commits } = engine.stats()
  const rejects = Object.values(gateway.stats().rejects).reduce((sum, count) => sum + count, 0)
  return { inputs, rejects, batches: commits.batches, bytes: commits.bytes, checkpoints }
}
