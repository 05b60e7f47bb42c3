import {
  type ChannelMessage,
  decodeBinary,
  decodeText,
  encodeText,
  joinBytes,
  pack,
  pushHeader,
  unpack,
  type WireError,
} from '@terrane/protocol'
import { WebSocket } from 'ws'

/** One `a` frame, unfolded. */
export interface ReceivedAck {
  readonly applied: number
  readonly durable: number
  readonly outcomes: readonly unknown[]
}

/** A client that speaks frames, for what a well-behaved one would never do. */
export class RawClient {
  readonly socket: WebSocket
  readonly opened: Promise<void>
  readonly closed: Promise<{ code: number; reason: string }>
  readonly messages: ChannelMessage[] = []
  readonly #waiting = new Set<() => void>()
  #ref = 0

  constructor(url: string, protocols?: string[]) {
    this.socket = new WebSocket(url, protocols)
    this.opened = new Promise((resolve, reject) => {
      this.socket.once('open', resolve)
      this.socket.once('error', reject)
    })
    this.closed = new Promise((resolve) => {
      this.socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    })
    this.opened.catch(() => {})
    this.socket.on('error', () => {})
    this.socket.on('message', (data: Buffer, isBinary) => {
      const message = isBinary ? decodeBinary(data) : decodeText(data.toString())
      if (message === undefined) throw new Error('the server sent what is no channel message')
      this.messages.push(message)
      for (const look of this.#waiting) look()
    })
  }

  /** Resolves with the first message, received or to come, for which `test` holds. */
  message(test: (message: ChannelMessage) => boolean): Promise<ChannelMessage> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.messages.find(test)
        if (found === undefined) return
        this.#waiting.delete(look)
        resolve(found)
      }
      this.#waiting.add(look)
      look()
    })
  }

  event(event: string, topic?: string): Promise<ChannelMessage> {
    return this.message((each) => each.event === event && (topic === undefined || each.topic === topic))
  }

  events(event: string): ChannelMessage[] {
    return this.messages.filter((each) => each.event === event)
  }

  /** Pushes and waits for the reply. */
  async push(topic: string, event: string, payload: unknown, joinRef: string | null = '1'): Promise<Reply> {
    const ref = this.cast(topic, event, payload, joinRef)
    const reply = await this.message((each) => each.event === 'phx_reply' && each.ref === ref)
    return reply.payload as Reply
  }

  /** Pushes with a ref and does not wait. */
  cast(topic: string, event: string, payload: unknown, joinRef: string | null = '1'): string {
    const ref = `r${++this.#ref}`
    this.socket.send(encodeText({ joinRef, ref, topic, event, payload }))
    return ref
  }

  join(params: object = {}, topic = 'zone:main', joinRef = '1'): Promise<Reply> {
    return this.push(topic, 'phx_join', params, joinRef)
  }

  /** Inputs in one binary frame: [input, args] each, numbered from `firstSeq`. */
  inputs(firstSeq: number, ...inputs: [number, unknown][]): void {
    this.socket.send(joinBytes(pushHeader('1', '', 'zone:main', 'i'), pack([firstSeq, ...inputs.flat(1)])))
  }

  acks(): ReceivedAck[] {
    return this.messages.flatMap((each) => {
      if (each.event !== 'a') return []
      const [applied, durable, outcomes] = unpack(each.payload as Uint8Array) as [number, number, unknown[]]
      return [{ applied, durable, outcomes }]
    })
  }

  /** Resolves when an ack has told that `seq` is durable. */
  async durable(seq: number): Promise<void> {
    await this.message(() => this.acks().some((ack) => ack.durable >= seq))
  }

  async ending(topic?: string): Promise<WireError & { closeCode: number; reason: string }> {
    const [closed, message] = await Promise.all([this.closed, this.event('closing', topic)])
    return { ...(message.payload as WireError), closeCode: closed.code, reason: closed.reason }
  }
}

export interface Reply {
  readonly status: 'ok' | 'error'
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever was replied
  readonly response: any
}
