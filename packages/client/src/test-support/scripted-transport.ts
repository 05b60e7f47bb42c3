import { decodeText, encodeText, type JoinReply, PROTOCOL_VERSION, type WireError } from '@terrane/protocol'
import type { Socket, SocketHandlers, Transport } from '../connection/transport.js'

/** Sockets that do what a test says, one after another. */
export class ScriptedTransport implements Transport {
  readonly sockets: ScriptedSocket[] = []

  open(url: string, protocols: readonly string[], handlers: SocketHandlers): Socket {
    const socket = new ScriptedSocket(url, protocols, handlers)
    this.sockets.push(socket)
    return socket
  }

  get last(): ScriptedSocket {
    const socket = this.sockets.at(-1)
    if (socket === undefined) throw new Error('no socket was opened')
    return socket
  }
}

export class ScriptedSocket implements Socket {
  readonly url: string
  readonly protocols: readonly string[]
  readonly handlers: SocketHandlers
  readonly texts: NonNullable<ReturnType<typeof decodeText>>[] = []
  readonly binaries: Uint8Array[] = []
  closed = false

  constructor(url: string, protocols: readonly string[], handlers: SocketHandlers) {
    this.url = url
    this.protocols = protocols
    this.handlers = handlers
  }

  sendText(text: string): void {
    const message = decodeText(text)
    if (message === undefined) throw new Error('not a message')
    this.texts.push(message)
  }

  sendBinary(bytes: Uint8Array): void {
    this.binaries.push(bytes)
  }

  close(): void {
    this.closed = true
  }

  /** Opens, and answers the join. */
  join(reply: Partial<JoinReply> = {}): void {
    this.handlers.onOpen()
    this.answer('phx_join', { ...JOIN_REPLY, ...reply })
  }

  /** Answers the last request of this event. */
  answer(event: string, response: unknown, status = 'ok'): void {
    const request = this.texts.findLast((each) => each.event === event)
    if (request === undefined) throw new Error(`no ${event} was sent`)
    this.say('phx_reply', { status, response }, request)
  }

  refuse(event: string, error: WireError): void {
    this.answer(event, error, 'error')
  }

  say(
    event: string,
    payload: unknown,
    to: { joinRef: string | null; ref: string | null; topic: string } | string = 'zone:main',
  ) {
    const { joinRef, ref, topic } = typeof to === 'string' ? { joinRef: null, ref: null, topic: to } : to
    this.handlers.onText(encodeText({ joinRef, ref, topic, event, payload }))
  }
}

export const JOIN_REPLY: JoinReply = {
  zone: 'main',
  epoch: 1,
  protocol: PROTOCOL_VERSION,
  player: 'ann',
  applied: 0,
  durable: 0,
  world: 'w',
  inputs: [{ name: 'move', fields: ['x', 'y'] }],
  kinds: [{ name: 'ships', columns: ['id', 'x'], types: ['text', 'integer'], key: 0 }],
  now: 0,
  hz: 20,
}
