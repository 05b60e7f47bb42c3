import { type BlockEncoder, ENTRY_FULL, encodeMark, FORM_LEFT, FORM_SNAPSHOT, type StateEntry } from '@terrane/protocol'
import type { Entity } from '../state/entity.js'
import { STATE_HEADROOM, type StateFrame } from '../zone/zone-session.js'
import type { Cell, CellChange } from './cells.js'

/** What changed in one publication, encoded once: the blocks of all watched cells that changed. */
export class Publication {
  readonly version: number
  /** Goes before this publication's blocks in every frame. */
  readonly mark: Uint8Array
  /** Changed cells of the grid in order of id, with the place of each one's block in `wholeGrid`. */
  readonly gridIds: number[] = []
  readonly gridOffsets: number[] = [0]
  readonly wholeGrid: Buffer
  /** Changed named cells, and those of them that are nobody's own. */
  readonly named: readonly Cell[]
  readonly shared: readonly Cell[]

  constructor(version: number, grid: Cell[], named: readonly Cell[]) {
    this.version = version
    this.mark = encodeMark(version)
    this.named = named
    this.shared = named.filter((cell) => !cell.isPrivate)
    grid.sort((a, b) => a.id - b.id)
    let length = 0
    for (const cell of grid) {
      length += (cell.block as Uint8Array).length
      this.gridIds.push(cell.id)
      this.gridOffsets.push(length)
    }
    this.wholeGrid = Buffer.allocUnsafe(length)
    for (let i = 0; i < grid.length; i++) this.wholeGrid.set((grid[i] as Cell).block as Uint8Array, this.gridOffsets[i])
  }

  get empty(): boolean {
    return this.gridIds.length === 0 && this.shared.length === 0
  }

  /** The blocks of changed cells with ids from `first` to `last`, as one slice. */
  slice(first: number, last: number): Uint8Array | undefined {
    const from = lowerBound(this.gridIds, first)
    const to = lowerBound(this.gridIds, last + 1)
    if (from === to) return undefined
    return this.wholeGrid.subarray(this.gridOffsets[from], this.gridOffsets[to])
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

/** Blocks of several publications with the mark of each, in the given order. */
export function marked(blocks: readonly { readonly version: number; readonly block: Uint8Array }[]): Uint8Array[] {
  const parts: Uint8Array[] = []
  let version: number | undefined
  for (const each of blocks) {
    if (each.version !== version) {
      version = each.version
      parts.push(encodeMark(version))
    }
    parts.push(each.block)
  }
  return parts
}

/** The cell as it is now, encoded once per version. */
export function snapshotOf(cell: Cell, encoder: BlockEncoder): Uint8Array {
  if (cell.snapshot !== undefined && cell.snapshotVersion === cell.version) return cell.snapshot
  // One kind after the other: entries of a kind share their head.
  const members = [...cell.members].sort((a, b) => a.table.number - b.table.number || a.id - b.id)
  cell.snapshot = encoder.encode(cell.id, FORM_SNAPSHOT, cell.version, cell.version, members.map(wholeEntry))
  cell.snapshotVersion = cell.version
  return cell.snapshot
}

export function wholeEntry(entity: Entity): StateEntry {
  const { table, row } = entity
  const values = table.names.map((name) => row[name])
  return { id: entity.id, kind: table.number, op: ENTRY_FULL, mask: table.allColumns, values }
}

export function leftBlock(id: number, encoder: BlockEncoder): Uint8Array {
  return encoder.encode(id, FORM_LEFT, 0, 0, [])
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
