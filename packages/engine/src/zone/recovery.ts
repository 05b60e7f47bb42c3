import { assert } from '@terrane/core'
import type { Store } from '../ports/store.js'
import type { Entity } from '../state/entity.js'
import type { KindTable } from '../state/kind-table.js'
import { type BatchKind, decodeBatch, visitChanges } from './batch-codec.js'
import type { Streams } from './streams.js'

type Key = string | number

/** Rows between two pauses: some milliseconds. */
const LINKED_AT_ONCE = 5_000

/**
 * Rebuilds a zone's memory: the tables as the last checkpoint left them, then the log behind it.
 * Tables may be newer than the checkpoint's position (see `Checkpointer`), so a change can meet a row
 * that is not there yet or no longer there; a later batch always settles it, which is checked.
 *
 * The zone's owner may go on meanwhile. What is read of the tables is then newer still, and the log, read to its
 * end, settles that as well; so the copy that a standby keeps is a recovery that goes on and on.
 */
export class Recovery {
  readonly #zone: string
  readonly #store: Store
  readonly #tables: ReadonlyMap<string, KindTable>
  readonly #streams: Streams
  /** Rows of which only some columns are known so far, by table. */
  readonly #partial = new Map<KindTable, Set<Key>>()
  /** What the log changed behind the checkpoint, with the last batch that did: rows by table, and input streams. */
  readonly #touched = new Map<KindTable, Map<Key, number>>()
  readonly #moved = new Map<string, number>()
  /** The log behind the checkpoint. */
  #tail: { readonly seq: number; readonly bytes: number }[] = []
  /** Position of the last batch that was applied. */
  seq: number
  /** Bytes of log that this has read. */
  replayedBytes = 0
  #hasTables = false
  /** Rows that are in no index and no cell, while all others are; undefined while none is. */
  #loose: Set<Entity> | undefined

  /** @param checkpoint where the tables are at least, when they are read */
  constructor(zone: string, store: Store, tables: Iterable<KindTable>, streams: Streams, checkpoint: number) {
    this.#zone = zone
    this.#store = store
    this.#tables = new Map(Array.from(tables, (table) => [table.schema.name, table]))
    this.#streams = streams
    this.seq = checkpoint
  }

  /** The tables have been read. */
  get hasTables(): boolean {
    return this.#hasTables
  }

  async readTables(): Promise<void> {
    for (const table of this.#tables.values()) {
      for await (const { columns } of this.#store.checkpoints.rows(this.#zone, table.schema)) {
        const count = columns[0]?.length ?? 0
        for (let r = 0; r < count; r++) table.restore(columns.map((column) => column[r]))
      }
    }
    for await (const positions of this.#store.checkpoints.streams(this.#zone)) {
      for (const { stream, lastInput, at } of positions) this.#streams.restore(stream, lastInput, at)
    }
    this.#hasTables = true
  }

  /** Applies what the log holds behind `seq`. May be called again, for batches that came since. */
  async replay(): Promise<void> {
    for await (const entries of this.#store.log.read(this.#zone, this.seq)) {
      for (const entry of entries) {
        assert(entry.seq === this.seq + 1, `zone ${this.#zone}: the log has a hole before batch ${entry.seq}`)
        const batch = decodeBatch(entry.payload)
        this.seq = entry.seq
        for (const kind of batch.kinds) this.#apply(kind)
        for (let i = 0; i < batch.streams.length; i += 2) {
          const name = batch.streams[i] as string
          this.#streams.restore(name, batch.streams[i + 1] as number, batch.at)
          this.#moved.set(name, entry.seq)
        }
        this.#tail.push({ seq: entry.seq, bytes: entry.payload.length })
        this.replayedBytes += entry.payload.length
      }
    }
  }

