import type { ByteReader, ByteWriter } from '@terrane/core'
import { malformed, readCount, ZONE_ID_MAX, type ZoneId } from '../clock/counts.js'
import { VClock } from '../clock/vclock.js'
import {
  type BufferCounters,
  type BufferLimits,
  type BufferState,
  CausalBuffer,
  type Gap,
  type Offer,
} from './causal-buffer.js'
import {
  LinkConstraints,
  type LinkStamp,
  type LinkState,
  pruneColumns,
  readColumns,
  writeColumns,
} from './link-constraints.js'
import type { Membership } from './membership.js'

/** How an op stands to all others: what travels with it. */
export interface OpStamp extends LinkStamp {
  readonly sender: ZoneId
  readonly destination: ZoneId
  /** The sender's vector clock, this op counted: `a.clock.lt(b.clock)` iff a happened before b. */
  readonly clock: VClock
}

/** An op from one zone to another. `size` is that of the value in bytes, for the receiver's bound. */
export interface QueueOp<Value> extends OpStamp {
  readonly size: number
  readonly value: Value
}

/** What is to be sent. `size` is that of the value in bytes. */
export type Letter<Value> = Pick<QueueOp<Value>, 'destination' | 'size' | 'value'>

export interface MailboxState<Value> {
  readonly self: ZoneId
  readonly clock: VClock
  readonly links: LinkState
  readonly buffer: BufferState<QueueOp<Value>>
}

/**
 * One zone's end of all its links: stamps what it sends, brings what it receives into causal order, exactly once.
 *
 * All of it is part of the zone's durable state: an op leaves when the batch that sent it is durable, is repeated
 * until the receiver acknowledges it, and is acknowledged (`delivered`) when the batch that applied it is durable.
 */
export class CausalMailbox<Value> {
  readonly self: ZoneId
  readonly #links: LinkConstraints
  readonly #buffer: CausalBuffer<QueueOp<Value>>
  #clock: VClock

  private constructor(clock: VClock, links: LinkConstraints, buffer: CausalBuffer<QueueOp<Value>>) {
    this.self = buffer.self
    this.#clock = clock
    this.#links = links
    this.#buffer = buffer
  }

  static open<Value>(self: ZoneId, membership: Membership, limits: BufferLimits): CausalMailbox<Value> {
    return new CausalMailbox(VClock.zero, new LinkConstraints(self), new CausalBuffer(self, membership, limits))
  }

  static restore<Value>(state: MailboxState<Value>, limits: BufferLimits): CausalMailbox<Value> {
    const { self, clock, links, buffer } = state
    return new CausalMailbox(clock, new LinkConstraints(self, links), CausalBuffer.restore(self, buffer, limits))
  }

  /** All events known here, by zone: what replicas are stamped with (`sentAt`), and judged by. */
  get clock(): VClock {
    return this.#clock
  }

  /** Ops delivered here by sender: what acknowledgements say once it is durable. */
  get delivered(): VClock {
    return this.#buffer.delivered
  }

  /** Ops sent, by destination. */
  get sent(): VClock {
    return this.#links.sent
  }

  /** What was sent, and what the next op to each zone must wait for. */
  get links(): LinkState {
    return this.#links.snapshot()
  }

  /** Where ops of this zone's causal past are on their way to, as far as is known here. */
  get awaited(): Iterable<ZoneId> {
    return this.#links.destinations
  }

  get membership(): Membership {
    return this.#buffer.membership
  }

  /** Ops kept, waiting for others, and their bytes. */
  get kept(): { readonly entries: number; readonly bytes: number } {
    return this.#buffer
  }

  get counters(): BufferCounters & { readonly entries: number; readonly bytes: number; readonly constraints: number } {
    const { entries, bytes } = this.#buffer
    return { ...this.#buffer.counters, entries, bytes, constraints: this.#links.size }
  }

  /** A local event that others may come to know of, such as a new version of a replicated entity. */
  tick(): VClock {
    this.#clock = this.#clock.tick(this.self)
    return this.#clock
  }

  /** Learns of events otherwise than by an op, as from a replica's `sentAt`: what is sent from now on follows them. */
  observe(clock: VClock): void {
    this.#clock = this.#clock.merge(this.membership.prune(clock))
  }

  /** Stamps an op. `size`: bytes of the value. */
  send(destination: ZoneId, value: Value, size: number): QueueOp<Value> {
    return this.sendTogether([{ destination, value, size }])[0] as QueueOp<Value>
  }

  /** Stamps ops as one event: they have one clock, and whatever follows one of them follows all those to other zones. */
  sendTogether(letters: readonly Letter<Value>[]): QueueOp<Value>[] {
    if (letters.length === 0) return []
    const clock = this.tick()
    const stamps = this.#links.stamp(letters.map(({ destination }) => destination))
    return stamps.map((stamp, place) => ({ sender: this.self, clock, ...stamp, ...(letters[place] as Letter<Value>) }))
  }

  /** Takes what arrived; what comes back as delivered is to be applied in that order. */
  receive(op: QueueOp<Value>): Offer<QueueOp<Value>> {
    const offer = this.#buffer.offer(op)
    if (offer.kind === 'delivered') {
      for (const { clock, passes } of offer.ops) {
        this.#clock = this.#clock.merge(this.membership.prune(clock))
        this.#links.learn(pruneColumns(passes, this.membership))
      }
    }
    return offer
  }

  /**
   * `zone` says, itself or through others, what it has durably delivered. Senders learn it from acknowledgements;
   * who never sends to a zone should hear of it now and then, or what it knows of ops to that zone stays for ever.
   */
  report(zone: ZoneId, delivered: VClock): void {
    this.#links.report(zone, this.membership.prune(delivered))
  }

  /** Ops to `destination` in this zone's causal past that are not known to be delivered. */
  outstanding(destination: ZoneId): VClock {
    return this.#links.outstanding(destination)
  }

  gaps(): Gap[] {
    return this.#buffer.gaps()
  }

  /** Follows the range map: new zones may send, forgotten ones leave every clock. */
  update(membership: Membership): void {
    this.#buffer.update(membership)
    this.#clock = this.membership.prune(this.#clock)
    this.#links.prune(this.membership)
  }

  snapshot(): MailboxState<Value> {
    return { self: this.self, clock: this.#clock, links: this.#links.snapshot(), buffer: this.#buffer.snapshot() }
  }
}

/** Everything about an op but its value, in varints. */
export function writeStamp(writer: ByteWriter, stamp: OpStamp): void {
  writer.unsigned(stamp.sender)
  writer.unsigned(stamp.destination)
  writer.unsigned(stamp.number)
  stamp.clock.write(writer)
  stamp.after.write(writer)
  writeColumns(writer, stamp.passes)
}

/** Reads what `writeStamp` wrote. Anything else is `malformed_bytes`. */
export function readStamp(reader: ByteReader): OpStamp {
  const sender = readCount(reader)
  const destination = readCount(reader)
  if (sender > ZONE_ID_MAX || destination > ZONE_ID_MAX) throw malformed('a zone is above 2^32-1')
  const number = readCount(reader)
  if (number === 0) throw malformed('ops are numbered from 1')
  const clock = VClock.read(reader)
  const after = VClock.read(reader)
  return { sender, destination, number, clock, after, passes: readColumns(reader) }
}
