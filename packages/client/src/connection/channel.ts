import type { TerraneError, Timer, Timers } from '@terrane/core'
import {
  broadcastHeader,
  type ChannelMessage,
  decodeText,
  EVENT_ACK,
  EVENT_STATE,
  encodeText,
  FRAME_BROADCAST,
  FRAME_PUSH,
  type JoinParams,
  type JoinReply,
  type WireError,
  wireError,
} from '@terrane/protocol'
import { clientError, fromWire, isWireError } from '../errors.js'
import type { Socket } from './transport.js'

const HEARTBEAT_TOPIC = 'phoenix'
/** Sent by Phoenix servers when a channel ends on its own. */
const ENDED = new Set(['phx_close', 'phx_error'])

export interface ChannelHandlers {
  /** The payload begins at `at`: not a view of its own, because acks are many. */
  onAck(bytes: Uint8Array, at: number): void
  onState(payload: Uint8Array): void
  onEvent(event: string, payload: unknown): void
  /** The connection is of no more use. */
  onFailed(error: TerraneError): void
}

export interface ChannelOptions {
  readonly topic: string
  readonly joinRef: string
  readonly heartbeatMs: number
  readonly requestsMax: number
}

type Settle = (status: 'ok' | 'error', response: unknown) => void

/**
 * The client's side of one Phoenix V2 channel on one socket: join, requests with replies, heartbeat.
 * Lives as long as the socket; the next socket gets a new channel.
 */
export class Channel {
  readonly #socket: Socket
  readonly #handlers: ChannelHandlers
  readonly #timers: Timers
  readonly #options: ChannelOptions
  readonly #replies = new Map<string, { settle: Settle; drop: (error: TerraneError) => void }>()
  /** The bytes with which acks and state begin, as a broadcast and as a push: the hot frames need no text decoding. */
  readonly #ackHeads: readonly Uint8Array[]
  readonly #stateHeads: readonly Uint8Array[]
  #ref = 0
  #heartbeat: Timer | undefined
  #disposed = false

  constructor(socket: Socket, handlers: ChannelHandlers, timers: Timers, options: ChannelOptions) {
    this.#socket = socket
    this.#handlers = handlers
    this.#timers = timers
    this.#options = options
    this.#ackHeads = heads(options, EVENT_ACK)
    this.#stateHeads = heads(options, EVENT_STATE)
  }

  /** `done` is called before any later message is looked at. */
  join(params: JoinParams, done: (reply: JoinReply | TerraneError) => void): void {
    this.#request(this.#options.topic, 'phx_join', params, {
      settle: (status, response) => {
        if (status === 'ok') this.#beat()
        done(status === 'ok' ? (response as JoinReply) : fromWire(asWireError(response)))
      },
      drop: () => {},
    })
  }

  /** Resolves with the reply's payload; rejects with what the server answered, or when the socket is lost. */
  push(event: string, payload: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#disposed) return reject(clientError('connection_lost'))
      if (this.#replies.size >= this.#options.requestsMax) return reject(clientError('too_many_requests'))
      this.#request(this.#options.topic, event, payload, {
        settle: (status, response) => (status === 'ok' ? resolve(response) : reject(fromWire(asWireError(response)))),
        drop: reject,
      })
    })
  }

  /** A finished binary frame. */
  send(frame: Uint8Array): void {
    this.#socket.sendBinary(frame)
  }

  leave(): void {
    this.#request(this.#options.topic, 'phx_leave', {}, { settle: () => {}, drop: () => {} })
  }

  receiveText(text: string): void {
    const message = decodeText(text)
    if (message === undefined) {
      this.#handlers.onFailed(clientError('bad_frame', 'text that is not a message'))
    } else if (message.event === 'phx_reply') {
      this.#onReply(message)
    } else if (message.event === 'closing' || message.topic === this.#options.topic) {
      // `closing` comes on the topic `phoenix` while the channel is not joined.
      if (!ENDED.has(message.event)) this.#handlers.onEvent(message.event, message.payload)
      else this.#handlers.onFailed(clientError('connection_lost', `the channel ended (${message.event})`))
    }
  }

  receiveBinary(bytes: Uint8Array): void {
    for (const head of this.#ackHeads) {
      if (startsWith(bytes, head)) {
        this.#handlers.onAck(bytes, head.length)
        return
      }
    }
    for (const head of this.#stateHeads) {
      if (startsWith(bytes, head)) {
        this.#handlers.onState(bytes.subarray(head.length))
        return
      }
    }
    // Binary events that a later server may have are not for this client.
    if (bytes[0] !== FRAME_BROADCAST && bytes[0] !== FRAME_PUSH) {
      this.#handlers.onFailed(clientError('bad_frame', 'bytes that are not a message'))
    }
  }

  /** Ends every wait with `error`. The socket is the caller's to close. */
  dispose(error: TerraneError): void {
    this.#disposed = true
    this.#heartbeat?.cancel()
    const waiting = [...this.#replies.values()]
    this.#replies.clear()
    for (const reply of waiting) reply.drop(error)
  }

  #onReply({ ref, payload }: ChannelMessage): void {
    if (ref === null) return
    const reply = this.#replies.get(ref)
    this.#replies.delete(ref)
    const { status, response } = (payload ?? {}) as { status?: unknown; response?: unknown }
    reply?.settle(status === 'ok' ? 'ok' : 'error', response)
  }

  #request(
    topic: string,
    event: string,
    payload: unknown,
    reply: { settle: Settle; drop: (error: TerraneError) => void },
  ) {
    const ref = String(++this.#ref)
    this.#replies.set(ref, reply)
    const joinRef = topic === HEARTBEAT_TOPIC ? null : this.#options.joinRef
    this.#socket.sendText(encodeText({ joinRef, ref, topic, event, payload }))
  }

  #beat(): void {
    if (this.#disposed) return
    this.#heartbeat = this.#timers.after(this.#options.heartbeatMs, () => {
      let answered = false
      const settle = () => {
        answered = true
      }
      this.#request(HEARTBEAT_TOPIC, 'heartbeat', {}, { settle, drop: () => {} })
      this.#heartbeat = this.#timers.after(this.#options.heartbeatMs, () => {
        if (answered) this.#beat()
        else this.#handlers.onFailed(clientError('connection_lost', 'no answer to the heartbeat'))
      })
    })
  }
}

function asWireError(response: unknown): WireError {
  return isWireError(response) ? response : wireError('malformed', `the server refused: ${JSON.stringify(response)}`)
}

/** A server's push carries no ref, hence three lengths where a client's has four. */
function heads(options: ChannelOptions, event: string): Uint8Array[] {
  const broadcast = broadcastHeader(options.topic, event)
  const [topicLength, eventLength] = [broadcast[1] as number, broadcast[2] as number]
  const joinRef = new TextEncoder().encode(options.joinRef)
  const push = Uint8Array.of(FRAME_PUSH, joinRef.length, topicLength, eventLength, ...joinRef, ...broadcast.subarray(3))
  return [broadcast, push]
}

function startsWith(bytes: Uint8Array, head: Uint8Array): boolean {
  if (bytes.length < head.length) return false
  // From the end: the event is what tells frames of one channel apart.
  for (let i = head.length - 1; i >= 0; i--) if (bytes[i] !== head[i]) return false
  return true
}
