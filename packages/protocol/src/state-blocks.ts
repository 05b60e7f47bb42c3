import { ByteReader, ByteWriter, unzigzag, zigzag } from '@terrane/core'
import { pack, unpack } from './payloads.js'

/**
 * State travels in blocks, one per cell of a zone and publication. A payload is a run of blocks, so
 * the server encodes each once and copies it for every client that sees the cell:
 *
 *   payload   { 0 version { block } }              a mark names the publication of the blocks behind it
 *   block     length column·4+form row back runs   `length` counts the bytes behind it, 1 at least
 *   run       tag [mask] [count] { entry }         tag = kind·8 + op·2 + last
 *   entry     id values
 *
 * Numbers are varints, signed ones in zigzag. `column` and `row` name the cell (see `cellId`). `back`
 * says how many publications ago the cell changed before: a client that holds another version has
 * missed something and asks for a resync; snapshots carry 0. The last run of a block has no count: it
 * ends with the block. `id` is the zone's number for the entity, valid within one epoch, given as the
 * difference to the one before in the run. `mask` has a bit for each column that follows (op CHANGED);
 * op FULL brings all columns, op GONE none. Values by the column's type:
 *
 *   integer varint, real 4 bytes, double 8 bytes, text length and UTF-8, boolean a byte,
 *   json length and MessagePack, date 8 bytes (ms since the epoch); nullable columns (`?`) have a
 *   byte before: 0 for null, 1 for a value
 */
export const FORM_DELTA = 0
/** Replaces all that the client holds of the cell. */
export const FORM_SNAPSHOT = 1
/** The cell went out of sight: forget it. Has no runs. */
export const FORM_LEFT = 2

export const ENTRY_CHANGED = 0
export const ENTRY_FULL = 1
/** Deleted, or moved to another cell: drop it if it is still held under this cell. */
export const ENTRY_GONE = 2

type BareType = 'integer' | 'real' | 'double' | 'text' | 'boolean' | 'json' | 'date'
/** A column's type as clients know it; `?` for those that may be null. */
export type WireType = BareType | `${BareType}?`

export interface StateEntry {
  readonly id: number
  readonly kind: number
  readonly op: number
  /** Columns that `values` covers, as bits; for FULL entries all of them, for GONE none. */
  readonly mask: number
  /** Lowest bit first. */
  readonly values: readonly unknown[]
}

export interface StateBlock {
  /** See `cellId`. */
  readonly cell: number
  readonly form: number
  readonly version: number
  readonly previous: number
  readonly entries: readonly StateEntry[]
}

/** Columns and rows of the grid on either side of the origin; named cells stand in rows beyond it. */
export const CELL_HALF = 32_768
const CELL_SPAN = 2 * CELL_HALF

/** One number for a cell: consecutive along a row. @param column from -CELL_HALF to CELL_HALF-1 */
export function cellId(column: number, row: number): number {
  return (row + CELL_HALF) * CELL_SPAN + column + CELL_HALF
}

/** Writes the mark that precedes the blocks of one publication. */
export function encodeMark(version: number): Uint8Array {
  const writer = new ByteWriter(8)
  writer.byte(0)
  writer.unsigned(version)
  return writer.finish()
}

/** Encodes blocks; one per server, reused, as its buffers are. */
export class BlockEncoder {
  readonly #types: readonly (readonly WireType[])[]
  readonly #runs = new ByteWriter(4096)
  readonly #head = new ByteWriter(32)
  readonly #block = new ByteWriter(4096)

  /** @param types the columns' types, by kind */
  constructor(types: readonly (readonly WireType[])[]) {
    this.#types = types
  }

  /** Entries that follow each other with the same kind, op and mask share a run. */
  encode(cell: number, form: number, version: number, previous: number, entries: readonly StateEntry[]): Uint8Array {
    const runs = this.#runs
    runs.reset()
    let from = 0
    while (from < entries.length) {
      const to = endOfRun(entries, from)
      this.#run(entries, from, to)
      from = to
    }
    const column = (cell % CELL_SPAN) - CELL_HALF
    const head = this.#head
    head.reset()
    head.unsigned(zigzag(column) * 4 + form)
    head.signed(Math.floor(cell / CELL_SPAN) - CELL_HALF)
    head.unsigned(version - previous)
    const block = this.#block
    block.reset()
    block.unsigned(head.length + runs.length)
    block.raw(head.written)
    block.raw(runs.written)
    return block.finish()
  }

