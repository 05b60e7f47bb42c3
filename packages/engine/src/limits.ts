/**
 * Every bound of the engine, with its reason. A world or an operator may lower or raise most of them
 * through `EngineOptions.limits`.
 */
export interface EngineLimits {
  /** How long an append may fail before the zone refuses inputs, ms: bounds what memory runs ahead of the database. */
  readonly stallAfterMs: number
  /** Rows in one checkpoint transaction: bounds the pause for copying them and the transaction's length. */
  readonly checkpointRowsMax: number
  /** Aim: a durable change is in its SQL table after this long, ms. */
  readonly checkpointEveryMs: number
  /** While commits compete for the database, a slice is made so small that it takes this long, ms. */
  readonly checkpointMsAim: number
  /** Share of wall time that checkpoints may keep the database busy while the tail is short. */
  readonly checkpointShareMax: number
  /** Log tail, in bytes, beyond which checkpoints ignore their share: bounds recovery time. */
  readonly tailBytesMax: number
  /** How long covered batches stay in the log for audit, ms. */
  readonly retentionMs: number
  /** Without sessions for this long, a zone that was opened on demand is put away, ms. */
  readonly idleMs: number
  /** Lease on a zone, ms; renewed at a third of it. */
  readonly leaseMs: number
  /** Publications of a cell that are kept for clients that come back. */
  readonly historyMax: number
  /** Input streams without a session are forgotten after this long, ms. */
  readonly streamRetentionMs: number
  /** Radius that a client may ask for, as a multiple of the world's own. */
  readonly radiusFactorMax: number
}

export const DEFAULT_LIMITS: EngineLimits = {
  stallAfterMs: 2_000,
  checkpointRowsMax: 20_000,
  checkpointEveryMs: 1_000,
  checkpointMsAim: 40,
  checkpointShareMax: 0.1,
  tailBytesMax: 256 * 1024 * 1024,
  retentionMs: 10 * 60_000,
  idleMs: 60_000,
  leaseMs: 10_000,
  historyMax: 64,
  streamRetentionMs: 24 * 3_600_000,
  radiusFactorMax: 1,
}
