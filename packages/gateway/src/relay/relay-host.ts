import { decodeBinary, decodeText, type WireError, wireError } from '@terrane/protocol'
import type { Role } from '../authenticate.js'
import type { Channel, ChannelHost } from '../channel.js'
import { errorJson, eventFrame, replyFrame } from '../frames-out.js'
import { SessionBuckets } from '../rate-limit.js'
import { startsWith } from '../starts-with.js'
import { ZoneChannel } from '../zone-channel.js'
import type { ZoneServices } from '../zone-services.js'
import { jsonBytes, NO_BYTES, PART_BYTES_MAX, type RelayJoin, type RelayMessage } from './relay-wire.js'

/** The far end: stands in for the session of a client that is connected to another process, for one of its topics. */
export class RelayHost implements ChannelHost {
  readonly player: string
  readonly role: Role
  readonly buckets: SessionBuckets
  readonly lane = undefined
  readonly #channel: ZoneChannel
  readonly #services: ZoneServices
  readonly #join: RelayJoin
  readonly #sendTo: (message: RelayMessage) => void
  readonly #ended: () => void
  #sent = 0
  #received = 0
  #heardAt: number
  #isCongested = false
  #isEnded = false

  constructor(join: RelayJoin, services: ZoneServices, send: (message: RelayMessage) => void, ended: () => void) {
    this.player = join.player
    this.role = join.role
    this.#services = services
    this.#join = join
    this.#sendTo = send
    this.#ended = ended
    this.#heardAt = services.turn.now()
    this.buckets = new SessionBuckets(services.limits, this.#heardAt)
    this.#channel = new ZoneChannel(join.zone, join.topic, join.joinRef, this, services)
  }

  join(): void {
    void this.#channel.join(this.#join.ref, JSON.parse(this.#join.payload))
  }

  /** What came from the near end. */
  take(message: RelayMessage, now: number): void {
    if (this.#isEnded) return
    this.#heardAt = now
    if (message.type === 'beat') {
      if (message.seq !== this.#received) this.#broken()
      return
    }
    if (message.seq !== this.#received + 1) {
      this.#broken()
      return
    }
    this.#received++
    if (message.type === 'end') this.close()
    else if (message.type === 'congested') this.#isCongested = true
    else if (message.type === 'drained') {
      this.#isCongested = false
      this.#channel.drained()
    } else if (message.type === 'frame') this.#frame(message, now)
  }

  #frame({ bytes, isText }: RelayMessage, now: number): void {
    const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const { inputHead } = this.#channel
    if (!isText && startsWith(data, inputHead)) {
      this.#channel.takeInputs(data, inputHead.length, now)
      return
    }
    const message = isText ? decodeText(data.toString()) : decodeBinary(data)
    // The near end has read it already.
    if (message !== undefined) this.#channel.handle(message)
  }

  beat(now: number, silentMsMax: number): void {
    if (now - this.#heardAt > silentMsMax) this.#broken()
    else this.#send('beat')
  }

  send(frame: Buffer): void {
    let at = 0
    for (; frame.length - at > PART_BYTES_MAX; at += PART_BYTES_MAX) {
      this.#send('part', frame.subarray(at, at + PART_BYTES_MAX))
    }
    this.#send('frame', frame.subarray(at))
  }

  replyOk(channel: Channel, ref: string | null, responseJson: string): void {
    this.send(replyFrame(channel.joinRef, ref, channel.topic, 'ok', responseJson))
  }

  replyError(channel: Channel, ref: string | null, error: WireError): void {
    this.send(replyFrame(channel.joinRef, ref, channel.topic, 'error', errorJson(error)))
  }

  push(channel: Channel, event: string, payloadJson: string, ref: string | null = null): void {
    this.send(eventFrame(channel.joinRef, ref, channel.topic, event, payloadJson))
  }

  congested(): boolean {
    return this.#isCongested
  }

  /** The client did what ends a connection: the near end does it. */
  end(error: WireError): void {
    if (this.#isEnded) return
    this.#channel.flush(this.#services.turn.now())
    this.push(this.#channel, 'closing', errorJson(error))
    this.#finish(error)
  }

  forget(): void {
    this.#finish(undefined)
  }

  zoneEnded(_channel: Channel, error: WireError): void {
    this.#finish(error)
  }

  /** A relay of a relay would be a ring: whoever asked looks again. */
  elsewhere(): boolean {
    return false
  }

  get settled(): boolean {
    return this.#channel.settled
  }

  /** Ends without a word: the near end has gone, or is told otherwise. */
  close(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#channel.release()
    this.#ended()
  }

  /** Tells the near end to have the client join again, elsewhere perhaps. */
  drain(): void {
    this.end(wireError('draining'))
  }

  #broken(): void {
    this.#send('end', jsonBytes(wireError('zone_unavailable', 'a message between processes was lost; join again')))
    this.close()
  }

  #finish(error: WireError | undefined): void {
    if (this.#isEnded) return
    this.#send('end', error === undefined ? NO_BYTES : jsonBytes(error))
    this.close()
  }

  #send(type: RelayMessage['type'], bytes: Uint8Array = NO_BYTES): void {
    if (this.#isEnded) return
    const { node, relay } = this.#join
    const seq = type === 'beat' ? this.#sent : ++this.#sent
    this.#sendTo({ type, direction: 'near', node, relay, seq, isText: false, bytes })
  }
}
