import { isUtf8 } from 'node:buffer'
import type { Duplex } from 'node:stream'
import { type ChannelMessage, decodeBinary, decodeText, type WireError, wireError } from '@terrane/protocol'
import { WebSocket } from 'ws'
import type { Identity, Role } from './authenticate.js'
import {
  type Channel,
  type ChannelHost,
  closeCodeOf,
  closeReason,
  type InputChannel,
  type UnansweredJoin,
} from './channel.js'
import type { DirectConnection } from './direct-writes.js'
import { FeedChannel, type Feeds } from './feed-channel.js'
import { errorJson, eventFrame, replyFrame } from './frames-out.js'
import { SessionBuckets } from './rate-limit.js'
import type { RelayChannel } from './relay/relay-channel.js'
import type { Relays } from './relay/relays.js'
import { startsWith } from './starts-with.js'
import type { StatsTopic } from './stats-topic.js'
import { isFeed, isZone, joinRefError, PHOENIX_TOPIC, parseTopic, STATS_TOPIC } from './topics.js'
import { ZoneChannel } from './zone-channel.js'
import type { ZoneServices } from './zone-services.js'

export interface SessionServices extends ZoneServices {
  readonly stats: StatsTopic | undefined
  /** Everybody may watch the statistics, not operators only. */
  readonly observers: boolean
  /** The way to zones that other processes have, when there are such. */
  readonly relays: Relays | undefined
  /** What the server tells beside zones and statistics. */
  readonly feeds: Feeds | undefined
}

/**
 * One connected client: reads its frames, hands them to its channels, and writes theirs. `open` until
 * somebody ends it, `ending` while the closing handshake runs, `closed` when the socket is gone.
 *
 * Frames are written to the socket itself, complete with their WebSocket header. That keeps their order with
 * what `ws` writes (pongs, the close frame), because without compression its sender writes synchronously
 * too and never queues; and it is one write of shared bytes, where `ws.send` frames each message
 * again and writes header and payload separately. Once `ws` has sent the close frame, nothing may
 * follow, so `send` looks at its state.
 */
export class Session implements ChannelHost {
  readonly player: string
  readonly role: Role
  readonly buckets: SessionBuckets
  readonly #ws: WebSocket
  readonly #connection: DirectConnection
  readonly #services: SessionServices
  readonly #channels = new Map<string, Channel>()
  /** The zone channels among them, to recognise input frames by their first bytes. */
  readonly #zones: InputChannel[] = []
  #state: 'open' | 'ending' | 'closed' = 'open'
  #heardAt: number
  /** Since when there was too much unsent; 0 when there is not. */
  #congestedSince = 0

