import { pack, unpackEach } from './payloads.js'

/**
 * State travels in blocks, one per cell of a zone and publication. A block is one MessagePack array
 *
 *   [cell, form, version, previous, …entries]
 *
 * and a frame is blocks one after another, so the server encodes each block once and copies it for
 * every client that sees the cell. `version` is the publication in which the cell last changed;
 * `previous` the one before: a client that holds another version than `previous` has missed
 * something and asks for a resync. Entries are flat:
 *
 *   id, kind*4 + CHANGED, mask, …values of the columns in mask, lowest bit first
 *   id, kind*4 + FULL,    …values of all columns
 *   id, kind*4 + GONE     (deleted, or moved to another cell: drop it if it is still held under this cell)
 *
 * `id` is the zone's number for the entity, valid within one epoch.
 */
export const FORM_DELTA = 0
/** Replaces all that the client holds of the cell. */
export const FORM_SNAPSHOT = 1
/** The cell went out of sight: forget it. Has no entries. */
export const FORM_LEFT = 2

export const ENTRY_CHANGED = 0
export const ENTRY_FULL = 1
export const ENTRY_GONE = 2

export function encodeBlock(
  cell: number,
  form: number,
  version: number,
  previous: number,
  entries: readonly unknown[],
): Uint8Array {
  return pack([cell, form, version, previous, ...entries])
}

export interface StateEntry {
  readonly id: number
  readonly kind: number
  readonly op: number
  /** Columns that `values` covers, as bits; for FULL entries all of them. */
  readonly mask: number
  readonly values: readonly unknown[]
}

export interface StateBlock {
  readonly cell: number
  readonly form: number
  readonly version: number
  readonly previous: number
  readonly entries: readonly StateEntry[]
}

/** Decodes a frame's payload. @param columnCounts number of columns per kind. Throws on malformed input. */
export function decodeBlocks(payload: Uint8Array, columnCounts: readonly number[]): StateBlock[] {
  const blocks: StateBlock[] = []
  unpackEach(payload, (value) => {
    blocks.push(parseBlock(value, columnCounts))
  })
  return blocks
}

function parseBlock(value: unknown, columnCounts: readonly number[]): StateBlock {
  if (!Array.isArray(value) || value.length < 4) throw new TypeError('a state block is not an array of four or more')
  const flat = value as unknown[]
  const entries: StateEntry[] = []
  let at = 4
  while (at < flat.length) {
    const id = flat[at++] as number
    const tag = flat[at++] as number
    const kind = tag >> 2
    const op = tag & 3
    let mask = 0
    let count = 0
    if (op === ENTRY_CHANGED) {
      mask = flat[at++] as number
      count = popCount(mask)
    } else if (op === ENTRY_FULL) {
      count = columnCounts[kind] as number
      mask = 2 ** count - 1
    }
    if (!(at + count <= flat.length)) throw new TypeError('a state block ends within an entry')
    entries.push({ id, kind, op, mask, values: flat.slice(at, at + count) })
    at += count
  }
  return {
    cell: flat[0] as number,
    form: flat[1] as number,
    version: flat[2] as number,
    previous: flat[3] as number,
    entries,
  }
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
