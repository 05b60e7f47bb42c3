import { assert } from '@terrane/core'
import type { Store } from '../ports/store.js'
import type { Entity } from '../state/entity.js'
import type { KindTable } from '../state/kind-table.js'
import { type BatchKind, decodeBatch, visitChanges } from './batch-codec.js'
import type { Streams } from './streams.js'

/**
 * Rebuilds a zone's memory: the tables as the last checkpoint left them, then the log behind it.
 * Tables may be newer than the checkpoint's position (see `Checkpointer`), so a change can meet a row
 * that is not there yet or no longer there; a later batch always settles it, which is checked.
 */
export class Recovery {
  readonly #zone: string
  readonly #store: Store
  readonly #tables: ReadonlyMap<string, KindTable>
  readonly #streams: Streams
  /** Rows of which only some columns are known so far, by table. */
  readonly #partial = new Map<KindTable, Set<string | number>>()
  /** Keys that the log changed, by table. */
  readonly #touched = new Map<KindTable, Set<string | number>>()
  /** Position of the last batch that was applied. */
  seq: number
  /** Bytes of log that were replayed. */
  replayedBytes = 0
  rows = 0

  constructor(zone: string, store: Store, tables: Iterable<KindTable>, streams: Streams, checkpoint: number) {
    this.#zone = zone
    this.#store = store
    this.#tables = new Map(Array.from(tables, (table) => [table.schema.name, table]))
    this.#streams = streams
    this.seq = checkpoint
  }

  async readTables(): Promise<void> {
    for (const table of this.#tables.values()) {
      for await (const { columns } of this.#store.checkpoints.rows(this.#zone, table.schema)) {
        const count = columns[0]?.length ?? 0
        for (let r = 0; r < count; r++) table.restore(columns.map((column) => column[r]))
        this.rows += count
      }
    }
    for await (const positions of this.#store.checkpoints.streams(this.#zone)) {
      for (const { stream, lastInput, at } of positions) this.#streams.restore(stream, lastInput, at)
    }
  }

  /** Applies what the log holds behind `seq`. May be called again, for batches that came since. */
  async replay(): Promise<void> {
    for await (const entries of this.#store.log.read(this.#zone, this.seq)) {
      for (const entry of entries) {
        assert(entry.seq === this.seq + 1, `zone ${this.#zone}: the log has a hole before batch ${entry.seq}`)
        const batch = decodeBatch(entry.payload)
        for (const kind of batch.kinds) this.#apply(kind)
        for (let i = 0; i < batch.streams.length; i += 2) {
          this.#streams.restore(batch.streams[i] as string, batch.streams[i + 1] as number, batch.at)
          this.#streams.markUnsaved(this.#streams.ensure(batch.streams[i] as string))
        }
        this.seq = entry.seq
        this.replayedBytes += entry.payload.length
      }
    }
  }

  /** Ends the recovery: builds indexes and cells. Returns the rows that the log changed, with stubs for deleted ones. */
  finish(): Entity[] {
    for (const [table, keys] of this.#partial) {
      assert(keys.size === 0, `zone ${this.#zone}: rows of ${table.schema.name} are incomplete after replay`)
    }
    for (const table of this.#tables.values()) table.relink()
    const changed: Entity[] = []
    for (const [table, keys] of this.#touched) {
      for (const key of keys) changed.push(table.entity(key) ?? table.tombstone(key))
    }
    return changed
  }

  /** Kinds and columns that this version of the world no longer has are passed over; new columns get their default. */
  #apply(change: BatchKind): void {
    const table = this.#tables.get(change.name)
    if (table === undefined) return
    const partial = keysOf(this.#partial, table)
    const touched = keysOf(this.#touched, table)
    const places = change.columns.map((name) => table.names.indexOf(name))
    visitChanges(change, {
      whole: (key, values) => {
        touched.add(key)
        partial.delete(key)
        table.forget(key)
        table.restore(spread(table, places, values))
      },
      changed: (key, mask, values) => {
        touched.add(key)
        let entity = table.entity(key)
        if (entity === undefined) {
          entity = table.restore(table.names.map((name) => (name === table.keyName ? key : null)))
          partial.add(key)
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
        touched.add(key)
        partial.delete(key)
        table.forget(key)
      },
    })
  }
}

function keysOf(sets: Map<KindTable, Set<string | number>>, table: KindTable): Set<string | number> {
  let keys = sets.get(table)
  if (keys === undefined) {
    keys = new Set()
    sets.set(table, keys)
  }
  return keys
}

function spread(table: KindTable, places: readonly number[], values: readonly unknown[]): unknown[] {
  const full: unknown[] = table.schema.columns.map((column) => column.defaultValue ?? null)
  for (let i = 0; i < places.length; i++) {
    const place = places[i] as number
    if (place !== -1) full[place] = values[i]
  }
  return full
}
