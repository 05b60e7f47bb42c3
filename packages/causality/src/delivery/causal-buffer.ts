// Delivery in causal order: the receiving end, the same for broadcast and for ops to single zones.
//
// Every op has a number among those of its sender to this receiver, and says what must be delivered here before it:
// `after`, a count per sender. It is delivered when its number is the next one and every count in `after` has been
// reached. For broadcast `after` is the sender's vector clock (Birman, Schiper, Stephenson 1991); for ops to single
// zones it counts only what was sent to this receiver (link-constraints.ts), because a plain vector would wait for
// ops that were never addressed here.
//
// The numbers delivered of a sender have no gaps, so one count per sender recognises every repetition for ever.
import { assert } from '@terrane/core'
import type { ZoneId } from '../clock/counts.js'
import { VClock } from '../clock/vclock.js'
import { Membership, type MembershipState } from './membership.js'

/** What the buffer needs to know of an op. */
export interface Deliverable {
  readonly sender: ZoneId
  /** Absent in what goes to everybody. */
  readonly destination?: ZoneId
  /** From 1, without gaps, among the sender's ops to this receiver. */
  readonly number: number
  /** What must be delivered here before it. The sender's own entry is implied by the number, and ignored. */
  readonly after: VClock
  /** Size in bytes, for the bound. */
  readonly size: number
}

/**
 * Why an op was not taken. The first three may pass when it is sent again:
 * - `overflow_entries`, `overflow_bytes`: it cannot be delivered yet and there is no room to keep it: slow down
 * - `unknown_sender`: this zone's membership is older than the sender
 * - `forgotten_sender`: the sender retired and everybody was past it: this is an old repetition; stop
 * - `own_op`: it names this zone as its sender
 * - `wrong_destination`: it is for another zone
 * - `bad_number`: its number is not an integer from 1
 */
export type Refusal =
  | 'overflow_entries'
  | 'overflow_bytes'
  | 'unknown_sender'
  | 'forgotten_sender'
  | 'own_op'
  | 'wrong_destination'
  | 'bad_number'

export type Offer<Op> =
  /** The op, and those kept ones that it let go, in the order in which they take effect. */
  | { readonly kind: 'delivered'; readonly ops: readonly Op[] }
  /** Kept until what it waits for is here. */
  | { readonly kind: 'buffered' }
  /** Delivered or kept before: acknowledge it, do nothing. */
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'refused'; readonly reason: Refusal }

/** Ops of `sender` from number `from` to `to`, both included, that kept ops wait for: ask its log for them. */
export interface Gap {
  readonly sender: ZoneId
  readonly from: number
  readonly to: number
}

export interface BufferLimits {
  readonly entriesMax: number
  readonly bytesMax: number
}

export interface BufferCounters {
  readonly delivered: number
  readonly duplicates: number
  readonly refused: number
  /** Most ops, and most bytes, ever kept at a time. */
  readonly entriesHigh: number
  readonly bytesHigh: number
}

/** All there is to know of a buffer: it belongs into the receiving zone's log. */
export interface BufferState<Op> {
  readonly membership: MembershipState
  readonly delivered: VClock
  readonly kept: readonly Op[]
  readonly counters: BufferCounters
}

export const NO_COUNTS: BufferCounters = { delivered: 0, duplicates: 0, refused: 0, entriesHigh: 0, bytesHigh: 0 }

const BUFFERED = { kind: 'buffered' } as const
const DUPLICATE = { kind: 'duplicate' } as const

export class CausalBuffer<Op extends Deliverable> {
  readonly self: ZoneId
  readonly #limits: BufferLimits
  #membership: Membership
  /** Ops delivered, by sender. */
  readonly #delivered = new Map<ZoneId, number>()
  /** Kept ops by sender and number. */
  readonly #kept = new Map<ZoneId, Map<number, Op>>()
  /** Kept ops by the one count that they wait for next. Counts grow by one, so the exact count is the key. */
  readonly #waiting = new Map<ZoneId, Map<number, Op[]>>()
  #entries = 0
  #bytes = 0
  readonly #counters: { -readonly [Name in keyof BufferCounters]: BufferCounters[Name] } = { ...NO_COUNTS }