  constructor(
    ws: WebSocket,
    socket: Duplex,
    identity: Identity,
    services: SessionServices,
    onGone: (session: Session) => void,
  ) {
    this.player = identity.player
    this.role = identity.role
    this.#ws = ws
    this.#connection = services.directWrites.open(socket)
    this.#services = services
    this.#heardAt = services.turn.now()
    this.buckets = new SessionBuckets(services.limits, this.#heardAt)
    ws.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary))
    // Answered by ws; counted, or a flood of them would be free.
    ws.on('ping', () => this.#afford(0, services.turn.now()))
    ws.on('pong', () => this.#afford(0, services.turn.now()))
    // The parser has refused something and closes with its own code; `close` follows.
    ws.on('error', () => {})
    ws.on('close', (code) => {
      if (this.#state === 'open') services.counters.closes.add(String(code))
      this.#state = 'closed'
      this.#releaseChannels()
      this.#connection.close()
      onGone(this)
    })
    socket.on('drain', () => this.#drained())
  }

  get open(): boolean {
    return this.#state === 'open'
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#state !== 'open') return
    const { counters, limits, turn } = this.#services
    const now = turn.now()
    this.#heardAt = now
    counters.framesIn++
    counters.bytesIn += data.length
    if (!this.#afford(data.length, now)) return
    if (data.length > limits.frameBytesMax) {
      this.end(wireError('oversized', `${data.length} bytes in a frame, the limit is ${limits.frameBytesMax}`))
      return
    }
    if (!isBinary) {
      this.#receiveText(data)
      return
    }
    for (const channel of this.#zones) {
      const head = channel.inputHead
      if (startsWith(data, head)) {
        channel.takeInputs(data, head.length, now)
        return
      }
    }
    const message = decodeBinary(data)
    if (message === undefined || data[0] !== 0) {
      this.end(wireError('malformed'))
      return
    }
    this.#dispatch(message, data, false)
  }

  /** Takes one frame from the limits; ends the session when they are used up. */
  #afford(bytes: number, now: number): boolean {
    if (this.buckets.frames.take(1, now) && this.buckets.bytes.take(bytes, now)) return true
    this.end(wireError('flooding'))
    return false
  }

  #receiveText(data: Buffer): void {
    // Checked here rather than by `ws`, which would close without saying why.
    if (!isUtf8(data)) {
      this.end(wireError('malformed', 'the text is not UTF-8'))
      return
    }
    const message = decodeText(data.toString())
    if (message === undefined) {
      this.end(wireError('malformed'))
      return
    }
    this.#dispatch(message, data, true)
  }

  #dispatch(message: ChannelMessage, frame: Buffer, isText: boolean): void {
    const { topic, event, joinRef, ref } = message
    if (topic === PHOENIX_TOPIC) {
      if (event === 'heartbeat') this.#reply(joinRef, ref, topic, 'ok', '{}')
      else this.#refuse(message, wireError('unknown_event'))
    } else if (event === 'phx_join') this.#join(message)
    else {
      const channel = this.#channels.get(topic)
      const current = channel !== undefined && (joinRef === null || joinRef === channel.joinRef) ? channel : undefined
      if (event === 'phx_leave') this.#leave(message, current)
      else if (current !== undefined) current.handle(message, frame, isText)
      // Without a ref it was under way when the channel ended, and the client knows by now.
      else if (ref !== null)
        this.#refuse(message, wireError(parseTopic(topic) === undefined ? 'unknown_topic' : 'not_joined'))
    }
  }

  #join(message: ChannelMessage): void {
    const { topic, ref, payload } = message
    const joinRef = message.joinRef ?? ''
    const { stats, feeds } = this.#services
    const earlier = this.#channels.get(topic)
    if (earlier !== undefined) {
      this.#remove(earlier)
      earlier.flush(this.#services.turn.now())
      earlier.release()
      this.push(earlier, 'phx_close', '{}', earlier.joinRef)
    }
    const name = parseTopic(topic)
    const refusal = joinRefError(message) ?? this.#joinRefusal(topic)
    if (refusal !== undefined) this.#refuse(message, refusal)
    else if (name === STATS_TOPIC && stats !== undefined) this.#channels.set(topic, stats.join(joinRef, ref, this))
    else if (feeds !== undefined && isFeed(name)) {
      const channel = new FeedChannel(topic, joinRef, this, { ...this.#services, feeds })
      this.#channels.set(topic, channel)
      void channel.join(ref)
    } else if (isZone(name)) {
      const channel = new ZoneChannel(name.zone, topic, joinRef, this, this.#services)
      this.#channels.set(topic, channel)
      this.#zones.push(channel)
      void channel.join(ref, payload)
    }
  }

  /** Why this session may not join the topic; undefined when it may, as far as can be said without the zone. */
  #joinRefusal(topic: string): WireError | undefined {
    const { limits, stats, observers, feeds } = this.#services
    const name = parseTopic(topic)
    if (name === undefined) return wireError('unknown_topic', `no topic "${topic.slice(0, 80)}"`)
    if (this.#channels.size >= limits.topicsMax) {
      return wireError('forbidden', `a session joins at most ${limits.topicsMax} topics`)
    }
    if (isFeed(name) && feeds === undefined) return wireError('unknown_topic', 'this server has no simulation jobs')
    if (name !== STATS_TOPIC) return undefined
    if (stats === undefined) return wireError('unknown_topic', 'this server publishes no statistics')
    if (!observers && this.role !== 'operator') return wireError('forbidden', 'statistics are for operators')
    return undefined
  }

  #leave(message: ChannelMessage, channel: Channel | undefined): void {
    if (channel !== undefined) {
      channel.flush(this.#services.turn.now())
      this.#remove(channel)
      channel.release()
    }
    this.#reply(message.joinRef, message.ref, message.topic, 'ok', '{}')
    if (channel !== undefined) this.push(channel, 'phx_close', '{}', channel.joinRef)
  }

  #remove(channel: Channel): void {
    if (this.#channels.get(channel.topic) !== channel) return
    this.#channels.delete(channel.topic)
    const at = this.#zones.indexOf(channel as InputChannel)
    if (at >= 0) this.#zones.splice(at, 1)
  }

  #refuse(message: ChannelMessage, error: WireError): void {
    this.#services.counters.rejects.add(error.code)
    this.#reply(message.joinRef, message.ref, message.topic, 'error', errorJson(error))
  }

  #reply(
    joinRef: string | null,
    ref: string | null,
    topic: string,
    status: 'ok' | 'error',
    responseJson: string,
  ): void {
    this.send(replyFrame(joinRef, ref, topic, status, responseJson))
  }

  send(frame: Buffer): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return
    const { counters, limits } = this.#services
    counters.framesOut++
    counters.bytesOut += frame.length
    this.#connection.write(frame)
    if (this.#connection.unsent > limits.unsentBytesMax) {
      this.end(wireError('too_slow', 'far too much waits unread'))
      this.#ws.terminate()
    }
  }

