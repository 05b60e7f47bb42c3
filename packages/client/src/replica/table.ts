import type { TerraneError } from '@terrane/core'
import { clientError } from '../errors.js'
import type { Key } from '../world-types.js'
import { sameRow } from './same-row.js'

export type AnyRow = Readonly<Record<string, unknown>>

export interface TableHandlers<R> {
  insert?(row: R, key: Key): void
  update?(row: R, previous: R, key: Key): void
  remove?(previous: R, key: Key): void
}

export interface SubscribeOptions {
  /** Call `insert` at once for every row that is there. */
  readonly existing?: boolean
}

/** The rows of one kind that are in sight. A row is never changed: each change makes a new one. */
export interface Table<R = AnyRow> {
  readonly name: string
  readonly size: number
  get(key: Key): R | undefined
  has(key: Key): boolean
  all(): IterableIterator<R>
  /**
   * Handlers run when a whole frame has been applied, so what they read is of one moment; a frame
   * gives at most one event per key. Returns what ends the subscription.
   */
  subscribe(handlers: TableHandlers<R>, options?: SubscribeOptions): () => void
}

/** An entity that is held. `cell` is undefined for rows of an earlier epoch that await their successor. */
export interface Held {
  readonly table: KindTable
  readonly key: Key
  cell: HeldCell | undefined
  row: AnyRow
}

export interface HeldCell {
  readonly id: number
  version: number
  readonly entities: Map<number, Held>
}

export class KindTable implements Table {
  readonly name: string
  readonly #held = new Map<Key, Held>()
  readonly #handlers = new Set<TableHandlers<AnyRow>>()
  readonly #listenersMax: number
  readonly #report: (thrown: unknown) => void
  /** Rows as they were before this frame, by key. Kept only while someone listens. */
  readonly #before = new Map<Key, AnyRow | undefined>()
  columns: readonly string[] = []
  keyColumn = 0

  constructor(name: string, listenersMax: number, report: (thrown: unknown) => void) {
    this.name = name
    this.#listenersMax = listenersMax
    this.#report = report
  }

  get size(): number {
    return this.#held.size
  }

  get(key: Key): AnyRow | undefined {
    return this.#held.get(key)?.row
  }

  has(key: Key): boolean {
    return this.#held.has(key)
  }

  *all(): IterableIterator<AnyRow> {
    for (const held of this.#held.values()) yield held.row
  }

  /** @throws TerraneError `too_many_requests` beyond the limit */
  subscribe(handlers: TableHandlers<AnyRow>, options: SubscribeOptions = {}): () => void {
    if (this.#handlers.size >= this.#listenersMax) throw tooMany(this.name)
    // A copy: the same handlers may be given twice.
    const own = { ...handlers }
    this.#handlers.add(own)
    if (options.existing === true)
      for (const held of [...this.#held.values()]) this.#safely(() => own.insert?.(held.row, held.key))
    return () => {
      this.#handlers.delete(own)
    }
  }

  /** Puts a row in place of whatever has its key, and returns what that was. */
  put(held: Held): Held | undefined {
    const old = this.#held.get(held.key)
    this.#touch(held.key, old)
    this.#held.set(held.key, held)
    return old
  }

  change(held: Held, row: AnyRow): void {
    this.#touch(held.key, held)
    held.row = row
  }

  /** Does nothing when the key has passed to another entity. */
  remove(held: Held): void {
    if (this.#held.get(held.key) !== held) return
    this.#touch(held.key, held)
    this.#held.delete(held.key)
  }

  /** Rows that no cell holds. */
  removeStale(): void {
    for (const held of this.#held.values()) if (held.cell === undefined) this.remove(held)
  }

  /** Tells what has changed since the last call. */
  flush(): void {
    if (this.#before.size === 0) return
    const before = [...this.#before]
    this.#before.clear()
    for (const [key, previous] of before) {
      const row = this.#held.get(key)?.row
      if (row === previous || (row !== undefined && previous !== undefined && sameRow(row, previous))) continue
      for (const handlers of [...this.#handlers]) {
        this.#safely(() => {
          if (row === undefined) handlers.remove?.(previous as AnyRow, key)
          else if (previous === undefined) handlers.insert?.(row, key)
          else handlers.update?.(row, previous, key)
        })
      }
    }
  }

  #touch(key: Key, held: Held | undefined): void {
    if (this.#handlers.size > 0 && !this.#before.has(key)) this.#before.set(key, held?.row)
  }

  /** A handler that throws must not keep the others from their events. */
  #safely(work: () => void): void {
    try {
      work()
    } catch (thrown) {
      this.#report(thrown)
    }
  }
}

function tooMany(name: string): TerraneError {
  return clientError('too_many_requests', `table ${name} has too many subscribers; end those that are not needed`)
}
