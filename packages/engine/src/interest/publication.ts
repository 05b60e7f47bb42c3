import { ENTRY_FULL, encodeBlock, FORM_LEFT, FORM_SNAPSHOT } from '@terrane/protocol'
import type { Entity } from '../state/entity.js'
import { STATE_HEADROOM, type StateFrame } from '../zone/zone-session.js'
import type { Cell, CellChange } from './cells.js'

/** What changed in one publication, encoded once: the blocks of all watched cells that changed. */
export class Publication {
  readonly version: number
  /** Changed cells of the grid in order of id, with the place of each one's block in `bytes`. */
  readonly gridIds: number[] = []
  readonly gridOffsets: number[] = [0]
  #bytes: Buffer = Buffer.alloc(0)
  /** Changed rooms and `everyone`; owners' cells are not here. */
  readonly shared: Cell[]

  constructor(version: number, grid: Cell[], shared: Cell[]) {
    this.version = version
    this.shared = shared
    if (grid.length === 0) return
    grid.sort((a, b) => a.id - b.id)
    let length = 0
    for (const cell of grid) {
      length += (cell.block as Uint8Array).length
      this.gridIds.push(cell.id)
      this.gridOffsets.push(length)
    }
    this.#bytes = Buffer.allocUnsafe(length)
    for (let i = 0; i < grid.length; i++) this.#bytes.set((grid[i] as Cell).block as Uint8Array, this.gridOffsets[i])
  }

  /** The blocks of changed cells with ids from `first` to `last`, as one slice. */
  slice(first: number, last: number): Uint8Array | undefined {
    const from = lowerBound(this.gridIds, first)
    const to = lowerBound(this.gridIds, last + 1)
    if (from === to) return undefined
    return this.#bytes.subarray(this.gridOffsets[from], this.gridOffsets[to])
  }

  get wholeGrid(): Uint8Array {
    return this.#bytes
  }
}

/** First index whose value is not below `bound`. */
function lowerBound(sorted: readonly number[], bound: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) < bound) low = middle + 1
    else high = middle
  }
  return low
}

export function frameOf(parts: readonly Uint8Array[]): StateFrame {
  let length = STATE_HEADROOM
  for (const part of parts) length += part.length
  const bytes = Buffer.allocUnsafe(length)
  let at = STATE_HEADROOM
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return { bytes, encoded: new Map() }
}

/** The cell as it is now, encoded once per version. */
export function snapshotOf(cell: Cell): Uint8Array {
  if (cell.snapshot !== undefined && cell.snapshotVersion === cell.version) return cell.snapshot
  const entries: unknown[] = []
  for (const entity of cell.members) appendWhole(entries, entity)
  cell.snapshot = encodeBlock(cell.id, FORM_SNAPSHOT, cell.version, cell.version, entries)
  cell.snapshotVersion = cell.version
  return cell.snapshot
}

export function appendWhole(entries: unknown[], entity: Entity): void {
  entries.push(entity.id, entity.table.number * 4 + ENTRY_FULL)
  for (const name of entity.table.names) entries.push(entity.row[name])
}

export function leftBlock(id: number): Uint8Array {
  return encodeBlock(id, FORM_LEFT, 0, 0, [])
}

/** What a client that holds `version` of a cell has missed; undefined when it cannot be told any more. */
export function changesSince(cell: Cell, version: number): readonly CellChange[] | undefined {
  if (cell.version === version) return []
  const from = cell.history.findIndex((change) => change.previous === version)
  return from === -1 ? undefined : cell.history.slice(from)
}

/** What happened in a cell after a publication up to which a client has everything; undefined when it is gone. */
export function changesAfter(cell: Cell, publication: number): readonly CellChange[] | undefined {
  const from = cell.history.findIndex((change) => change.version > publication)
  const first = cell.history[from]
  return first === undefined || first.previous > publication ? undefined : cell.history.slice(from)
}
