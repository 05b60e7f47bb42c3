import type { Clock } from '@terrane/core'
import type { EngineLimits } from '../limits.js'
import type { CheckpointWrite, KindChanges } from '../ports/store.js'
import type { Entity } from '../state/entity.js'
import type { KindTable } from '../state/kind-table.js'
import type { CheckpointPace } from './checkpoint-pace.js'
import type { Streams } from './streams.js'

export interface CheckpointerOptions {
  readonly zone: string
  /** The batch that the tables are at. */
  readonly position: number
  readonly streams: Streams
  readonly pace: CheckpointPace
  readonly limits: EngineLimits
  readonly clock: Clock
}

/**
 * Brings the kinds' SQL tables up to the log, a slice of rows at a time.
 *
 * A slice may hold rows only as they are after some batch that is durable, or a crash would leave in
 * the tables what the log never had. So rows are copied at the moment a batch is sealed (memory is
 * then exactly the state after that batch) and written when that batch is durable.
 *
 * Slices make the checkpoint fuzzy: some rows are newer than the position it names. Replay starts
 * behind that position and sets whole values, so it ends in the same state. The position follows from
 * the queue, which is in order of each row's first unwritten change: all changes before the head's
 * are in the tables.
 */
export class Checkpointer {
  readonly #zone: string
  readonly #limits: EngineLimits
  readonly #clock: Clock
  readonly #streams: Streams
  readonly #pace: CheckpointPace
  /** Entities with unwritten changes, and the batch of each one's first, in that order. */
  #queue: Entity[] = []
  #since: number[] = []
  #head = 0
  #slice: CheckpointWrite | undefined
  /** The batch whose state `#slice` holds. */
  #sliceSeq = 0
  #position: number
  #nextAt = 0
  /** Rows of the next slice, and of the present one. */
  #sliceRows: number
  #copied = 0
  #tail: { readonly seq: number; readonly bytes: number; readonly at: number }[] = []
  #tailBytes = 0
  /** Positions that checkpoints reached, with the time, at most one a second: what may be trimmed once it is old. */
  readonly #covered: { readonly seq: number; readonly at: number }[] = []

  constructor({ zone, position, streams, pace, limits, clock }: CheckpointerOptions) {
    this.#zone = zone
    this.#position = position
    this.#streams = streams
    this.#pace = pace
    this.#limits = limits
    this.#sliceRows = limits.checkpointRowsMax
    this.#clock = clock
  }

  /** Replay starts behind this batch. */
  get position(): number {
    return this.#position
  }

  get backlog(): number {
    return this.#queue.length - this.#head
  }

  /** Log bytes that replay would have to read. */
  get tailBytes(): number {
    return this.#tailBytes
  }

  /** Age of the oldest change that is not in the tables, ms. */
  get lagMs(): number {
    const oldest = this.#tail[0]
    return oldest === undefined ? 0 : Math.max(0, this.#clock.now() - oldest.at)
  }

  /** Nothing is waiting, and the position is that of the log: a zone that is put away like this has nothing to settle. */
  get clean(): boolean {
    return !this.#hasUnwritten && this.#slice === undefined && this.#tail.length === 0
  }

  get #hasUnwritten(): boolean {
    return this.backlog > 0 || this.#streams.unsavedCount > 0
  }

  /** Notes the rows that a batch changed, when it is sealed. */
  sealed(seq: number, bytes: number, entities: readonly Entity[]): void {
    for (const entity of entities) {
      if (entity.checkpointQueued || entity.table.schema.persist === 'commit') continue
      entity.checkpointQueued = true
      this.#queue.push(entity)
      this.#since.push(seq)
    }
    this.#tail.push({ seq, bytes, at: this.#clock.now() })
    this.#tailBytes += bytes
  }

