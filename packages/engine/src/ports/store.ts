import type { KindSchema } from '../world/kind-schema.js'
import type { MapRange } from '../zones/zone-map.js'

/**
 * What the engine needs of a durable store. Two adapters exist (memory, PostgreSQL); one contract
 * suite holds both to the rules below, which are quoted by number in its test titles.
 *
 * S1  An append is durable when its promise resolves to `committed`, and atomic: a batch is in the
 *     log whole or not at all.
 * S2  `(zone, seq)` is unique, and epochs never fall from one batch to the next. An append at a taken position, or
 *     behind a batch of a later epoch, resolves to `fenced` and changes nothing; other zones' batches in the same
 *     call are unaffected.
 * S3  An append may reject with an `UncertainStoreError` (the answer was lost): the batch is then in the
 *     log or not. The caller asks `headOf` and compares before it appends the same position again.
 * S4  `read` yields a zone's batches in order of seq, without gaps, from `after + 1`.
 * S5  `claim` hands out an epoch greater than any before it for that zone, or says who holds it.
 * S6  A checkpoint is atomic and guarded: it applies only if the zone's checkpoint position is still
 *     `from` (and, when `epoch` is given, nobody has claimed the zone since); otherwise it resolves to
 *     `fenced` and changes nothing.
 * S7  Rows of a batch (`persist: "commit"`) are written in the log's own transaction.
 * S8  `trim` removes batches at or below a position, never beyond the checkpoint.
 * S9  Each zone gets a number the first time it is registered or claimed: for ever, the next higher one, and never
 *     again. Whoever sees a number sees all lower ones.
 * S10 `unsettled` names the zones that have a log behind their checkpoint, or ops in their outbox.
 * S11 `rows` may be read while the zone's owner writes checkpoints. What is there from the first call to the last is
 *     yielded, as it was at some moment between; the rest is yielded or not.
 * S12 A map is written if the present one still has version `from`, and becomes version `from + 1`; otherwise `stale`.
 *     One in which a code has two zones, or none while others of its authority have one, is never written.
 * S13 The batches that come with a map are in their logs if and only if the map is written: one transaction, in which
 *     S2 holds. If one of them is fenced, nothing changes.
 */
export interface Store {
  readonly log: CommitLog
  readonly checkpoints: CheckpointStore
  readonly zones: ZoneDirectory
  readonly map: ZoneMapStore
  /** Releases connections; unfinished calls reject. */
  close(): Promise<void>
}

/** One sealed batch of one zone. */
export interface LogEntry {
  readonly zone: string
  /** Position in the zone's log, from 1. */
  readonly seq: number
  /** Ownership under which it was written. */
  readonly epoch: number
  /** A `batch-codec` payload. */
  readonly payload: Uint8Array
}

export interface LogAppend extends LogEntry {
  /** Rows of kinds with `persist: "commit"`, to be written in the same transaction. */
  readonly rows?: readonly KindChanges[]
}

export type AppendResult = 'committed' | 'fenced'

export interface CommitLog {
  /** Appends at most one batch per zone. Results stand in the order of `entries`. S1–S3, S7. */
  append(entries: readonly LogAppend[]): Promise<readonly AppendResult[]>
  /** The newest position of a zone's log and the epoch that wrote it; undefined for an empty log. */
  headOf(zone: string): Promise<{ seq: number; epoch: number } | undefined>
  /** Batches after a position, in order, in chunks that the adapter bounds. S4. */
  read(zone: string, after: number): AsyncIterable<readonly LogEntry[]>
  /** Deletes batches with `seq <= upTo` that a checkpoint covers; returns how many went. S8. */
  trim(zone: string, upTo: number): Promise<number>
}

/**
 * Changes of one kind, column-wise: `columns[c][r]` is column `c` of row `r`. Deletions are applied
 * before the rows: a key that stands in both was deleted and inserted anew.
 */
export interface KindChanges {
  readonly kind: KindSchema
  /** One array per column of `kind.columns`, all of one length: full rows to insert or overwrite. */
  readonly columns: readonly (readonly unknown[])[]
  /** Primary keys of rows to delete. */
  readonly deleted: readonly (string | number)[]
}

