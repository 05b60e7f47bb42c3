import type { ZoneStatus } from '@terrane/engine'

/** What the server did within the last second: GET /api/stats and the topic `stats`. */
export interface ServerStats {
  /** Server time, ms since the epoch. */
  readonly at: number
  readonly uptimeS: number
  /** Open WebSockets, and zone channels that are joined. */
  readonly connections: number
  readonly sessions: number
  readonly inputsPerS: number
  readonly rejectsPerS: number
  /** From receipt of an input to its execution, and to its presence in the database. */
  readonly appliedMs: Quantiles
  readonly durableMs: Quantiles
  readonly log: { readonly batchesPerS: number; readonly bytesPerS: number; readonly inputsPerBatch: number }
  readonly checkpoints: { readonly perS: number; readonly lagMs: number; readonly tailBytes: number }
  readonly zones: readonly Pick<ZoneStatus, 'id' | 'state' | 'entities' | 'sessions' | 'epoch' | 'seq'>[]
  readonly memory: { readonly rssBytes: number; readonly heapBytes: number }
  readonly database: { readonly state: 'up' | 'down' }
}

/** Milliseconds; null when there was nothing to measure. */
export interface Quantiles {
  readonly p50: number | null
  readonly p99: number | null
}
