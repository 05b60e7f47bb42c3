import type { Prng } from '@terrane/core'
import { type InputStream, STATE_HEADROOM, type StateSink, type Subscription, type Zone } from '@terrane/engine'
import type { Focus, WireError } from '@terrane/protocol'
import type { SimulatedTime } from '../simulated-time.js'
import type { FaultPlan } from './faults.js'
import type { SimProcess } from './sim-process.js'

/** What a client hears, in the order in which it was sent. */
export interface ConnectionEvents {
  joined(epoch: number, applied: number, durable: number): void
  /** Cumulative. `rejected` lists inputs up to `applied` that were rejected and were not listed before. */
  acked(applied: number, durable: number, rejected: readonly number[]): void
  state(payload: Uint8Array): void
  /** The connection is gone; nothing follows. */
  closed(): void
}

/**
 * One client's connection to a process, with the gateway's part played in the plainest way. Like TCP it
 * loses nothing while it lasts; on the way to the server frames may still come twice or late, as after
 * a repetition, and it can break at any moment.
 */
export class SimConnection implements StateSink {
  readonly #process: SimProcess
  readonly #zone: Zone
  readonly #time: SimulatedTime
  readonly #plan: FaultPlan
  readonly #random: Prng
  readonly #events: ConnectionEvents
  #stream: InputStream | undefined
  #subscription: Subscription | undefined
  #rejected: number[] = []
  #open = true
  #isCut = false
  #congestedUntil = 0
  /** When the last frame to the client, and to the server, arrives: later ones may not overtake it. */
  #lastArrival = 0
  #lastAtServer = 0

  constructor(options: {
    process: SimProcess
    zone: Zone
    time: SimulatedTime
    plan: FaultPlan
    random: Prng
    events: ConnectionEvents
    player: string
    resume: { epoch: number; cells: number[] } | undefined
    /** Where the client looks; default: at all of the zone. */
    focus?: Focus
  }) {
    const { process, zone, time, plan, random, events, player, resume, focus = { mode: 'all' } } = options
    this.#process = process
    this.#zone = zone
    this.#time = time
    this.#plan = plan
    this.#random = random
    this.#events = events
    const stream = zone.open(player, 'sim', {
      onDurable: () => this.#sendAck(),
      onClosed: (_error: WireError) => this.#close(),
    })
    this.#stream = stream
    const { applied, durable } = stream
    this.#toClient(() => events.joined(zone.epoch, applied, durable))
    this.#subscription = zone.subscribe(this, player, focus, resume)
  }

  get open(): boolean {
    return this.#open
  }

  /** The server does not answer: heartbeats would notice. */
  get silent(): boolean {
    return this.#process.frozen
  }

  congest(ms: number): void {
    this.#congestedUntil = this.#time.now() + ms
  }

  /** The connection breaks: frames that are under way are lost, and both ends notice. */
  break(): void {
    this.#isCut = true
    this.#end(this.#plan.latencyMs)
  }

  /** The server closes: what it has sent before arrives. */
  #close(): void {
    this.#end(Math.max(this.#plan.latencyMs, this.#lastArrival - this.#time.now()))
  }

  #end(noticedAfterMs: number): void {
    if (!this.#open) return
    this.#open = false
    this.#time.after(noticedAfterMs, () => this.#events.closed())
    this.#process.run(() => {
      this.#subscription?.close()
      if (this.#stream !== undefined) this.#zone.close(this.#stream)
    })
  }

  /** Sends one numbered input. */
  send(seq: number, input: number, args: unknown): void {
    const { frameTwice, frameLate, latencyMs } = this.#plan
    const deliver = () => this.#receive(seq, input, args)
    const late = this.#random.chance(frameLate) ? 3 * latencyMs : 0
    this.#toServer(late, deliver)
    if (this.#random.chance(frameTwice)) this.#toServer(late + latencyMs * this.#random.float(), deliver)
  }

  ready(): boolean {
    return this.#time.now() >= this.#congestedUntil
  }

  deliver(frame: { readonly bytes: Uint8Array }): void {
    const payload = frame.bytes.slice(STATE_HEADROOM)
    this.#toClient(() => this.#events.state(payload))
  }

  #receive(seq: number, input: number, args: unknown): void {
    if (!this.#open || this.#stream === undefined) return
    const outcome = this.#zone.submit(this.#stream, seq, input, args)
    if (outcome === 'gap') {
      // A real gateway would have this only from a broken client; here frames do come out of order.
      this.#time.after(this.#plan.latencyMs, () => this.break())
      return
    }
    if (typeof outcome === 'object' && 'rejected' in outcome && this.#stream.applied >= seq) this.#rejected.push(seq)
    this.#sendAck()
  }

  #sendAck(): void {
    if (this.#stream === undefined) return
    const { applied, durable } = this.#stream
    const rejected = this.#rejected
    this.#rejected = []
    this.#toClient(() => this.#events.acked(applied, durable, rejected))
  }

  #toClient(deliver: () => void): void {
    const arrival = Math.max(this.#lastArrival, this.#time.now() + this.#underWayMs())
    this.#lastArrival = arrival
    this.#time.after(arrival - this.#time.now(), () => {
      if (!this.#isCut) deliver()
    })
  }

  #toServer(extraMs: number, deliver: () => void): void {
    let arrival = this.#time.now() + this.#underWayMs()
    if (this.#plan.segmentLost !== undefined) {
      arrival = Math.max(this.#lastAtServer, arrival)
      this.#lastAtServer = arrival
    }
    this.#time.after(arrival - this.#time.now() + extraMs, () => {
      if (this.#open) this.#process.run(deliver)
    })
  }

  #underWayMs(): number {
    const { latencyMs, latencyMsMin = 0, segmentLost = 0, retransmitMs = 0 } = this.#plan
    const ms = latencyMsMin + (latencyMs - latencyMsMin) * this.#random.float()
    return segmentLost > 0 && this.#random.chance(segmentLost) ? ms + retransmitMs : ms
  }
}
