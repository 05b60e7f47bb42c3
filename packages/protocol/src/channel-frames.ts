/**
 * Phoenix Channels V2 frames. Text: the JSON array [join_ref, ref, topic, event, payload]. Binary:
 * a kind byte, one length byte per header field, the fields in UTF-8, then the payload.
 *
 *   push      0 | join_ref ref topic event   (client → server; server → client without ref)
 *   reply     1 | join_ref ref topic status
 *   broadcast 2 | topic event
 */
export interface ChannelMessage {
  readonly joinRef: string | null
  readonly ref: string | null
  readonly topic: string
  readonly event: string
  readonly payload: unknown
}

export const FRAME_PUSH = 0
export const FRAME_REPLY = 1
export const FRAME_BROADCAST = 2

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

export function encodeText(message: ChannelMessage): string {
  return JSON.stringify([message.joinRef, message.ref, message.topic, message.event, message.payload])
}

/** Undefined when the text is not a channel message. */
export function decodeText(text: string): ChannelMessage | undefined {
  let parts: unknown
  try {
    parts = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!Array.isArray(parts) || parts.length !== 5) return undefined
  const [joinRef, ref, topic, event, payload] = parts as unknown[]
  if (!isRef(joinRef) || !isRef(ref) || typeof topic !== 'string' || typeof event !== 'string') return undefined
  return { joinRef, ref, topic, event, payload }
}

function isRef(value: unknown): value is string | null {
  return value === null || typeof value === 'string'
}

/** Everything of a binary push that precedes the payload; constant for one channel when `ref` is empty. */
export function pushHeader(joinRef: string, ref: string, topic: string, event: string): Uint8Array {
  return header(FRAME_PUSH, [joinRef, ref, topic, event])
}

/** The header of a binary broadcast. */
export function broadcastHeader(topic: string, event: string): Uint8Array {
  return header(FRAME_BROADCAST, [topic, event])
}

function header(kind: number, fields: readonly string[]): Uint8Array {
  const encoded = fields.map((field) => encoder.encode(field))
  const bytes = new Uint8Array(1 + encoded.length + encoded.reduce((sum, field) => sum + field.length, 0))
  bytes[0] = kind
  let offset = 1
  for (const field of encoded) {
    if (field.length > 255) throw new RangeError(`a frame's header field has ${field.length} bytes, the limit is 255`)
    bytes[offset++] = field.length
  }
  for (const field of encoded) {
    bytes.set(field, offset)
    offset += field.length
  }
  return bytes
}

/** A frame of its header and payload. */
export function joinBytes(head: Uint8Array, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + payload.length)
  bytes.set(head, 0)
  bytes.set(payload, head.length)
  return bytes
}

/** Undefined when the bytes are not a binary channel frame. The payload is a view, not a copy. */
export function decodeBinary(bytes: Uint8Array): (ChannelMessage & { readonly payload: Uint8Array }) | undefined {
  const kind = bytes[0]
  const lengths = kind === FRAME_PUSH ? 4 : kind === FRAME_REPLY ? 4 : kind === FRAME_BROADCAST ? 2 : 0
  if (lengths === 0 || bytes.length < 1 + lengths) return undefined
  const fields: string[] = []
  let offset = 1 + lengths
  for (let i = 0; i < lengths; i++) {
    const end = offset + (bytes[1 + i] as number)
    if (end > bytes.length) return undefined
    try {
      fields.push(decoder.decode(bytes.subarray(offset, end)))
    } catch {
      return undefined
    }
    offset = end
  }
  const payload = bytes.subarray(offset)
  if (kind === FRAME_BROADCAST) {
    return { joinRef: null, ref: null, topic: fields[0] as string, event: fields[1] as string, payload }
  }
  const [joinRef, ref, topic, event] = fields as [string, string, string, string]
  return { joinRef: joinRef === '' ? null : joinRef, ref: ref === '' ? null : ref, topic, event, payload }
}
