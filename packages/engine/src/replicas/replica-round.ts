// What a zone tells another of its rows at one moment: for each kind, all the rows of which that zone has copies. So a
// row that is missing is gone, or out of the other's sight, and a round that is lost costs nothing but time.
import { VClock, type ZoneId } from '@terrane/causality'
import { type ByteReader, ByteWriter } from '@terrane/core'
import { pack, unpack } from '@terrane/protocol'

export interface ReplicaRound {
  /** The zone that owns the rows. */
  readonly author: ZoneId
  /** Its clock when it sealed the batch with which the rows are as they are here. That batch is durable. */
  readonly sentAt: VClock
  readonly kinds: readonly RoundKind[]
}

export interface RoundKind {
  readonly name: string
  readonly columns: readonly string[]
  /** Values of each row, in the order of `columns`, as `encodeRow` wrote them. */
  readonly rows: readonly Uint8Array[]
}

const writer = new ByteWriter()

export function encodeRow(values: readonly unknown[]): Uint8Array {
  return pack(values)
}

export function decodeRow(bytes: Uint8Array): readonly unknown[] {
  return unpack(bytes) as unknown[]
}

/** @param tag the first byte: tells rounds from other notes */
export function encodeRound(tag: number, { author, sentAt, kinds }: ReplicaRound): Uint8Array {
  writer.reset()
  writer.byte(tag)
  writer.unsigned(author)
  sentAt.write(writer)
  writer.unsigned(kinds.length)
  for (const { name, columns, rows } of kinds) {
    writer.text(name)
    writer.unsigned(columns.length)
    for (const column of columns) writer.text(column)
    writer.unsigned(rows.length)
    for (const row of rows) {
      writer.unsigned(row.length)
      writer.raw(row)
    }
  }
  return writer.finish()
}

/** Reads what follows the tag. Throws when it is no round. */
export function decodeRound(reader: ByteReader): ReplicaRound {
  const author = reader.unsigned()
  const sentAt = VClock.read(reader)
  const kinds: RoundKind[] = []
  for (let count = reader.unsigned(); count > 0; count--) {
    const name = reader.text()
    const columns = times(reader.unsigned(), () => reader.text())
    kinds.push({ name, columns, rows: times(reader.unsigned(), () => reader.raw()) })
  }
  return { author, sentAt, kinds }
}

function times<T>(count: number, read: () => T): T[] {
  const values: T[] = []
  for (let i = 0; i < count; i++) values.push(read())
  return values
}
