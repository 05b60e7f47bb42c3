import { pack, type WireError } from '@terrane/protocol'

/**
 * Complete WebSocket frames, ready for the socket. Server frames are not masked, so the same bytes
 * serve every client of a cell, and a frame is one write where `ws` makes two (header, payload).
 */
const FIN_TEXT = 0x81
const FIN_BINARY = 0x82

/** Longest WebSocket header of a server frame. */
export const WEBSOCKET_HEADER_MAX = 10

function headerLength(length: number): number {
  return length < 126 ? 2 : length < 0x1_0000 ? 4 : WEBSOCKET_HEADER_MAX
}

function writeHeader(target: Buffer, at: number, firstByte: number, length: number): number {
  target[at] = firstByte
  if (length < 126) {
    target[at + 1] = length
    return at + 2
  }
  if (length < 0x1_0000) {
    target[at + 1] = 126
    target[at + 2] = length >> 8
    target[at + 3] = length & 0xff
    return at + 4
  }
  target[at + 1] = 127
  target.fill(0, at + 2, at + 4)
  target.writeUIntBE(length, at + 4, 6)
  return at + 10
}

export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const frame = Buffer.allocUnsafe(headerLength(length) + length)
  frame.write(text, writeHeader(frame, 0, FIN_TEXT, length))
  return frame
}

/** `responseJson` is the text of the response. */
export function replyFrame(
  joinRef: string | null,
  ref: string | null,
  topic: string,
  status: 'ok' | 'error',
  responseJson: string,
): Buffer {
  return textFrame(
    `[${JSON.stringify(joinRef)},${JSON.stringify(ref)},${JSON.stringify(topic)},"phx_reply",{"status":"${status}","response":${responseJson}}]`,
  )
}

/** A push, or with `joinRef` null a broadcast. `ref` is the join's own in phx_close and phx_error, else null. */
export function eventFrame(
  joinRef: string | null,
  ref: string | null,
  topic: string,
  event: string,
  payloadJson: string,
): Buffer {
  return textFrame(
    `[${JSON.stringify(joinRef)},${JSON.stringify(ref)},${JSON.stringify(topic)},${JSON.stringify(event)},${payloadJson}]`,
  )
}

export function binaryFrame(head: Uint8Array, payload: Uint8Array): Buffer {
  const length = head.length + payload.length
  const frame = Buffer.allocUnsafe(headerLength(length) + length)
  const at = writeHeader(frame, 0, FIN_BINARY, length)
  frame.set(head, at)
  frame.set(payload, at + head.length)
  return frame
}

/**
 * The frame of `head` and the payload that already lies in `bytes` from `payloadAt`, with both headers
 * written in front of it: no copy of the payload. Undefined when there is not enough room.
 */
export function binaryFrameInPlace(head: Uint8Array, bytes: Uint8Array, payloadAt: number): Buffer | undefined {
  const length = head.length + bytes.length - payloadAt
  const start = payloadAt - head.length - headerLength(length)
  if (start < 0) return undefined
  const target = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  target.set(head, writeHeader(target, start, FIN_BINARY, length))
  return target.subarray(start)
}

/** An ack without outcomes, by far the most frequent frame; written by hand, since packing costs six times as much. */
export function ackFrame(head: Uint8Array, applied: number, durable: number): Buffer {
  const length = head.length + 2 + uintLength(applied) + uintLength(durable)
  const frame = Buffer.allocUnsafe(headerLength(length) + length)
  let at = writeHeader(frame, 0, FIN_BINARY, length)
  frame.set(head, at)
  at += head.length
  frame[at++] = 0x93
  at = writeUint(frame, at, applied)
  at = writeUint(frame, at, durable)
  frame[at] = 0x90
  return frame
}

/** `outcomes` is flat: seq, OUTCOME_…, value. */
export function ackFrameWith(head: Uint8Array, applied: number, durable: number, outcomes: readonly unknown[]): Buffer {
  return binaryFrame(head, packSafely([applied, durable, outcomes], outcomes))
}

/** World code may return what no format can hold (functions, cycles); the numbers must reach the client all the same. */
function packSafely(value: unknown[], outcomes: readonly unknown[]): Uint8Array {
  try {
    return pack(value)
  } catch {
    const kept = outcomes.map((each, i) => (i % 3 === 2 && !canPack(each) ? null : each))
    return pack([value[0], value[1], kept])
  }
}

function canPack(value: unknown): boolean {
  try {
    pack(value)
    return true
  } catch {
    return false
  }
}

function uintLength(value: number): number {
  return value < 0x80 ? 1 : value < 0x1_0000 ? 3 : value < 0x1_0000_0000 ? 5 : 9
}

function writeUint(target: Buffer, at: number, value: number): number {
  if (value < 0x80) {
    target[at] = value
    return at + 1
  }
  if (value < 0x1_0000) {
    target[at] = 0xcd
    target[at + 1] = value >> 8
    target[at + 2] = value & 0xff
    return at + 3
  }
  if (value < 0x1_0000_0000) {
    target[at] = 0xce
    return target.writeUInt32BE(value, at + 1)
  }
  target[at] = 0xcf
  target.writeUInt32BE(Math.floor(value / 0x1_0000_0000), at + 1)
  return target.writeUInt32BE(value % 0x1_0000_0000, at + 5)
}

/** JSON of anything that the world may hand out: big integers as text, bytes as base64, the impossible as null. */
export function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value, replace) ?? 'null'
  } catch {
    return 'null'
  }
}

function replace(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  // Buffers come here as what their toJSON made of them, so look at the original.
  const original = (this as Record<string, unknown>)[key]
  return original instanceof Uint8Array ? Buffer.from(original).toString('base64') : value
}

export function errorJson(error: WireError): string {
  return JSON.stringify({ code: error.code, message: error.message, retry: error.retry })
}
