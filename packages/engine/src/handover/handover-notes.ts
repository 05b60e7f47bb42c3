// Questions before a hand-over, and their answers. Any of them may be lost: nothing durable depends on them.
import { type ByteReader, ByteWriter } from '@terrane/core'
import { pack, unpack } from '@terrane/protocol'
import type { Key } from '../world/define-world.js'

export interface HandoverNote {
  /** What is asked, or the answer to it. */
  readonly kind: 'ask' | 'ready' | 'full'
  readonly table: string
  readonly key: Key
  /** How often the row will have moved. */
  readonly generation: number
}

const KINDS = ['ask', 'ready', 'full'] as const
const writer = new ByteWriter()

/** @param tag the first byte: tells these from other notes */
export function encodeHandoverNote(tag: number, { kind, table, key, generation }: HandoverNote): Uint8Array {
  writer.reset()
  writer.byte(tag)
  writer.byte(KINDS.indexOf(kind))
  writer.text(table)
  writer.unsigned(generation)
  const packed = pack(key)
  writer.unsigned(packed.length)
  writer.raw(packed)
  return writer.finish()
}

/** Reads what follows the tag. Throws when it is none. */
export function decodeHandoverNote(reader: ByteReader): HandoverNote {
  const kind = KINDS[reader.byte()]
  if (kind === undefined) throw new RangeError('an unknown note about a hand-over')
  const table = reader.text()
  const generation = reader.unsigned()
  return { kind, table, generation, key: unpack(reader.raw()) as Key }
}
