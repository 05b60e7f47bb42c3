import { HYSTERESIS_TICKS } from '@terrane/causality'

/**
 * Every bound of the engine, with its reason. A world or an operator may lower or raise most of them
 * through `EngineOptions.limits`.
 */
export interface EngineLimits {
  /** How long an append may fail, or hang, before the zone refuses inputs, ms: bounds what memory runs ahead of the database. */
  readonly stallAfterMs: number
  /** Rows in one checkpoint transaction: bounds the pause for copying them and the transaction's length. */
  readonly checkpointRowsMax: number
  /** Aim: a durable change is in its SQL table after this long, ms. */
  readonly checkpointEveryMs: number
  /** While commits compete for the database, a slice is made so small that it takes this long, ms. */
  readonly checkpointMsAim: number
  /** Share of wall time that checkpoints of all zones together may keep the database busy while tails are short. */
  readonly checkpointShareMax: number
  /** Log tail, in bytes, beyond which checkpoints ignore their share: bounds recovery time. */
  readonly tailBytesMax: number
  /** How long covered batches stay in the log for audit, ms. */
  readonly retentionMs: number
  /** Without sessions for this long, a zone that was opened on demand is put away, ms. */
  readonly idleMs: number
  /** Lease on a zone, ms; renewed at a third of it. */
  readonly leaseMs: number
  /** Zones of other processes that are kept as warm copies: each is in memory as a whole. */
  readonly followedMax: number
  /** Publications of a cell that are kept for clients that come back; for 10 to 20 s, as the zone is swept. */
  readonly historyMax: number
  /** Input streams without a session are forgotten after this long, ms. */
  readonly streamRetentionMs: number
  /** Radius that a client may ask for, as a multiple of the world's own. */
  readonly radiusFactorMax: number
  /** Ops, and bytes of their arguments, on their way to one zone: bounds memory, the log and what recovery reads. */
  readonly opsPerLinkMax: number
  readonly opBytesPerLinkMax: number
  /** The same for all that a zone sends. */
  readonly opsMax: number
  readonly opBytesMax: number
  /**
   * Share of these limits for inputs and ticks; the rest is for what ops send on, because a player can try again and
   * an op would be refused.
   */
  readonly opShareOfInputs: number
  /** Arguments of one op, bytes: larger things belong in rows. */
  readonly opSizeMax: number
  /** Ops of a batch to one zone, and bytes of their arguments, that travel as one: bounds the pause for applying them. */
  readonly opBundleMax: number
  readonly opBundleBytesMax: number
  /** Bundles under way to one zone at once; halved when it has no room. */
  readonly opWindowMax: number
  /** Ops in one parcel, beyond which it takes no further bundle. */
  readonly opParcelMax: number
  /** Bundles, and their bytes, that a zone keeps because others must come first. */
  readonly opBufferMax: number
  readonly opBufferBytesMax: number
  /** Ops that were not acknowledged for this long are sent again, ms; up to the second, backing off. */
  readonly opRetryMs: number
  readonly opRetryMsMax: number
  /** Dead letters that a zone keeps; then the oldest goes. Each was reported when it died. */
  readonly deadLettersMax: number
  /** Rows that are handed over by place, in one zone; the head-room is for those that are on their way when it says no. */
  readonly authorityMax: number
  readonly authorityHeadroom: number
  /** Ticks in a row that a row stands in another zone before it moves: at a border rows go to and fro. */
  readonly handoverTicks: number
  /** Copies of other zones' rows in a zone, and rows that a zone sends to one other at a time. */
  readonly replicasMax: number
  /** Bytes of their values. */
  readonly replicaBytesMax: number
  /** Ticks by which copies are sent ahead to where a row may go. */
  readonly replicaLookaheadTicks: number
  /** Copies are sent again though nothing has changed, ms: what was lost is made good for. */
  readonly replicaRepeatMs: number
  /** A copy that is known to be stale for this long is let go, ms. */
  readonly replicaStaleMs: number
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
  followedMax: 1_000,
  historyMax: 64,
  streamRetentionMs: 24 * 3_600_000,
  radiusFactorMax: 1,
  opsPerLinkMax: 16_384,
  opBytesPerLinkMax: 16 * 1024 * 1024,
  opsMax: 65_536,
  opBytesMax: 64 * 1024 * 1024,
  opShareOfInputs: 0.75,
  opSizeMax: 64 * 1024,
  opBundleMax: 256,
  opBundleBytesMax: 128 * 1024,
  opWindowMax: 4_096,
  opParcelMax: 256,
  opBufferMax: 8_192,
  opBufferBytesMax: 16 * 1024 * 1024,
  opRetryMs: 500,
  opRetryMsMax: 10_000,
  deadLettersMax: 10_000,
  authorityMax: 1_800,
  authorityHeadroom: 400,
  handoverTicks: HYSTERESIS_TICKS,
  replicasMax: 400,
  replicaBytesMax: 256 * 1024,
  replicaLookaheadTicks: 6,
  replicaRepeatMs: 1_000,
  replicaStaleMs: 1_500,
}
