import {
  CELLS_MAX,
  decodeBlocks,
  ENTRY_CHANGED,
  ENTRY_FULL,
  FORM_DELTA,
  FORM_LEFT,
  FORM_SNAPSHOT,
  type JoinParams,
  type JoinReply,
  type StateBlock,
  type StateEntry,
  type WireType,
} from '@terrane/protocol'
import type { Key } from '../world-types.js'
import { type AnyRow, type Held, type HeldCell, KindTable } from './table.js'

/**
 * A zone sends the snapshots of a large view over several publications, each of this many bytes or more,
 * until none is left; so a smaller frame ends them.
 */
const SNAPSHOTS_GO_ON_BYTES = 256 * 1024

export interface ReplicaOptions {
  readonly listenersMax: number
  /** Takes what subscribers throw. */
  readonly report: (thrown: unknown) => void
}

/**
 * What this client sees of a zone: entities by their cell, rows by their key. Holds what is in sight
 * and nothing else, so its size follows the focus.
 *
 * A cell's blocks form a chain, each naming the version before it. A block that does not follow what
 * is held is not applied; its cell is asked for anew.
 *
 * Under a new epoch, entity numbers and versions mean nothing any more. The rows stay while the
 * snapshots of that epoch come in; those that return with the same key are updates, or no event at all,
 * and the others are removed at the end.
 */
export class Replica {
  readonly #options: ReplicaOptions
  readonly #byName = new Map<string, KindTable>()
  #tables: readonly KindTable[] = []
  #columnTypes: readonly (readonly WireType[])[] = []
  readonly #cells = new Map<number, HeldCell>()
  readonly #entities = new Map<number, Held>()
  readonly #resyncing = new Set<number>()
  #epoch: number | undefined
  #stale = false

  constructor(options: ReplicaOptions) {
    this.#options = options
  }

  get tables(): ReadonlyMap<string, KindTable> {
    return this.#byName
  }

  /** Rows of an earlier epoch are still shown. */
  get stale(): boolean {
    return this.#stale
  }

