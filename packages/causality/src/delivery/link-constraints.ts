// Ops to single zones in causal order: what the sender tells the receiver to wait for. The scheme is that of
// Raynal, Schiper, Toueg, "The causal ordering abstraction and a simple way to implement it", 1991 (counts of ops
// per pair of zones, a column per destination), sparse, and pruned by the two conditions of Kshemkalyani, Singhal,
// "Necessary and sufficient conditions on information for causal message ordering and their optimal
// implementation", 1998:
//
// 1. What is known to be delivered need not be waited for. Destinations report what they have delivered.
// 2. What an op to the same destination already waits for need not be said again. So once an op to zone j is
//    stamped, this very op is all that stays in column j: whoever waits for it waits for what it waited for.
import { assert, type ByteReader, type ByteWriter } from '@terrane/core'
import { malformed, readCount, ZONE_ID_MAX, type ZoneId } from '../clock/counts.js'
import { VClock } from '../clock/vclock.js'
import type { Membership } from './membership.js'

/** For each destination, the ops to it that later ops to it must wait for: the highest number by sender. */
export type Columns = readonly (readonly [destination: ZoneId, after: VClock])[]

/** What causal order adds to an op. */
export interface LinkStamp {
  /** From 1, without gaps, among the sender's ops to this destination. */
  readonly number: number
  /** What the destination must have delivered first. */
  readonly after: VClock
  /** What successors of this op must make other destinations wait for; by ascending destination. */
  readonly passes: Columns
}

export interface LinkState {
  readonly sent: VClock
  readonly columns: Columns
  readonly reported: Columns
}

export class LinkConstraints {
  readonly #self: ZoneId
  /** Ops sent, by destination. */
  #sent = VClock.zero
  /** The columns, without empty ones. The clocks in them are immutable, so stamps share them. */
  readonly #columns = new Map<ZoneId, VClock>()
  /** What destinations are known to have delivered, by sender. */
  readonly #reported = new Map<ZoneId, VClock>()

  constructor(self: ZoneId, state?: LinkState) {
    this.#self = self
    if (state === undefined) return
    this.#sent = state.sent
    for (const [zone, after] of state.columns) this.#columns.set(zone, after)
    for (const [zone, delivered] of state.reported) this.#reported.set(zone, delivered)
  }

  /** Ops sent, by destination: with the zone's number, its `Retirement`. */
  get sent(): VClock {
    return this.#sent
  }

  /** Zones with a column. */
  get destinations(): Iterable<ZoneId> {
    return this.#columns.keys()
  }

  /** Entries in all columns: what the next op carries at most. */
  get size(): number {
    let size = 0
    for (const after of this.#columns.values()) size += after.size
    return size
  }

  /** Ops to `destination` in our causal past that are not known to be delivered. */
  outstanding(destination: ZoneId): VClock {
    return this.#columns.get(destination) ?? VClock.zero
  }

  /**
   * The stamps of ops that one event sends, in their order. Those to one zone follow each other, others do not wait;
   * whatever follows one of them follows all those to other zones. They must be durable before they leave: numbers are
   * never used twice.
   */
  stamp(destinations: readonly ZoneId[]): LinkStamp[] {
    const stamps = destinations.map((destination) => {
      assert(destination !== this.#self, `zone ${destination} sends an op to itself`)
      const number = this.#sent.get(destination) + 1
      const after = this.outstanding(destination).with(this.#self, 0)
      this.#sent = this.#sent.with(destination, number)
      this.#columns.set(destination, VClock.zero.with(this.#self, number))
      return { number, after }
    })
    const columns = [...this.#columns].sort(byZone)
    return stamps.map((stamp, place) => ({ ...stamp, passes: columns.filter(([to]) => to !== destinations[place]) }))
  }

  /**
   * An op with these `passes` was delivered here: what it follows, all that we send now follows too. They name no
   * forgotten zones (`pruneColumns`).
   */
  learn(passes: Columns): void {
    for (const [destination, after] of passes) {
      // What was on its way to us is delivered by now, or we would not have been given this op.
      if (destination === this.#self) continue
      const known = this.outstanding(destination)
      const merged = known.merge(this.#undelivered(destination, after))
      if (merged !== known) this.#columns.set(destination, merged)
    }
  }

  /**
   * `destination` has durably delivered these counts of ops, by sender. True for ever once true, so reports may come
   * late, twice, and through anybody.
   */
  report(destination: ZoneId, delivered: VClock): void {
    const known = this.#reported.get(destination)
    if (known !== undefined && delivered.le(known)) return
    this.#reported.set(destination, known?.merge(delivered) ?? delivered)
    this.#set(destination, this.#undelivered(destination, this.outstanding(destination)))
  }

  /** Lets go of zones that are forgotten. */
  prune(membership: Membership): void {
    this.#sent = membership.prune(this.#sent)
    for (const table of [this.#columns, this.#reported]) {
      const kept = pruneColumns([...table], membership)
      table.clear()
      for (const [zone, counts] of kept) table.set(zone, counts)
    }
  }

  snapshot(): LinkState {
    return {
      sent: this.#sent,
      columns: [...this.#columns].sort(byZone),
      reported: [...this.#reported].sort(byZone),
    }
  }

  /** The part of `after` that the destination is not known to have delivered. */
  #undelivered(destination: ZoneId, after: VClock): VClock {
    const delivered = this.#reported.get(destination)
    return delivered === undefined ? after : after.filter((zone, count) => delivered.get(zone) < count)
  }

  #set(destination: ZoneId, after: VClock): void {
    if (after.size === 0) this.#columns.delete(destination)
    else this.#columns.set(destination, after)
  }
}

function byZone(a: readonly [ZoneId, unknown], b: readonly [ZoneId, unknown]): number {
  return a[0] - b[0]
}

/** The columns without zones that are forgotten. */
export function pruneColumns(columns: Columns, membership: Membership): Columns {
  const isCurrent = columns.every(
    ([destination, after]) => membership.status(destination) !== 'forgotten' && membership.prune(after) === after,
  )
  if (isCurrent) return columns
  return columns
    .filter(([destination]) => membership.status(destination) !== 'forgotten')
    .map(([destination, after]) => [destination, membership.prune(after)] as const)
    .filter(([, after]) => after.size > 0)
}

/** As a clock is written: the number of columns, then the distance to the one before and its counts. */
export function writeColumns(writer: ByteWriter, columns: Columns): void {
  writer.unsigned(columns.length)
  let before = -1
  for (const [destination, after] of columns) {
    assert(destination > before && after.size > 0, 'columns ascend and are not empty')
    writer.unsigned(destination - before - 1)
    after.write(writer)
    before = destination
  }
}

/** Reads what `writeColumns` wrote. Anything else is `malformed_bytes`. */
export function readColumns(reader: ByteReader): Columns {
  const length = readCount(reader)
  const columns: [ZoneId, VClock][] = []
  let destination = -1
  for (let i = 0; i < length; i++) {
    destination += readCount(reader) + 1
    if (destination > ZONE_ID_MAX) throw malformed(`zone ${destination} is above 2^32-1`)
    const after = VClock.read(reader)
    if (after.size === 0) throw malformed('a column is empty')
    columns.push([destination, after])
  }
  return columns
}