  constructor(self: ZoneId, membership: Membership, limits: BufferLimits) {
    this.self = self
    this.#membership = membership
    this.#limits = limits
  }

  /** Goes on where `snapshot` was taken. What was kept stays, even beyond tighter limits. */
  static restore<Op extends Deliverable>(self: ZoneId, state: BufferState<Op>, limits: BufferLimits): CausalBuffer<Op> {
    const buffer = new CausalBuffer<Op>(self, Membership.of(state.membership), limits)
    for (const [zone, count] of state.delivered) buffer.#delivered.set(zone, count)
    for (const op of state.kept) {
      const isWaiting = buffer.#wait(op)
      assert(isWaiting, `op ${op.number} of zone ${op.sender} was kept and waits for nothing`)
      buffer.#keep(op)
    }
    Object.assign(buffer.#counters, state.counters)
    return buffer
  }

  /** Ops kept, waiting for others. */
  get entries(): number {
    return this.#entries
  }

  get bytes(): number {
    return this.#bytes
  }

  get counters(): BufferCounters {
    return { ...this.#counters }
  }

  get membership(): Membership {
    return this.#membership
  }

  /** How many ops of `sender` have been delivered here. */
  deliveredOf(sender: ZoneId): number {
    return this.#delivered.get(sender) ?? 0
  }

  /** Ops delivered, by sender: what senders may be told once it is durable. */
  get delivered(): VClock {
    return VClock.of(this.#delivered)
  }

  /** Takes what arrived. An op whose turn it is goes through however full the buffer is, so it always drains. */
  offer(op: Op): Offer<Op> {
    const reason = this.#objection(op)
    if (reason !== undefined) return this.#refuse(reason)
    if (op.number <= this.deliveredOf(op.sender) || this.#kept.get(op.sender)?.has(op.number)) {
      this.#counters.duplicates++
      return DUPLICATE
    }
    if (this.#isDue(op)) return { kind: 'delivered', ops: this.#deliver(op) }
    if (this.#entries >= this.#limits.entriesMax) return this.#refuse('overflow_entries')
    if (this.#bytes + op.size > this.#limits.bytesMax) return this.#refuse('overflow_bytes')
    this.#wait(op)
    this.#keep(op)
    return BUFFERED
  }

  /** What kept ops wait for and nobody has brought, by sender and number. Empty when nothing is kept. */
  gaps(): Gap[] {
    const needed = new Map<ZoneId, number>()
    const need = (zone: ZoneId, count: number) => {
      if (this.deliveredOf(zone) < count && count > (needed.get(zone) ?? 0)) needed.set(zone, count)
    }
    for (const op of this.#keptOps()) {
      need(op.sender, op.number - 1)
      for (const [zone, count] of op.after) if (!this.#isPast(zone, op)) need(zone, count)
    }
    return [...needed].sort(([a], [b]) => a - b).flatMap(([zone, count]) => this.#missing(zone, count))
  }

  /**
   * Follows the range map. An older membership changes nothing. Zones that are forgotten leave the counts; ops
   * of theirs cannot be kept any more, or they were forgotten too early.
   */
  update(membership: Membership): void {
    if (membership.version <= this.#membership.version) return
    this.#membership = membership
    for (const zone of [...this.#delivered.keys(), ...this.#kept.keys(), ...this.#waiting.keys()]) {
      if (membership.status(zone) !== 'forgotten') continue
      const isNeeded = this.#kept.has(zone) || this.#waiting.has(zone)
      assert(!isNeeded, `zone ${zone} was forgotten while its ops, or ops that need them, wait here`)
      this.#delivered.delete(zone)
    }
  }

  snapshot(): BufferState<Op> {
    return {
      membership: this.#membership.state,
      delivered: this.delivered,
      kept: [...this.#keptOps()],
      counters: this.counters,
    }
  }

  #objection(op: Op): Refusal | undefined {
    if (op.sender === this.self) return 'own_op'
    if (op.destination !== undefined && op.destination !== this.self) return 'wrong_destination'
    if (!Number.isSafeInteger(op.number) || op.number < 1) return 'bad_number'
    const status = this.#membership.status(op.sender)
    if (status === 'live') return undefined
    return status === 'unknown' ? 'unknown_sender' : 'forgotten_sender'
  }

  #refuse(reason: Refusal): Offer<Op> {
    this.#counters.refused++
    return { kind: 'refused', reason }
  }

  #isDue(op: Op): boolean {
    return (
      op.number === this.deliveredOf(op.sender) + 1 &&
      op.after.every((zone, count) => this.deliveredOf(zone) >= count || this.#isPast(zone, op))
    )
  }

  /** Counts that need not be waited for: the sender's own, ours, and those of zones that everybody is past. */
  #isPast(zone: ZoneId, op: Op): boolean {
    return zone === op.sender || zone === this.self || this.#membership.status(zone) === 'forgotten'
  }

  /** `first`, and what becomes due by it, and by that; first come, first served. */
  #deliver(first: Op): Op[] {
    const ops = [first]
    for (let at = 0; at < ops.length; at++) {
      const op = ops[at] as Op
      this.#delivered.set(op.sender, op.number)
      this.#counters.delivered++
      if (this.#entries === 0) continue
      for (const woken of this.#take(op.sender, op.number)) {
        if (this.#wait(woken)) continue
        this.#release(woken)
        ops.push(woken)
      }
    }
    return ops
  }

  /** Enters the op under the first count that it lacks; false when it lacks none. */
  #wait(op: Op): boolean {
    if (this.deliveredOf(op.sender) < op.number - 1) {
      this.#enter(op, op.sender, op.number - 1)
      return true
    }
    return !op.after.every((zone, count) => {
      if (this.deliveredOf(zone) >= count || this.#isPast(zone, op)) return true
      this.#enter(op, zone, count)
      return false
    })
  }

  #enter(op: Op, zone: ZoneId, count: number): void {
    const byCount = entry(this.#waiting, zone, () => new Map<number, Op[]>())
    entry(byCount, count, () => []).push(op)
  }

  /** The ops that wait for this very count, out of the table. */
  #take(zone: ZoneId, count: number): readonly Op[] {
    const byCount = this.#waiting.get(zone)
    const ops = byCount?.get(count)
    if (byCount === undefined || ops === undefined) return []
    byCount.delete(count)
    if (byCount.size === 0) this.#waiting.delete(zone)
    return ops
  }

  #keep(op: Op): void {
    entry(this.#kept, op.sender, () => new Map<number, Op>()).set(op.number, op)
    this.#entries++
    this.#bytes += op.size
    this.#counters.entriesHigh = Math.max(this.#counters.entriesHigh, this.#entries)
    this.#counters.bytesHigh = Math.max(this.#counters.bytesHigh, this.#bytes)
  }

  #release(op: Op): void {
    const bySender = this.#kept.get(op.sender)
    bySender?.delete(op.number)
    if (bySender?.size === 0) this.#kept.delete(op.sender)
    this.#entries--
    this.#bytes -= op.size
  }

  *#keptOps(): Generator<Op> {
    for (const bySender of this.#kept.values()) yield* bySender.values()
  }

  /** The numbers up to `count` that are neither delivered nor kept, as ranges. */
  #missing(sender: ZoneId, count: number): Gap[] {
    const gaps: Gap[] = []
    const kept = [...(this.#kept.get(sender)?.keys() ?? [])].filter((number) => number <= count).sort((a, b) => a - b)
    let from = this.deliveredOf(sender) + 1
    for (const number of [...kept, count + 1]) {
      if (from < number) gaps.push({ sender, from, to: number - 1 })
      from = number + 1
    }
    return gaps
  }
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}
