import { type QueueOp, readStamp, writeStamp } from '@terrane/causality'
import { assert, ByteReader, ByteWriter, backoffMs, type Prng } from '@terrane/core'
import type { EngineLimits } from '../limits.js'
import type { KindTable } from '../state/kind-table.js'
import { type Bundle, bundleOf } from './op-bundle.js'

/** A bundle that waits for its acknowledgement. */
interface OutboxEntry {
  /** Key of its row. */
  readonly id: number
  /** When its first op was sent. */
  readonly at: number
  readonly bundle: Bundle
  readonly op: QueueOp<Uint8Array>
}

/** All that is on its way to one zone. */
export class Link {
  readonly to: string
  /** Ops and bytes, also those that no batch holds yet. */
  ops = 0
  bytes = 0
  /** Stamped bundles, by number and without gaps. */
  entries: OutboxEntry[] = []
  /** Numbers of the last bundle that the receiver has durably applied, that is durable here, that was handed over. */
  acknowledged = 0
  durable = 0
  sent = 0
  /** Bundles that may be under way at once. */
  window: number
  attempt = 0
  /** When what is under way is sent again, ms since the epoch. */
  dueAt = 0

  constructor(to: string, window: number) {
    this.to = to
    this.window = window
  }

  get isWaiting(): boolean {
    return this.acknowledged < this.durable
  }
}

const writer = new ByteWriter()

/** The bundle in a row of an outbox. */
export function decodeOutboxPayload(bytes: Uint8Array): QueueOp<Uint8Array> {
  const reader = new ByteReader(bytes)
  const stamp = readStamp(reader)
  const value = bytes.subarray(reader.at)
  return { ...stamp, size: value.length, value }
}

/** The ops of a zone that have not been acknowledged: bundles as rows, by destination. */
export class Outbox {
  readonly #table: KindTable
  readonly #limits: EngineLimits
  readonly #random: Prng
  readonly #links = new Map<string, Link>()
  /** Ops and bytes of all links. */
  ops = 0
  bytes = 0
  #nextId = 1

  constructor(table: KindTable, limits: EngineLimits, random: Prng) {
    this.#table = table
    this.#limits = limits
    this.#random = random
  }

  link(to: string): Link {
    let link = this.#links.get(to)
    if (link === undefined) {
      link = new Link(to, this.#limits.opWindowMax)
      this.#links.set(to, link)
    }
    return link
  }

  get links(): Iterable<Link> {
    return this.#links.values()
  }

  /** When the oldest op was sent, ms since the epoch; undefined when there is none. */
  get oldestAt(): number | undefined {
    let oldest: number | undefined
    for (const { entries } of this.#links.values()) {
      const at = entries[0]?.at
      if (at !== undefined && (oldest === undefined || at < oldest)) oldest = at
    }
    return oldest
  }

  /** Counts ops that a transaction sends, or, by negative figures, those that are gone. */
  count(link: Link, ops: number, bytes: number): void {
    link.ops += ops
    link.bytes += bytes
    this.ops += ops
    this.bytes += bytes
  }

  /** Writes the row of a stamped bundle whose ops have been counted. Within a transaction. */
  insert(link: Link, at: number, bundle: Bundle, op: QueueOp<Uint8Array>): void {
    writer.reset()
    writeStamp(writer, op)
    const start = writer.length
    writer.raw(op.value)
    const payload = writer.finish()
    const id = this.#nextId++
    this.#table.insert({ id, destination: link.to, sent_at: Math.floor(at), payload })
    this.#append(link, { id, at, bundle, op: { ...op, value: payload.subarray(start) } })
  }

  /** Takes over the rows that recovery found: all of them are durable. */
  recover(): void {
    const rows = [...this.#table.all()].sort((a, b) => (a.id as number) - (b.id as number))
    for (const { id, destination, sent_at, payload } of rows) {
      const op = decodeOutboxPayload(payload as Uint8Array)
      const link = this.link(destination as string)
      const bundle = bundleOf(op.value)
      this.#append(link, { id: id as number, at: sent_at as number, bundle, op })
      this.count(link, bundle.ops, bundle.bytes)
      link.durable = op.number
      this.#nextId = (id as number) + 1
    }
  }

  /** Deletes the rows up to an acknowledged number. Within a transaction. */
  acknowledge(link: Link, number: number, now: number): void {
    // Beyond what we know to be durable: another owner of this zone has sent on, and we shall be fenced.
    if (number <= link.acknowledged || number > link.durable) return
    const done = link.entries.splice(0, number - link.acknowledged)
    for (const { id, bundle } of done) {
      this.#table.delete(id)
      this.count(link, -bundle.ops, -bundle.bytes)
    }
    link.acknowledged = number
    link.sent = Math.max(link.sent, number)
    link.attempt = 0
    link.dueAt = now + this.#limits.opRetryMs
    link.window = Math.min(this.#limits.opWindowMax, link.window + done.length)
  }

  /** The bundles that may leave now, marked as sent. */
  take(link: Link, now: number): readonly QueueOp<Uint8Array>[] {
    const upTo = Math.min(link.durable, link.acknowledged + link.window)
    if (upTo <= link.sent) return []
    if (link.sent === link.acknowledged) link.dueAt = now + this.#limits.opRetryMs
    const first = link.acknowledged + 1
    const ops = link.entries.slice(link.sent + 1 - first, upTo + 1 - first).map(({ op }) => op)
    link.sent = upTo
    return ops
  }

  /** Prepares a link that has waited too long for sending again; whether it had. */
  isOverdue(link: Link, now: number): boolean {
    if (!link.isWaiting || now < link.dueAt) return false
    link.sent = link.acknowledged
    link.attempt++
    return true
  }

  /** When to send again what was just sent: later each time, so that a receiver that is away is not flooded. */
  postpone(link: Link, now: number): void {
    const { opRetryMs, opRetryMsMax } = this.#limits
    link.dueAt = now + opRetryMs + backoffMs(link.attempt, () => this.#random.float(), opRetryMs, opRetryMsMax)
  }

  #append(link: Link, entry: OutboxEntry): void {
    if (link.entries.length === 0) {
      // All before it was acknowledged, if not to us then to whoever had the zone before.
      link.acknowledged = entry.op.number - 1
      link.durable = link.acknowledged
      link.sent = link.acknowledged
    }
    const before = link.entries.at(-1)?.op.number ?? link.acknowledged
    assert(entry.op.number === before + 1, `op ${entry.op.number} to ${link.to} follows op ${before}`)
    link.entries.push(entry)
  }
}