  #run(entries: readonly StateEntry[], from: number, to: number): void {
    const runs = this.#runs
    const { kind, op, mask } = entries[from] as StateEntry
    const last = to === entries.length
    runs.unsigned(kind * 8 + op * 2 + (last ? 1 : 0))
    if (op === ENTRY_CHANGED) runs.unsigned(mask)
    if (!last) runs.unsigned(to - from)
    const types = this.#types[kind] as readonly WireType[]
    let previousId = 0
    for (let i = from; i < to; i++) {
      const entry = entries[i] as StateEntry
      runs.signed(entry.id - previousId)
      previousId = entry.id
      let at = 0
      for (let bits = entry.mask; bits !== 0; bits &= bits - 1) {
        writeValue(runs, types[31 - Math.clz32(bits & -bits)] as WireType, entry.values[at++])
      }
    }
  }
}

/** Decodes a payload. @param types the columns' types, by kind. Throws TypeError on malformed input. */
export function decodeBlocks(payload: Uint8Array, types: readonly (readonly WireType[])[]): StateBlock[] {
  const blocks: StateBlock[] = []
  const reader = new ByteReader(payload)
  let version: number | undefined
  try {
    while (!reader.done) {
      const length = reader.unsigned()
      if (length === 0) {
        version = reader.unsigned()
        continue
      }
      if (version === undefined) throw new RangeError('a block stands before the first mark')
      const start = reader.skip(length)
      blocks.push(decodeBlock(new ByteReader(payload, start, start + length), version, types))
    }
  } catch (cause) {
    throw new TypeError(`malformed state: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
  return blocks
}

function decodeBlock(reader: ByteReader, version: number, types: readonly (readonly WireType[])[]): StateBlock {
  const first = reader.unsigned()
  const form = first % 4
  const column = unzigzag(Math.floor(first / 4))
  const row = reader.signed()
  const previous = version - reader.unsigned()
  const entries: StateEntry[] = []
  while (!reader.done) decodeRun(reader, types, entries)
  return { cell: cellId(column, row), form, version, previous, entries }
}

function decodeRun(reader: ByteReader, types: readonly (readonly WireType[])[], entries: StateEntry[]): void {
  const tag = reader.unsigned()
  const kind = Math.floor(tag / 8)
  const op = (tag >> 1) & 3
  const columns = types[kind]
  if (columns === undefined) throw new RangeError(`there is no kind ${kind}`)
  const all = 2 ** columns.length - 1
  const mask = op === ENTRY_CHANGED ? reader.unsigned() : op === ENTRY_FULL ? all : 0
  if (mask > all) throw new RangeError(`kind ${kind} has no column for the mask ${mask}`)
  const last = (tag & 1) === 1
  let left = last ? Number.POSITIVE_INFINITY : reader.unsigned()
  let id = 0
  while (left-- > 0 && !(last && reader.done)) {
    id += reader.signed()
    const values: unknown[] = []
    for (let bits = mask; bits !== 0; bits &= bits - 1) {
      values.push(readValue(reader, columns[31 - Math.clz32(bits & -bits)] as WireType))
    }
    entries.push({ id, kind, op, mask, values })
  }
}

function endOfRun(entries: readonly StateEntry[], from: number): number {
  const first = entries[from] as StateEntry
  let to = from + 1
  for (; to < entries.length; to++) {
    const entry = entries[to] as StateEntry
    if (entry.kind !== first.kind || entry.op !== first.op || entry.mask !== first.mask) break
  }
  return to
}

function writeValue(writer: ByteWriter, type: WireType, value: unknown): void {
  if (type.endsWith('?')) {
    writer.byte(value === null ? 0 : 1)
    if (value === null) return
  }
  switch (bare(type)) {
    case 'integer':
      writer.signed(value as number)
      return
    case 'real':
      writer.float32(value as number)
      return
    case 'double':
      writer.float64(value as number)
      return
    case 'text':
      writer.text(value as string)
      return
    case 'boolean':
      writer.byte(value === true ? 1 : 0)
      return
    case 'json': {
      const packed = pack(value)
      writer.unsigned(packed.length)
      writer.raw(packed)
      return
    }
    case 'date':
      writer.float64((value as Date).getTime())
  }
}

function readValue(reader: ByteReader, type: WireType): unknown {
  if (type.endsWith('?') && reader.byte() === 0) return null
  switch (bare(type)) {
    case 'integer':
      return reader.signed()
    case 'real':
      return reader.float32()
    case 'double':
      return reader.float64()
    case 'text':
      return reader.text()
    case 'boolean':
      return reader.byte() === 1
    case 'json':
      return unpack(reader.raw())
    case 'date':
      return new Date(reader.float64())
  }
}

function bare(type: WireType): BareType {
  return (type.endsWith('?') ? type.slice(0, -1) : type) as BareType
}

/** Number of set bits of a 31-bit mask. */
export function popCount(mask: number): number {
  let bits = mask
  let count = 0
  while (bits !== 0) {
    bits &= bits - 1
    count++
  }
  return count
}
