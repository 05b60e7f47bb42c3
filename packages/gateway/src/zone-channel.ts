import type { StateFrame, StateLane, StateSink, StreamHolder, Subscription, ZoneSessions } from '@terrane/engine'
import {
  type ChannelMessage,
  EVENT_INPUTS,
  focusSchema,
  joinSchema,
  pushHeader,
  resyncSchema,
  type WireError,
  wireError,
} from '@terrane/protocol'
import type { z } from 'zod'
import { type ChannelHost, expectedError, type InputChannel, schemaError, type UnansweredJoin } from './channel.js'
import { jsonOf } from './frames-out.js'
import { type JoinedZone, joinedZone, joinReplyJson } from './joined-zone.js'
import { MalformedPayload } from './payload-reader.js'
import { binaryStateFrame, jsonStateFrame } from './state-frames.js'
import { gapError, type Replies } from './text-inputs.js'
import type { ZoneServices } from './zone-services.js'

/**
 * One session on one `zone:<id>` topic. `joining` until the zone is there and the join is answered, then
 * `joined`, then `ended`, for good: a new join of the topic is a new channel.
 */
export class ZoneChannel implements InputChannel, UnansweredJoin, StreamHolder, StateSink, Replies {
  readonly topic: string
  readonly joinRef: string
  readonly inputHead: Uint8Array
  readonly #zoneId: string
  readonly #host: ChannelHost
  readonly #services: ZoneServices
  #state: 'joining' | 'joined' | 'ended' = 'joining'
  #joined: JoinedZone | undefined
  #flushAsked = false
  /** The turn in which inputs last arrived. */
  #arrivedIn = 0
  /** The input whose way to the disk is being timed, and since when; 0 when none is. */
  #timedSeq = 0
  #timedSince = 0

  constructor(zoneId: string, topic: string, joinRef: string, host: ChannelHost, services: ZoneServices) {
    this.#zoneId = zoneId
    this.topic = topic
    this.joinRef = joinRef
    this.inputHead = pushHeader(joinRef, '', topic, EVENT_INPUTS)
    this.#host = host
    this.#services = services
  }

