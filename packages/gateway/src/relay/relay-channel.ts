import { type ChannelMessage, EVENT_INPUTS, pushHeader, type WireError, wireError } from '@terrane/protocol'
import type { ChannelHost, InputChannel } from '../channel.js'
import { jsonOf } from '../frames-out.js'
import type { RelayJoin, RelayMessage } from './relay-wire.js'
import { NO_BYTES } from './relay-wire.js'

/** What a relay does with its ends. */
export interface RelayPort {
  send(bytes: RelayJoin | RelayMessage): void
  ended(relay: number): void
}

/**
 * The near end: a topic of a session whose zone another process has. What the client sends goes there as it is, what
 * comes back is written to the socket as it is; so numbers, acks and resume mean what they mean without it.
 *
 * Messages in both directions are numbered. A lost one ends the channel with "try again", and the client comes back
 * with what it has: the very way in which it recovers from a lost connection.
 */
export class RelayChannel implements InputChannel {
  readonly topic: string
  readonly joinRef: string
  readonly inputHead: Uint8Array
  readonly settled = true
  readonly #host: ChannelHost
  readonly #port: RelayPort
  readonly #node: string
  readonly #relay: number
  #sent = 0
  #received = 0
  #heardAt: number
  /** The begin of a frame that is not there as a whole. */
  #parts: Uint8Array[] = []
  #isCongested = false
  #isEnded = false

  constructor(
    join: Pick<RelayJoin, 'topic' | 'joinRef' | 'relay' | 'node'>,
    host: ChannelHost,
    port: RelayPort,
    now: number,
  ) {
    this.topic = join.topic
    this.joinRef = join.joinRef
    this.inputHead = pushHeader(join.joinRef, '', join.topic, EVENT_INPUTS)
    this.#node = join.node
    this.#relay = join.relay
    this.#host = host
    this.#port = port
    this.#heardAt = now
  }

  takeInputs(frame: Buffer): boolean {
    this.#send('frame', frame, false)
    return true
  }

  handle(_message: ChannelMessage, frame: Uint8Array, isText: boolean): void {
    this.#send('frame', frame, isText)
  }

  flush(): void {}

  drained(): void {
    if (!this.#isCongested) return
    this.#isCongested = false
    this.#send('drained')
  }

  release(): void {
    if (this.#isEnded) return
    this.#send('end')
    this.#close()
  }

  /** What came from the far end. */
  take(message: RelayMessage, now: number): void {
    if (this.#isEnded) return
    this.#heardAt = now
    if (message.type === 'beat') {
      if (message.seq !== this.#received) this.fail()
      return
    }
    if (message.seq !== this.#received + 1) {
      this.fail()
      return
    }
    this.#received++
    if (message.type === 'part') this.#parts.push(message.bytes)
    else if (message.type === 'frame') this.#write(message.bytes)
    else if (message.type === 'end') {
      this.#close()
      const error =
        message.bytes.length === 0 ? undefined : (JSON.parse(new TextDecoder().decode(message.bytes)) as WireError)
      // Without an error the join was refused, and the refusal has been written.
      if (error === undefined) this.#host.forget(this)
      else this.#host.zoneEnded(this, error)
    }
  }

  /** Says that this end is there; ends the channel when the other has been silent for too long. */
  beat(now: number, silentMsMax: number): void {
    if (now - this.#heardAt > silentMsMax) this.fail()
    else this.#send('beat')
  }

  /** The way between the processes is broken, or the other process is gone. The client joins anew. */
  fail(): void {
    if (this.#isEnded) return
    this.#send('end')
    this.#close()
    const error = wireError('zone_unavailable', 'the process that has this zone cannot be reached; join again')
    this.#host.push(this, 'closing', jsonOf(error))
    this.#host.push(this, 'phx_error', '{}', this.joinRef)
    this.#host.zoneEnded(this, error)
  }

  #write(bytes: Uint8Array): void {
    const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#host.send(this.#parts.length === 0 ? whole : Buffer.concat([...this.#parts, whole]))
    this.#parts = []
    if (!this.#isCongested && this.#host.congested()) {
      this.#isCongested = true
      this.#send('congested')
    }
  }

  #send(type: RelayMessage['type'], bytes: Uint8Array = NO_BYTES, isText = false): void {
    if (this.#isEnded) return
    const seq = type === 'beat' ? this.#sent : ++this.#sent
    this.#port.send({ type, direction: 'far', node: this.#node, relay: this.#relay, seq, isText, bytes })
  }

  #close(): void {
    this.#isEnded = true
    this.#port.ended(this.#relay)
  }
}