  /** What to say at a join: where this replica stands. */
  resume(): JoinParams['resume'] {
    if (this.#epoch === undefined || this.#stale) return undefined
    const cells: number[] = []
    for (const cell of this.#cells.values()) {
      if (cells.length === CELLS_MAX * 2) break
      cells.push(cell.id, cell.version)
    }
    return { epoch: this.#epoch, cells }
  }

  onJoined(reply: Pick<JoinReply, 'epoch' | 'kinds'>): void {
    this.#resyncing.clear()
    this.#tables = reply.kinds.map(({ name, columns, key }) => {
      let table = this.#byName.get(name)
      if (table === undefined) {
        table = new KindTable(name, this.#options.listenersMax, this.#options.report)
        this.#byName.set(name, table)
      }
      table.columns = columns
      table.keyColumn = key
      return table
    })
    this.#columnTypes = reply.kinds.map((kind) => kind.types)
    if (this.#epoch !== undefined && this.#epoch !== reply.epoch) this.#forgetNumbers()
    this.#epoch = reply.epoch
  }

  /**
   * Applies one frame and then tells the subscribers. Returns the cells to ask for anew.
   * @throws TypeError on malformed bytes; versions then tell the server how far this came
   */
  apply(payload: Uint8Array): number[] {
    const blocks = decodeBlocks(payload, this.#columnTypes)
    const resync: number[] = []
    try {
      for (const block of blocks) this.#applyBlock(block, resync)
      if (payload.length < SNAPSHOTS_GO_ON_BYTES) this.dropStale()
    } finally {
      this.#flush()
    }
    return resync
  }

  /** Removes what no frame of the present epoch has confirmed. */
  dropStale(): void {
    if (!this.#stale) return
    this.#stale = false
    for (const table of this.#byName.values()) table.removeStale()
    this.#flush()
  }

  #applyBlock(block: StateBlock, resync: number[]): void {
    const cell = this.#cells.get(block.cell)
    if (block.form === FORM_DELTA) {
      const held = cell?.version ?? 0
      if (block.previous === held && !this.#resyncing.has(block.cell)) {
        const target = cell ?? this.#newCell(block.cell)
        for (const entry of block.entries) this.#applyEntry(entry, target)
        target.version = block.version
      } else if (block.version > held && !this.#resyncing.has(block.cell)) {
        this.#resyncing.add(block.cell)
        resync.push(block.cell)
      }
    } else if (block.form === FORM_SNAPSHOT) {
      this.#resyncing.delete(block.cell)
      this.#applySnapshot(block, cell ?? this.#newCell(block.cell))
    } else if (block.form === FORM_LEFT) {
      this.#resyncing.delete(block.cell)
      if (cell === undefined) return
      for (const [id, entity] of cell.entities) this.#removeEntity(id, entity)
      this.#cells.delete(block.cell)
    }
  }

  #applySnapshot(block: StateBlock, cell: HeldCell): void {
    const before = new Map(cell.entities)
    for (const entry of block.entries) {
      this.#applyEntry(entry, cell)
      before.delete(entry.id)
    }
    cell.version = block.version
    for (const [id, entity] of before) if (entity.cell === cell) this.#removeEntity(id, entity)
  }

  #applyEntry(entry: StateEntry, cell: HeldCell): void {
    const held = this.#entities.get(entry.id)
    if (entry.op === ENTRY_FULL) this.#applyFull(entry, cell, held)
    // Moved to another cell of this frame, or already gone: nothing to do for either.
    else if (held === undefined || held.cell !== cell) return
    else if (entry.op === ENTRY_CHANGED) held.table.change(held, changed(held, entry))
    else this.#removeEntity(entry.id, held)
  }

  #applyFull(entry: StateEntry, cell: HeldCell, held: Held | undefined): void {
    const table = this.#tables[entry.kind]
    if (table === undefined) throw new TypeError(`an entity of the unknown kind ${entry.kind}`)
    const row = rowOf(table.columns, entry.values)
    const key = entry.values[table.keyColumn] as Key
    if (held !== undefined && held.table === table && held.key === key) {
      table.change(held, row)
      if (held.cell !== cell) {
        held.cell?.entities.delete(entry.id)
        held.cell = cell
        cell.entities.set(entry.id, held)
      }
      return
    }
    if (held !== undefined) this.#removeEntity(entry.id, held)
    const entity: Held = { table, key, cell, row }
    this.#entities.set(entry.id, entity)
    cell.entities.set(entry.id, entity)
    table.put(entity)
  }

  #removeEntity(id: number, entity: Held): void {
    this.#entities.delete(id)
    entity.cell?.entities.delete(id)
    entity.table.remove(entity)
  }

  #newCell(id: number): HeldCell {
    const cell: HeldCell = { id, version: 0, entities: new Map() }
    this.#cells.set(id, cell)
    return cell
  }

  #forgetNumbers(): void {
    for (const entity of this.#entities.values()) entity.cell = undefined
    this.#entities.clear()
    this.#cells.clear()
    this.#stale = true
  }

  #flush(): void {
    for (const table of this.#byName.values()) table.flush()
  }
}

function rowOf(columns: readonly string[], values: readonly unknown[]): AnyRow {
  const row: Record<string, unknown> = {}
  for (let i = 0; i < columns.length; i++) row[columns[i] as string] = values[i]
  return row
}

function changed(held: Held, entry: StateEntry): AnyRow {
  const row: Record<string, unknown> = { ...held.row }
  const { columns } = held.table
  let value = 0
  for (let bits = entry.mask; bits !== 0; bits &= bits - 1) {
    row[columns[31 - Math.clz32(bits & -bits)] as string] = entry.values[value++]
  }
  return row
}
