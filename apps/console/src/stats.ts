/** What the server tells about itself once a second: GET /api/stats, and the `stats` topic. */
export interface ServerStats {
  /** Server time, ms since the epoch. */
  readonly at: number
  readonly uptimeS: number
  /** Open WebSockets, and how many of them have joined a zone. */
  readonly connections: number
  readonly sessions: number
  readonly inputsPerS: number
  readonly rejectsPerS: number
  /** From receipt of an input to its execution, and to its presence in the database. Over the last second. */
  readonly appliedMs: Quantiles
  readonly durableMs: Quantiles
  readonly log: { readonly batchesPerS: number; readonly bytesPerS: number; readonly inputsPerBatch: number }
  readonly checkpoints: { readonly perS: number; readonly lagMs: number; readonly tailBytes: number }
  readonly zones: readonly ZoneStats[]
  readonly memory: { readonly rssBytes: number; readonly heapBytes: number }
  readonly database: { readonly state: 'up' | 'down' }
}

/** Milliseconds; null when nothing happened within the second. */
interface Quantiles {
  readonly p50: number | null
  readonly p99: number | null
}

interface ZoneStats {
  readonly id: string
  readonly state: string
  readonly entities: number
  readonly sessions: number
  readonly epoch: number
  readonly seq: number
}