  /** Takes over what a recovery replayed: the tables lack it. */
  recovered(seq: number, bytes: number, entities: readonly Entity[]): void {
    if (seq === this.#position) return
    this.sealed(this.#position + 1, 0, entities)
    this.#tail = [{ seq, bytes, at: this.#clock.now() }]
    this.#tailBytes = bytes
  }

  /** The newest batch that the tables cover and that was sealed before `at`; 0 when there is none. */
  trimmable(at: number): number {
    while ((this.#covered[1]?.at ?? Number.POSITIVE_INFINITY) <= at) this.#covered.shift()
    const oldest = this.#covered[0]
    return oldest !== undefined && oldest.at <= at ? oldest.seq : 0
  }

  /** Whether a slice should be copied when the next batch is sealed. */
  due(urgent: boolean): boolean {
    if (this.#slice !== undefined) return false
    // Batches that changed no row, as an opening one: only the position is behind, which can wait for the end.
    if (!this.#hasUnwritten) return urgent && this.#tail.length > 0
    const now = this.#clock.now()
    if (urgent || this.#tailBytes > this.#limits.tailBytesMax) return true
    return now >= this.#nextAt && this.#pace.isTurnOf(this.#zone, now)
  }

  /** Copies a slice. Memory must be the state after batch `seq`, with nothing unsealed. */
  copySlice(seq: number): void {
    this.#pace.began(this.#zone)
    const count = Math.min(this.backlog, this.#sliceRows)
    this.#copied = count
    const changes = new Map<KindTable, { columns: unknown[][]; deleted: (string | number)[] }>()
    for (let i = this.#head; i < this.#head + count; i++) {
      const entity = this.#queue[i] as Entity
      entity.checkpointQueued = false
      let kind = changes.get(entity.table)
      if (kind === undefined) {
        kind = { columns: entity.table.names.map(() => []), deleted: [] }
        changes.set(entity.table, kind)
      }
      // A key that was deleted and then inserted again has another entity behind it in the queue.
      if (entity.alive) {
        copyRow(entity, kind.columns)
        entity.stored = true
      } else if (entity.stored) kind.deleted.push(entity.key)
    }
    this.#head += count
    this.#compact()
    const oldest = this.#since[this.#head]
    const { streams, ended } = this.#streams.takeUnsaved()
    this.#sliceSeq = seq
    this.#slice = {
      zone: this.#zone,
      from: this.#position,
      to: oldest === undefined ? seq : Math.max(this.#position, oldest - 1),
      changes: Array.from(
        changes,
        ([table, { columns, deleted }]): KindChanges => ({ kind: table.schema, columns, deleted }),
      ),
      streams,
      endedStreams: ended,
    }
  }

  /** The slice to write, once its batch is durable. */
  ready(durableSeq: number): CheckpointWrite | undefined {
    return this.#slice !== undefined && durableSeq >= this.#sliceSeq ? this.#slice : undefined
  }

  /**
   * The slice is in the tables. @param tookMs how long the database was busy with it
   * @param busy whether commits compete for the database: checkpoints then keep to their share
   */
  written(tookMs: number, busy: boolean): void {
    if (this.#slice === undefined) return
    this.#position = this.#slice.to
    this.#slice = undefined
    let covered = 0
    while (covered < this.#tail.length && (this.#tail[covered]?.seq ?? 0) <= this.#position) {
      this.#tailBytes -= this.#tail[covered]?.bytes ?? 0
      covered++
    }
    if (covered > 0) this.#tail = this.#tail.slice(covered)
    const now = this.#clock.now()
    if (now - (this.#covered.at(-1)?.at ?? 0) >= 1000) this.#covered.push({ seq: this.#position, at: now })
    this.#sliceRows = busy ? this.#politeRows(tookMs) : this.#limits.checkpointRowsMax
    this.#nextAt = this.backlog > 0 ? now : now + this.#limits.checkpointEveryMs
    this.#pace.ended(this.#zone, now, tookMs, busy)
  }

  stop(): void {
    this.#pace.leave(this.#zone)
  }

  /** So many rows that the database is busy with them for a short while only: commits feel each slice. */
  #politeRows(tookMs: number): number {
    if (this.#copied === 0) return this.#sliceRows
    const rows = Math.round((this.#copied * this.#limits.checkpointMsAim) / Math.max(1, tookMs))
    return Math.max(ROWS_MIN, Math.min(this.#limits.checkpointRowsMax, rows))
  }

  #compact(): void {
    if (this.#head < 4096 || this.#head * 2 < this.#queue.length) return
    this.#queue = this.#queue.slice(this.#head)
    this.#since = this.#since.slice(this.#head)
    this.#head = 0
  }
}

function copyRow(entity: Entity, columns: unknown[][]): void {
  const names = entity.table.names
  for (let i = 0; i < names.length; i++) (columns[i] as unknown[]).push(entity.row[names[i] as string])
}

/** A slice below this would cost more in its own transaction than in rows. */
const ROWS_MIN = 500

/** Full rows of changed entities of `persist: "commit"` kinds, for the log's own transaction. */
export function commitRowsOf(entities: readonly Entity[]): KindChanges[] | undefined {
  let rows: Map<KindTable, { columns: unknown[][]; deleted: Set<string | number> }> | undefined
  for (const entity of entities) {
    if (entity.table.schema.persist !== 'commit') continue
    rows ??= new Map()
    let kind = rows.get(entity.table)
    if (kind === undefined) {
      kind = { columns: entity.table.names.map(() => []), deleted: new Set() }
      rows.set(entity.table, kind)
    }
    if (entity.alive) copyRow(entity, kind.columns)
    else kind.deleted.add(entity.key)
  }
  return (
    rows &&
    Array.from(rows, ([table, { columns, deleted }]) => ({ kind: table.schema, columns, deleted: [...deleted] }))
  )
}
