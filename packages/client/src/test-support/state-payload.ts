import { BlockEncoder, encodeMark, type StateEntry, type WireKind } from '@terrane/protocol'

/** Makes payloads of one block: its publication's mark and the block. They may be joined to one payload. */
export function blocksOf(kinds: readonly WireKind[]) {
  const encoder = new BlockEncoder(kinds.map((kind) => kind.types))
  return (cell: number, form: number, version: number, previous: number, entries: readonly StateEntry[]): Uint8Array =>
    Buffer.concat([encodeMark(version), encoder.encode(cell, form, version, previous, entries)])
}
