// Causal broadcast: Birman, Schiper, Stephenson, "Lightweight causal and atomic group multicast", 1991.
import type { ZoneId } from '../clock/counts.js'
import { VClock } from '../clock/vclock.js'
import {
  type BufferCounters,
  type BufferLimits,
  type BufferState,
  CausalBuffer,
  type Deliverable,
  type Gap,
  NO_COUNTS,
  type Offer,
} from './causal-buffer.js'
import type { Membership } from './membership.js'

/** An op to every zone. `after` is the sender's vector clock with this op counted, and `number` its entry there. */
export interface BroadcastOp<Value> extends Deliverable {
  readonly value: Value
}

export interface BroadcastState<Value> {
  readonly clock: VClock
  readonly buffer: BufferState<BroadcastOp<Value>>
}

/**
 * One zone's end of a broadcast group: an op from s is taken iff `clock[s] = P[s] + 1` and `clock[k] ≤ P[k]` for
 * all k ≠ s, where P counts what was delivered here; then P becomes the merge of both. A zone that joins a running
 * group starts with the clock of a member (`joinedAt`), since it never gets what was sent before.
 */
export class CausalBroadcast<Value> {
  readonly self: ZoneId
  readonly #buffer: CausalBuffer<BroadcastOp<Value>>
  /** P, with our own ops counted as delivered when they are sent. */
  #clock: VClock

  private constructor(clock: VClock, buffer: CausalBuffer<BroadcastOp<Value>>) {
    this.self = buffer.self
    this.#clock = clock
    this.#buffer = buffer
  }

  static join<Value>(
    self: ZoneId,
    membership: Membership,
    limits: BufferLimits,
    joinedAt = VClock.zero,
  ): CausalBroadcast<Value> {
    const buffer = { membership: membership.state, delivered: joinedAt, kept: [], counters: NO_COUNTS }
    return CausalBroadcast.restore(self, { clock: joinedAt, buffer }, limits)
  }

  static restore<Value>(self: ZoneId, state: BroadcastState<Value>, limits: BufferLimits): CausalBroadcast<Value> {
    return new CausalBroadcast(state.clock, CausalBuffer.restore(self, state.buffer, limits))
  }

  get clock(): VClock {
    return this.#clock
  }

  get counters(): BufferCounters & { readonly entries: number; readonly bytes: number } {
    const { entries, bytes } = this.#buffer
    return { ...this.#buffer.counters, entries, bytes }
  }

  gaps(): Gap[] {
    return this.#buffer.gaps()
  }

  /** Stamps an op for everybody else. It must be durable before it leaves: numbers are never used twice. */
  send(value: Value, size: number): BroadcastOp<Value> {
    this.#clock = this.#clock.tick(this.self)
    return { sender: this.self, number: this.#clock.get(this.self), after: this.#clock, size, value }
  }

  receive(op: BroadcastOp<Value>): Offer<BroadcastOp<Value>> {
    const offer = this.#buffer.offer(op)
    if (offer.kind === 'delivered') {
      for (const { sender, number } of offer.ops) this.#clock = this.#clock.with(sender, number)
    }
    return offer
  }

  update(membership: Membership): void {
    this.#buffer.update(membership)
    this.#clock = this.#buffer.membership.prune(this.#clock)
  }

  snapshot(): BroadcastState<Value> {
    return { clock: this.#clock, buffer: this.#buffer.snapshot() }
  }
}