  async join(ref: string | null, payload: unknown): Promise<void> {
    const params = joinSchema.safeParse(payload)
    if (!params.success) {
      this.refuse(ref, schemaError(params.error))
      return
    }
    let zone: ZoneSessions
    try {
      zone = await this.#services.zones(this.#zoneId)
    } catch (thrown) {
      const error = this.#errorOf(thrown)
      const isElsewhere = this.#state === 'joining' && error.code === 'zone_held'
      if (!isElsewhere || !this.#host.elsewhere(this, ref, payload, error)) this.refuse(ref, error)
      return
    }
    // The client may have left, joined anew or gone meanwhile.
    if (this.#state !== 'joining') return
    try {
      this.#open(zone, params.data, ref)
    } catch (thrown) {
      this.refuse(ref, this.#errorOf(thrown))
    }
  }

  #open(zone: ZoneSessions, params: z.output<typeof joinSchema>, ref: string | null): void {
    const host = this.#host
    const services = this.#services
    const stream = zone.open(host.player, params.client, this, params.watch)
    let subscription: Subscription
    try {
      subscription = zone.subscribe(this, host.player, params.focus, params.resume)
    } catch (thrown) {
      zone.close(stream)
      throw thrown
    }
    // The zone may have ended the stream from within subscribe, in which case the client has been told.
    if (this.#state !== 'joining') {
      subscription.close()
      return
    }
    const joined = joinedZone(zone, stream, subscription, params, this, host, services)
    this.#joined = joined
    this.#state = 'joined'
    services.counters.channels++
    host.replyOk(this, ref, joinReplyJson(joined, services))
    if (joined.presence !== undefined) services.presence.enter(joined.presence)
  }

  refuse(ref: string | null, error: WireError): void {
    if (this.#state !== 'joining') return
    this.#state = 'ended'
    this.#services.counters.rejects.add(error.code)
    this.#host.replyError(this, ref, error)
    this.#host.forget(this)
  }

  handle(message: ChannelMessage): void {
    const { event, ref, payload } = message
    const joined = this.#joined
    if (joined === undefined) {
      this.error(ref, wireError('not_joined'))
      return
    }
    if (event === EVENT_INPUTS && payload instanceof Uint8Array) {
      const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
      if (this.takeInputs(bytes, 0, this.#services.turn.now())) this.ok(ref, '{}')
    } else if (payload instanceof Uint8Array) {
      this.error(ref, wireError('unknown_event', `"${event.slice(0, 40)}" is no event with a binary payload`))
    } else if (event === 'input') this.#textInput(joined, ref, payload)
    else if (event === 'focus') this.#control(ref, focusSchema, payload, (focus) => joined.subscription.focus(focus))
    else if (event === 'resync') {
      this.#control(ref, resyncSchema, payload, ({ cells }) => joined.subscription.resync(cells))
    } else this.error(ref, wireError('unknown_event', `no event "${event.slice(0, 40)}" on a zone topic`))
  }

  #control<T>(ref: string | null, schema: z.ZodType<T>, payload: unknown, act: (value: T) => void): void {
    const parsed = schema.safeParse(payload)
    if (!parsed.success) {
      this.error(ref, schemaError(parsed.error))
      return
    }
    try {
      act(parsed.data)
    } catch (thrown) {
      this.error(ref, this.#errorOf(thrown))
      return
    }
    this.ok(ref, '{}')
  }

  ok(ref: string | null, responseJson: string): void {
    if (ref !== null) this.#host.replyOk(this, ref, responseJson)
  }

  error(ref: string | null, error: WireError): void {
    this.#services.counters.rejects.add(error.code)
    if (ref !== null) this.#host.replyError(this, ref, error)
  }

  /** False when the session has ended because of them. */
  takeInputs(bytes: Buffer, at: number, now: number): boolean {
    const joined = this.#joined
    if (joined === undefined) return false
    const { reader } = this.#services
    let outcome: 'taken' | 'gap' | 'flooding' | 'malformed'
    let why = 'an input frame is [firstSeq, input, args, …]'
    try {
      reader.start(bytes, at)
      outcome = joined.inputs.takeFrame(reader, now)
    } catch (thrown) {
      if (!(thrown instanceof MalformedPayload)) {
        this.#fail(thrown)
        return false
      }
      outcome = 'malformed'
      why = `an input frame is not usable: ${thrown.message}`
    }
    this.#arrived(joined, now)
    if (joined.acks.due) this.#flushLater()
    if (outcome === 'taken') return true
    if (outcome === 'malformed') this.#host.end(wireError('malformed', why))
    else if (outcome === 'flooding') this.#host.end(wireError('flooding'))
    else this.#host.end(gapError(joined.stream))
    return false
  }

  #textInput(joined: JoinedZone, ref: string | null, payload: unknown): void {
    const now = this.#services.turn.now()
    let ending: WireError | undefined
    try {
      ending = joined.texts.take(ref, payload, now)
    } catch (thrown) {
      this.#fail(thrown)
      return
    }
    this.#arrived(joined, now)
    this.#flushLater()
    if (ending !== undefined) this.#host.end(ending)
  }

  /** Starts the stop-watches for what has just been taken. */
  #arrived(joined: JoinedZone, now: number): void {
    const { turn } = this.#services
    if (this.#arrivedIn !== turn.number) {
      this.#arrivedIn = turn.number
      turn.arrived()
    }
    const { applied, durable } = joined.stream
    if (this.#timedSeq === 0 && applied > durable) {
      this.#timedSeq = applied
      this.#timedSince = now
    }
  }

  get lane(): StateLane | undefined {
    const joined = this.#joined
    const number = this.#host.lane
    if (joined === undefined || joined.format !== 'binary' || number === undefined) return undefined
    return { cast: this.#services.casts.of(joined.zone, joined.stateHead), number }
  }

  ready(): boolean {
    return this.#state === 'joined' && !this.#host.congested()
  }

  deliver(frame: StateFrame): void {
    const joined = this.#joined
    if (joined === undefined) return
    if (joined.format === 'binary') {
      this.#host.send(binaryStateFrame(frame, joined.stateHead))
      return
    }
    let text: Buffer
    try {
      text = jsonStateFrame(frame, this.topic, this.#services.world.columnTypes)
    } catch (thrown) {
      // The zone is in the middle of a publication, which the others must get.
      this.#fail(thrown)
      return
    }
    this.#host.send(text)
  }

  /** Once per commit. */
  onDurable(): void {
    this.#services.turn.flushNext(this)
  }

  /** The zone has taken the stream back, so it is not closed by us. */
  onClosed(error: WireError): void {
    if (this.#state === 'ended') return
    const host = this.#host
    this.flush(this.#services.clock.now())
    this.#joined?.texts.abandon(error)
    this.#letGo(false)
    host.push(this, 'closing', jsonOf(error))
    host.push(this, error.retry === 'never' ? 'phx_close' : 'phx_error', '{}', this.joinRef)
    host.zoneEnded(this, error)
  }

  flush(now: number): void {
    this.#flushAsked = false
    const joined = this.#joined
    if (joined === undefined) return
    if (this.#timedSeq !== 0 && joined.stream.durable >= this.#timedSeq) {
      this.#services.counters.durableMs.record(Math.max(0, now - this.#timedSince))
      this.#timedSeq = 0
    }
    joined.texts.settle()
    if (this.#host.congested()) {
      // The numbers need no room while they wait; outcomes do, and a client that leaves them unread is too slow.
      if (joined.acks.waiting > this.#services.limits.outcomesMax) this.#host.end(wireError('too_slow'))
      return
    }
    const frame = joined.acks.take()
    if (frame !== undefined) this.#host.send(frame)
  }

  drained(): void {
    if (this.#joined?.acks.due) this.#flushLater()
  }

  get settled(): boolean {
    const stream = this.#joined?.stream
    return stream === undefined || stream.durable >= stream.applied
  }

  release(): void {
    this.#letGo(true)
  }

  #letGo(closeStream: boolean): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    const joined = this.#joined
    if (joined === undefined) return
    this.#joined = undefined
    this.#services.counters.channels--
    if (joined.presence !== undefined) this.#services.presence.leave(joined.presence)
    joined.subscription.close()
    if (closeStream) joined.zone.close(joined.stream)
  }

  #flushLater(): void {
    if (this.#flushAsked) return
    this.#flushAsked = true
    this.#services.turn.flushLater(this)
  }

  /** A bug in the zone or here: this connection cannot go on with it. */
  #fail(thrown: unknown): void {
    this.#services.onBug(thrown)
    this.#host.end(wireError('zone_unavailable', 'the zone failed'))
  }

  #errorOf(thrown: unknown): WireError {
    const expected = expectedError(thrown)
    if (expected !== undefined) return expected
    this.#services.onBug(thrown)
    return wireError('zone_unavailable')
  }
}
