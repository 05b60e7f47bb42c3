import type { Cell } from '../interest/cells.js'
import type { KindTable } from './kind-table.js'

/** Column values by name. World code sees it read-only; only the table writes to it, in place. */
export type Row = Record<string, unknown>

/**
 * One row in memory with what the zone must remember about it. Rows change in place: a write costs no
 * allocation, and a transaction's undo log restores the old values.
 */
export class Entity {
  readonly table: KindTable
  readonly row: Row
  /** The zone's number for it, in frames to clients. Not stable across a reload. */
  readonly id: number
  alive = true

  /** Columns changed since the last sealed batch; all of them when `logWhole`. */
  logMask = 0
  logWhole = false
  /** Stands in the open batch's list. */
  logQueued = false
  /** The SQL table may hold it: one that came and went between two checkpoints never gets there. */
  stored = false
  /** Stands in the checkpointer's queue. */
  checkpointQueued = false

  /** Where it is; undefined for kinds that no client sees. */
  cell: Cell | undefined = undefined
  /** Its place in `cell.members`. */
  slot = 0
  /** Columns changed since the last publication. */
  publishMask = 0
  publishQueued = false
  /**
   * The cell under which clients know it, if that differs from `cell`; NOWHERE for one that they do
   * not know yet. Undefined while it has not moved since the last publication.
   */
  shown: Cell | undefined = undefined

  constructor(table: KindTable, row: Row, id: number) {
    this.table = table
    this.row = row
    this.id = id
  }

  get key(): string | number {
    return this.row[this.table.keyName] as string | number
  }
}