export interface CheckpointWrite {
  readonly zone: string
  /** The claim under which it is written: a checkpoint of an owner that was replaced is fenced. S6. */
  readonly epoch?: number
  /** The zone's present checkpoint position; the write applies only if this still holds. S6. */
  readonly from: number
  /** The position that this checkpoint brings the tables to: replay starts behind it. */
  readonly to: number
  readonly changes: readonly KindChanges[]
  /** Input streams that moved: name, number of the last input that was applied, wall time of it. */
  readonly streams: readonly StreamPosition[]
  /** Input streams that ended, by name. */
  readonly endedStreams: readonly string[]
}

export interface StreamPosition {
  readonly stream: string
  readonly lastInput: number
  readonly at: number
}

export interface CheckpointStore {
  write(checkpoint: CheckpointWrite): Promise<'written' | 'fenced'>
  /** All rows of a kind in a zone, in chunks, column-wise, as the last checkpoint left them. S11. */
  rows(zone: string, kind: KindSchema): AsyncIterable<KindChanges>
  streams(zone: string): AsyncIterable<readonly StreamPosition[]>
}

export interface ZoneClaim {
  readonly claimed: true
  readonly epoch: number
  /** Position of the zone's last checkpoint; 0 when it has none. */
  readonly checkpoint: number
  /** False when this zone has never been opened: the world's `init` runs then. */
  readonly existed: boolean
  /** What stands for the zone in clocks, from 1. S9. */
  readonly number: number
}

export interface ZoneHeld {
  readonly claimed: false
  readonly owner: string
  /** When the holder's lease ends, in milliseconds since the epoch by the database's clock. */
  readonly leaseUntil: number
}

/** Who tries. Safety never rests on it: the log's primary key decides (S2). */
export interface ZoneDirectory {
  /** Takes the zone if it is free, its lease has run out, or `owner` already holds it. S5. */
  claim(zone: string, owner: string, leaseMs: number): Promise<ZoneClaim | ZoneHeld>
  /** Extends all leases of `owner` on `zones`; returns the zones that it no longer holds. */
  renew(owner: string, zones: readonly string[], leaseMs: number): Promise<readonly string[]>
  /** Gives a zone back. */
  release(zone: string, owner: string): Promise<void>
  /** The zone's number, also of one that was never claimed. S9. */
  register(zone: string): Promise<number>
  /** Zones with work that an end of their process may have interrupted. S10. */
  unsettled(): Promise<readonly string[]>
  list(): Promise<readonly ZoneRecord[]>
}

export interface ZoneRecord {
  readonly zone: string
  /** Undefined for a zone that only earlier versions have known. S9. */
  readonly number: number | undefined
  readonly owner: string | undefined
  /** 0 when it was registered and never claimed. */
  readonly epoch: number
  readonly leaseUntil: number
  /** Until the lease ends, ms, by the store's clock: other clocks need not agree. 0 or less: there is none, or it has ended. */
  readonly leaseLeftMs: number
  readonly checkpoint: number
}

/** Which zone has authority over which codes: the one place that says so. */
export interface ZoneMapStore {
  /** The newest map; version 0, and no ranges, while none was written. */
  read(): Promise<StoredMap>
  /** Rejects `ranges_overlap` and `ranges_incomplete`. S12, S13. */
  write(change: MapWrite): Promise<'written' | 'stale' | 'fenced'>
}

export interface StoredMap {
  readonly version: number
  /** Of space first, by ascending codes. */
  readonly ranges: readonly MapRange[]
}

export interface MapWrite {
  /** The version that this replaces. */
  readonly from: number
  readonly ranges: readonly MapRange[]
  /** Batches that move rows from zone to zone, at most one per zone. */
  readonly appends: readonly LogAppend[]
}

/** A failure that may pass (connection lost, server starting, disk full): the caller retries. */
export class TransientStoreError extends Error {
  override readonly name: string = 'TransientStoreError'
}

/** A transient failure after which the call may or may not have taken effect. S3. */
export class UncertainStoreError extends TransientStoreError {
  override readonly name: string = 'UncertainStoreError'
}