  /** The owner has brought the tables up to a position: what changed last before it need not be written again. */
  covered(checkpoint: number): void {
    for (const keys of this.#touched.values()) forgetUpTo(keys, checkpoint)
    forgetUpTo(this.#moved, checkpoint)
    const behind = this.#tail.findIndex(({ seq }) => seq > checkpoint)
    this.#tail = behind === -1 ? [] : this.#tail.slice(behind)
  }

  /** Bytes of log behind the checkpoint. */
  get tailBytes(): number {
    return this.#tail.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /**
   * Builds indexes and cells, from the second time on for what has changed since the last. Rows must be as they are
   * after some batch. `pause` is awaited now and then while there are many.
   */
  async link(pause: () => Promise<void>): Promise<void> {
    if (this.#loose === undefined) {
      const loose = new Set<Entity>()
      for (const table of this.#tables.values()) for (const entity of table.entities()) loose.add(entity)
      this.#loose = loose
    }
    let count = 0
    for (const entity of this.#loose) {
      this.#fasten(entity)
      if (++count % LINKED_AT_ONCE === 0) await pause()
    }
  }

  /**
   * Ends the recovery: builds indexes and cells. Returns the rows that the tables lack, with stubs for deleted ones;
   * streams that they lack are marked.
   */
  finish(): Entity[] {
    for (const [table, keys] of this.#partial) {
      assert(keys.size === 0, `zone ${this.#zone}: rows of ${table.schema.name} are incomplete after replay`)
    }
    if (this.#loose !== undefined) for (const entity of this.#loose) this.#fasten(entity)
    else for (const table of this.#tables.values()) for (const entity of table.entities()) table.fasten(entity)
    const changed: Entity[] = []
    for (const [table, keys] of this.#touched) {
      for (const key of keys.keys()) changed.push(table.entity(key) ?? table.tombstone(key))
    }
    for (const name of this.#moved.keys()) this.#streams.markUnsaved(this.#streams.ensure(name))
    // The zone lives on with its memory, and needs none of this.
    for (const notes of [this.#partial, this.#touched, this.#moved]) notes.clear()
    this.#tail = []
    return changed
  }

  /**
   * Takes a row out of indexes and cell before its first change since they were built. Rows of a batch come in any
   * order, so a unique place may have two of them for a moment, and none of them in the index.
   */
  #loosen(table: KindTable, key: Key): void {
    const entity = this.#loose === undefined ? undefined : table.entity(key)
    if (entity === undefined || this.#loose?.has(entity) === true) return
    table.loosen(entity)
    this.#loose?.add(entity)
  }

  #fasten(entity: Entity): void {
    this.#loose?.delete(entity)
    // It may have been deleted or replaced since.
    if (entity.table.entity(entity.key) === entity) entity.table.fasten(entity)
  }

  /** Kinds and columns that this version of the world no longer has are passed over; new columns get their default. */
  #apply(change: BatchKind): void {
    const table = this.#tables.get(change.name)
    if (table === undefined) return
    const partial = ensured(this.#partial, table, () => new Set<Key>())
    const touched = ensured(this.#touched, table, () => new Map<Key, number>())
    const places = change.columns.map((name) => table.names.indexOf(name))
    visitChanges(change, {
      whole: (key, values) => {
        this.#loosen(table, key)
        touched.set(key, this.seq)
        partial.delete(key)
        table.forget(key)
        const entity = table.restore(spread(table, places, values))
        this.#loose?.add(entity)
      },
      changed: (key, mask, values) => {
        touched.set(key, this.seq)
        this.#loosen(table, key)
        let entity = table.entity(key)
        if (entity === undefined) {
          entity = table.restore(table.names.map((name) => (name === table.keyName ? key : null)))
          partial.add(key)
          this.#loose?.add(entity)
        }
        let at = 0
        for (let column = 0; column < places.length; column++) {
          if ((mask & (1 << column)) === 0) continue
          const place = places[column] as number
          if (place !== -1) entity.row[table.names[place] as string] = values[at]
          at++
        }
      },
      deleted: (key) => {
        this.#loosen(table, key)
        touched.set(key, this.seq)
        partial.delete(key)
        table.forget(key)
      },
    })
  }
}

function ensured<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  let value = map.get(key)
  if (value === undefined) {
    value = create()
    map.set(key, value)
  }
  return value
}

function forgetUpTo<K>(positions: Map<K, number>, seq: number): void {
  for (const [key, at] of positions) if (at <= seq) positions.delete(key)
}

function spread(table: KindTable, places: readonly number[], values: readonly unknown[]): unknown[] {
  const full: unknown[] = table.schema.columns.map((column) => column.defaultValue ?? null)
  for (let i = 0; i < places.length; i++) {
    const place = places[i] as number
    if (place !== -1) full[place] = values[i]
  }
  return full
}
