// Messages between the gateways of two processes: one has the client (the near one), the other the zone (the far one).
import { ByteReader, ByteWriter } from '@terrane/core'
import type { Role } from '../authenticate.js'

/** A client joins a topic there. */
export interface RelayJoin {
  readonly type: 'join'
  /** The near process, and its number of the relay: they name the relay. */
  readonly node: string
  readonly relay: number
  readonly player: string
  readonly role: Role
  readonly zone: string
  readonly topic: string
  readonly joinRef: string
  readonly ref: string | null
  /** Of the join, as JSON. */
  readonly payload: string
}

/** Everything else says of which relay it is, and its number among the messages in its direction. */
export interface RelayMessage {
  readonly type: 'frame' | 'part' | 'congested' | 'drained' | 'beat' | 'end'
  readonly direction: 'far' | 'near'
  readonly node: string
  readonly relay: number
  /** From 1. A beat has the number of the last message before it. */
  readonly seq: number
  /** Frames only: whether the client sent, or gets, text. */
  readonly isText: boolean
  /**
   * A frame as the client sent it, or as it is written to its socket; a large one's begin comes in parts before it.
   * Of `end`: a WireError as JSON, or nothing.
   */
  readonly bytes: Uint8Array
}

const TYPES = ['join', 'frame', 'part', 'congested', 'drained', 'beat', 'end'] as const
const FORMAT = 1
export const NO_BYTES = new Uint8Array()
/** Bytes of a frame in one message: NATS takes 1 MiB by default. What clients send is shorter anyway. */
export const PART_BYTES_MAX = 512 * 1024
const encoder = new TextEncoder()
const writer = new ByteWriter()

export function encodeRelay(message: RelayJoin | RelayMessage): Uint8Array {
  writer.reset()
  writer.byte(FORMAT)
  writer.byte(TYPES.indexOf(message.type))
  writer.text(message.node)
  writer.unsigned(message.relay)
  if (message.type === 'join') {
    for (const text of [message.player, message.role, message.zone, message.topic, message.joinRef]) writer.text(text)
    writer.byte(message.ref === null ? 0 : 1)
    writer.text(message.ref ?? '')
    writer.text(message.payload)
  } else {
    writer.byte(message.direction === 'far' ? 0 : 1)
    writer.unsigned(message.seq)
    writer.byte(message.isText ? 1 : 0)
    writer.unsigned(message.bytes.length)
    writer.raw(message.bytes)
  }
  return writer.finish()
}

/** Undefined for what another version wrote. Throws RangeError for broken bytes. */
export function decodeRelay(bytes: Uint8Array): RelayJoin | RelayMessage | undefined {
  const reader = new ByteReader(bytes)
  if (reader.byte() !== FORMAT) return undefined
  const type = TYPES[reader.byte()]
  if (type === undefined) return undefined
  const node = reader.text()
  const relay = reader.unsigned()
  if (type === 'join') {
    const [player, role, zone, topic, joinRef] = Array.from({ length: 5 }, () => reader.text()) as [
      string,
      Role,
      string,
      string,
      string,
    ]
    const hasRef = reader.byte() === 1
    const ref = reader.text()
    return { type, node, relay, player, role, zone, topic, joinRef, ref: hasRef ? ref : null, payload: reader.text() }
  }
  const direction = reader.byte() === 0 ? 'far' : 'near'
  const seq = reader.unsigned()
  const isText = reader.byte() === 1
  // A copy: it is kept until the socket has taken it.
  return { type, direction, node, relay, seq, isText, bytes: reader.raw().slice() }
}

export function jsonBytes(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value))
}