  replyOk(channel: Channel, ref: string | null, responseJson: string): void {
    this.#reply(channel.joinRef, ref, channel.topic, 'ok', responseJson)
  }

  replyError(channel: Channel, ref: string | null, error: WireError): void {
    this.#reply(channel.joinRef, ref, channel.topic, 'error', errorJson(error))
  }

  push(channel: Channel, event: string, payloadJson: string, ref: string | null = null): void {
    this.send(eventFrame(channel.joinRef, ref, channel.topic, event, payloadJson))
  }

  get lane(): number {
    return this.#connection.number
  }

  congested(): boolean {
    if (this.#connection.unsent <= this.#services.limits.congestedBytes) {
      if (this.#congestedSince !== 0) this.#drained()
      return false
    }
    if (this.#congestedSince === 0) this.#congestedSince = this.#services.turn.now()
    return true
  }

  #drained(): void {
    if (this.#congestedSince === 0) return
    this.#congestedSince = 0
    for (const channel of this.#channels.values()) channel.drained()
  }

  elsewhere(channel: UnansweredJoin, ref: string | null, payload: unknown, error: WireError): boolean {
    const { relays } = this.#services
    if (relays === undefined) return false
    void this.#relay(relays, channel, ref, payload, error)
    return true
  }

  /** Puts a relay in the place of a channel whose zone is not in this process. */
  async #relay(
    relays: Relays,
    channel: UnansweredJoin,
    ref: string | null,
    payload: unknown,
    error: WireError,
  ): Promise<void> {
    const { topic, joinRef } = channel
    const name = parseTopic(topic)
    if (!isZone(name)) return
    // The client may leave, join anew or go meanwhile.
    const isWanted = () => this.#state === 'open' && this.#channels.get(topic) === channel
    let relay: RelayChannel | undefined
    try {
      const request = { zone: name.zone, topic, joinRef, ref, payload: JSON.stringify(payload) }
      relay = await relays.open(request, this, isWanted)
    } catch (thrown) {
      this.#services.onBug(thrown)
    }
    if (relay === undefined) {
      if (isWanted()) channel.refuse(ref, error)
      return
    }
    this.#remove(channel)
    this.#channels.set(topic, relay)
    this.#zones.push(relay)
  }

  forget(channel: Channel): void {
    this.#remove(channel)
  }

  zoneEnded(channel: Channel, error: WireError): void {
    this.#remove(channel)
    if (this.#zones.length === 0) this.end(error)
  }

  /** Ends the session when it has been silent, or congested, for too long. */
  sweep(now: number): void {
    if (this.#state !== 'open') return
    const { limits } = this.#services
    if (now - this.#heardAt > limits.silentMs) this.end(wireError('silent'))
    else if (this.congested() && now - this.#congestedSince > limits.congestedMs) this.end(wireError('too_slow'))
  }

  /** Takes nothing more from the client; what waits in the socket is repeated when it resumes elsewhere. */
  pause(): void {
    this.#ws.pause()
  }

  /** Whether everything that was taken is durable. */
  get settled(): boolean {
    return this.#zones.every((channel) => channel.settled)
  }

  end(error: WireError): void {
    if (this.#state !== 'open') return
    this.#state = 'ending'
    this.#services.counters.closes.add(error.code)
    const now = this.#services.turn.now()
    const channels = [...this.#channels.values()]
    for (const channel of channels) channel.flush(now)
    const payload = errorJson(error)
    for (const channel of channels) this.push(channel, 'closing', payload)
    if (channels.length === 0) this.send(eventFrame(null, null, PHOENIX_TOPIC, 'closing', payload))
    this.#releaseChannels()
    // A paused socket would never read the client's half of the closing handshake.
    this.#ws.resume()
    this.#ws.close(closeCodeOf(error), closeReason(error))
  }

  terminate(): void {
    this.#ws.terminate()
  }

  #releaseChannels(): void {
    const channels = [...this.#channels.values()]
    this.#channels.clear()
    this.#zones.length = 0
    for (const channel of channels) channel.release()
  }
}
