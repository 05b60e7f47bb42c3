import type { RowChange } from '../map/map-scene.js'
import type { Key, Row, RowRef } from '../world/row.js'

type Listener = () => void

/**
 * Gathers changes of rows between two animation frames, so that what draws them works once per frame
 * and once per row, however often a row changed.
 */
export class RowChanges {
  readonly #pending = new Map<string, Map<Key, Row | undefined>>()
  readonly #rowWatchers = new Map<string, Map<Key, Set<Listener>>>()
  readonly #kindWatchers = new Map<string, Set<Listener>>()
  readonly #batchWatchers = new Set<(changes: readonly RowChange[]) => void>()

  note(kind: string, key: Key, row: Row | undefined): void {
    let rows = this.#pending.get(kind)
    if (rows === undefined) {
      rows = new Map()
      this.#pending.set(kind, rows)
    }
    rows.set(key, row)
  }

  /** Tells everybody what changed since the last call. */
  flush(): void {
    if (this.#pending.size === 0) return
    const changes: RowChange[] = []
    const kinds = [...this.#pending]
    this.#pending.clear()
    for (const [kind, rows] of kinds) for (const [key, row] of rows) changes.push({ kind, key, row })
    for (const watcher of [...this.#batchWatchers]) watcher(changes)
    for (const [kind, rows] of kinds) {
      for (const [key, listeners] of [...(this.#rowWatchers.get(kind) ?? [])]) {
        if (rows.has(key)) for (const listener of [...listeners]) listener()
      }
      for (const listener of [...(this.#kindWatchers.get(kind) ?? [])]) listener()
    }
  }

  watchAll(listener: (changes: readonly RowChange[]) => void): () => void {
    this.#batchWatchers.add(listener)
    return () => this.#batchWatchers.delete(listener)
  }

  watchRow({ kind, key }: RowRef, listener: Listener): () => void {
    const rows = this.#rowWatchers.get(kind) ?? new Map<Key, Set<Listener>>()
    this.#rowWatchers.set(kind, rows)
    const listeners = rows.get(key) ?? new Set()
    rows.set(key, listeners)
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) rows.delete(key)
    }
  }

  watchKind(kind: string, listener: Listener): () => void {
    const listeners = this.#kindWatchers.get(kind) ?? new Set()
    this.#kindWatchers.set(kind, listeners)
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
}
