import { type QueueOp, readStamp, VClock, writeStamp } from '@terrane/causality'
import { ByteReader, ByteWriter } from '@terrane/core'
import type { OpParcel, OpReceipt, ZoneNote } from '@terrane/engine'

/** A message between the exchanges of two processes. */
export type OpFrame =
  | { readonly type: 'parcel'; readonly node: string; readonly parcel: OpParcel }
  | { readonly type: 'receipt'; readonly receipt: OpReceipt }
  /** The sender's parcel or receipt was for a zone that this process does not have. */
  | { readonly type: 'absent'; readonly zone: string }
  | { readonly type: 'note'; readonly note: ZoneNote }

const TYPES = ['parcel', 'receipt', 'absent', 'note'] as const
/** The first byte; another one is a frame of another version, which is not for us. */
const FORMAT = 1

/** Bundles of a frame weigh up to this and one more bundle: NATS takes 1 MiB by default. */
const FRAME_BYTES = 512 * 1024

const writer = new ByteWriter()

export function encodeFrame(frame: OpFrame): Uint8Array {
  writer.reset()
  writer.byte(FORMAT)
  writer.byte(TYPES.indexOf(frame.type))
  if (frame.type === 'absent') writer.text(frame.zone)
  else if (frame.type === 'note') {
    const { from, to, bytes } = frame.note
    writer.text(from)
    writer.text(to)
    writer.unsigned(bytes.length)
    writer.raw(bytes)
  } else if (frame.type === 'receipt') {
    const { from, number, to, delivered, isOverflowing } = frame.receipt
    writer.text(from)
    writer.unsigned(number)
    writer.text(to)
    delivered.write(writer)
    writer.byte(isOverflowing ? 1 : 0)
  } else {
    const { from, to, ops } = frame.parcel
    writer.text(frame.node)
    writer.text(from)
    writer.text(to)
    writer.unsigned(ops.length)
    for (const op of ops) {
      writeStamp(writer, op)
      writer.unsigned(op.value.length)
      writer.raw(op.value)
    }
  }
  return writer.finish()
}

/** Throws when the bytes are not what `encodeFrame` wrote; undefined for another version's. */
export function decodeFrame(bytes: Uint8Array): OpFrame | undefined {
  const reader = new ByteReader(bytes)
  if (reader.byte() !== FORMAT) return undefined
  const type = TYPES[reader.byte()]
  if (type === undefined) return undefined
  if (type === 'absent') return { type, zone: reader.text() }
  if (type === 'note') return { type, note: { from: reader.text(), to: reader.text(), bytes: reader.raw() } }
  if (type === 'receipt') {
    const [from, number, to] = [reader.text(), reader.unsigned(), reader.text()]
    return {
      type,
      receipt: { from, number, to, delivered: VClock.read(reader), isOverflowing: reader.byte() === 1 },
    }
  }
  const [node, from, to] = [reader.text(), reader.text(), reader.text()]
  const ops: QueueOp<Uint8Array>[] = []
  for (let count = reader.unsigned(); count > 0; count--) {
    const stamp = readStamp(reader)
    // A copy: ops are kept for longer than the frame, which may be part of a larger buffer.
    const value = reader.raw().slice()
    ops.push({ ...stamp, size: value.length, value })
  }
  return { type, node, parcel: { from, to, ops } }
}

/** Cuts a parcel into ones that fit in a frame. */
export function framesOf(parcel: OpParcel): OpParcel[] {
  const parts: QueueOp<Uint8Array>[][] = []
  let room = 0
  for (const op of parcel.ops) {
    if (room <= 0) {
      parts.push([])
      room = FRAME_BYTES
    }
    parts.at(-1)?.push(op)
    room -= op.size
  }
  return parts.map((ops) => ({ ...parcel, ops }))
}
