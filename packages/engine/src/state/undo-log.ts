import { popCount } from '@terrane/protocol'
import type { Entity } from './entity.js'

const INSERTED = 0
const UPDATED = 1
const DELETED = 2

/**
 * What the running transaction did, in order, with the old values: enough to take it back, and to
 * mark what changed when it is kept. Reused from one transaction to the next.
 */
export class UndoLog {
  readonly #ops: number[] = []
  readonly #entities: Entity[] = []
  readonly #masks: number[] = []
  readonly #old: unknown[] = []
  /** Entries in use: the arrays keep their length, as shrinking and growing them costs more than the rest. */
  #count = 0
  #oldCount = 0

  inserted(entity: Entity): void {
    this.#push(INSERTED, entity, 0)
  }

  deleted(entity: Entity): void {
    this.#push(DELETED, entity, 0)
  }

  /** To be called before the row changes: keeps the values of the columns in `mask`. */
  updated(entity: Entity, mask: number): void {
    this.#push(UPDATED, entity, mask)
    const names = entity.table.names
    for (let column = 0; column < names.length; column++) {
      if ((mask & (1 << column)) !== 0) this.#old[this.#oldCount++] = entity.row[names[column] as string]
    }
  }

  /** Takes everything back, newest first, and empties the log. */
  rollback(): void {
    for (let i = this.#count - 1; i >= 0; i--) {
      const entity = this.#entities[i] as Entity
      const table = entity.table
      switch (this.#ops[i]) {
        case INSERTED:
          table.unlink(entity)
          break
        case DELETED:
          table.link(entity)
          break
        default: {
          const mask = this.#masks[i] as number
          const end = this.#oldCount
          this.#oldCount -= popCount(mask)
          table.revert(entity, mask, this.#old.slice(this.#oldCount, end))
        }
      }
      // Clients saw none of this: a move that was taken back is no move.
      if (!entity.publishQueued) entity.shown = undefined
    }
    this.#clear()
  }

  /** Reports every touched entity once per touch, with the columns that changed, and empties the log. */
  keep(changed: (entity: Entity, mask: number, whole: boolean) => void): void {
    for (let i = 0; i < this.#count; i++) {
      const op = this.#ops[i]
      changed(this.#entities[i] as Entity, this.#masks[i] as number, op === INSERTED)
    }
    this.#clear()
  }

  #push(op: number, entity: Entity, mask: number): void {
    const at = this.#count++
    this.#ops[at] = op
    this.#entities[at] = entity
    this.#masks[at] = mask
  }

  #clear(): void {
    this.#count = 0
    this.#oldCount = 0
    if (this.#entities.length <= KEPT_MAX) return
    this.#ops.length = 0
    this.#entities.length = 0
    this.#masks.length = 0
    this.#old.length = 0
  }
}

/** Entries that are kept for reuse; a larger transaction's are given back. */
const KEPT_MAX = 4096
