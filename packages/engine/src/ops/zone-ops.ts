// One zone's end of the ops between zones: what it sends, and what it receives. See docs/decisions/0007.
//
//   transaction ─ collect ─► pending ─ seal ─► stamped, in the outbox ─ committed ─► exchange ─► the other zone
//   the other zone ─► receive: causal order, apply ─ seal: position and effects in one batch ─ committed ─► receipt
//   receipt ─► acknowledged: rows leave the outbox
//
// Ops are stamped when the batch is sealed: a batch is durable whole or not at all, so to others it is one event, and
// a roll-back has nothing to take back from the clock. An op may then wait at its receiver for one that its sender
// received later in the same batch, which is order enough and no harm.
import { type QueueOp, VClock, type ZoneId } from '@terrane/causality'
import { assert, backoffMs, type Clock, messageOf, type Prng, sleep, type Timer, type Timers } from '@terrane/core'
import type { EngineLimits } from '../limits.js'
import type { OpExchange, OpParcel, OpReceipt } from '../ports/op-exchange.js'
import { rejection } from '../state/rejection.js'
import type { OpCollector, TransactionRunner } from '../transaction/transaction-runner.js'
import type { AnyWorld, OpRefusal } from '../world/define-world.js'
import type { Report } from '../zone/events.js'
import { StallWatch } from '../zone/stall-watch.js'
import type { ZoneAddress } from '../zones/zone-address.js'
import type { ZoneAuthority } from '../zones/zone-authority.js'
import { type DeadLetter, DeadLetters } from './dead-letters.js'
import type { DeliveryBoard } from './delivery-board.js'
import { decodeMailbox, encodeMailbox, type Mailbox, openMailbox } from './mailbox-codec.js'
import { decodeBody, encodeBody, type OpBody } from './op-body.js'
import { decodeBundle, encodeBundle, opsIn, parcelsOf } from './op-bundle.js'
import { type OpHandler, opHandlersOf } from './op-handlers.js'
import { type Link, Outbox } from './outbox.js'
import { OwnOps } from './own-ops.js'
import { DEAD_LETTERS, MAILBOX, OUTBOX } from './system-kinds.js'
import type { ZoneNumbers } from './zone-numbers.js'

/** What the zones of an engine share for their ops. */
export interface OpServices {
  readonly exchange: OpExchange
  readonly numbers: ZoneNumbers
  readonly board: DeliveryBoard
  /** Whether the world has a zone of this name. */
  knows(zone: string): boolean
}

export interface ZoneOpsOptions {
  readonly zone: string
  readonly number: ZoneId
  readonly world: AnyWorld
  readonly services: OpServices
  /** The engine's own op. */
  readonly handover: OpHandler
  readonly authority: ZoneAuthority
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Prng
  readonly limits: EngineLimits
  readonly report: Report
  /** There is something to commit. */
  readonly request: () => void
  /** Numbers of zones cannot be had for a while. */
  readonly stalled: (cause: unknown) => void
}

/** Counts of ops since the zone was opened. */
export interface OpCounters {
  opsSent: number
  /** Sent again because no receipt came. */
  opsResent: number
  /** Received and applied, or refused: taken from the sender for good. */
  opsDelivered: number
  /** Received once more. */
  opsDuplicate: number
  /** Delivered, and rejected by the world. */
  opsRefused: number
  opsDead: number
  /** Not taken, because what they must wait for took all the room. */
  opsOverflowed: number
}

export function zeroOpCounters(): OpCounters {
  return {
    opsSent: 0,
    opsResent: 0,
    opsDelivered: 0,
    opsDuplicate: 0,
    opsRefused: 0,
    opsDead: 0,
    opsOverflowed: 0,
  }
}

/** How a zone stands with its ops now. */
export interface OpStatus {
  /** Ops, and bytes of their arguments, that no receiver has acknowledged. */
  readonly outbox: number
  readonly outboxBytes: number
  /** Age of the oldest of them, ms. */
  readonly oldestMs: number
  /** Received and kept, because others must come first. */
  readonly buffered: number
  readonly bufferedBytes: number
  readonly deadLetters: number
  /** All events that the zone knows of, as a count per zone: counts only grow. */
  readonly clock: Readonly<Record<string, number>>
}

/** An op that a transaction sent and no batch holds yet. */
interface PendingOp {
  readonly link: Link
  readonly at: number
  readonly body: Uint8Array
}

/** What of it goes to one zone together. */
interface PendingBundle {
  readonly link: Link
  /** When the first was sent. */
  readonly at: number
  readonly bodies: Uint8Array[]
  bytes: number
}

/** Those of one zone in order; a new one where the last is full. */
function bundlesOf(pending: readonly PendingOp[], { opBundleMax, opBundleBytesMax }: EngineLimits): PendingBundle[] {
  const bundles: PendingBundle[] = []
  const open = new Map<Link, PendingBundle>()
  for (const { link, at, body } of pending) {
    let bundle = open.get(link)
    if (bundle === undefined || bundle.bodies.length >= opBundleMax || bundle.bytes + body.length > opBundleBytesMax) {
      bundle = { link, at, bodies: [], bytes: 0 }
      bundles.push(bundle)
      open.set(link, bundle)
    }
    bundle.bodies.push(body)
    bundle.bytes += body.length
  }
  return bundles
}

/** What the sealed batch will make true. */
interface SealedOps {
  readonly links: ReadonlyMap<Link, number>
  /** Undefined when nothing was delivered. */
  readonly delivered: VClock | undefined
  readonly owed: ReadonlySet<string>
}

const NOTHING_SEALED: SealedOps = { links: new Map(), delivered: undefined, owed: new Set() }

export class ZoneOps implements OpCollector {
  readonly counters: OpCounters = zeroOpCounters()
  readonly #options: ZoneOpsOptions
  readonly #runner: TransactionRunner
  readonly #handlers: ReadonlyMap<string, OpHandler>
  readonly #outbox: Outbox
  readonly #letters: DeadLetters
  #mailbox: Mailbox
  /** Collected, in the order of sending; those behind `#kept` are of the running transaction. */
  #pending: PendingOp[] = []
  #kept = 0
  /** An op is running: what it sends may use the reserve. */
  #isApplying = false
  /** Something was delivered since the last batch. */
  #isMailboxChanged = false
  /** The clock moved without an op. */
  #isClockChanged = false
  #sealed: SealedOps = NOTHING_SEALED
  #durablyDelivered = VClock.zero
  /** Zones that are owed a receipt when the open batch is durable. */
  #owed = new Set<string>()
  #retry: Timer | undefined
  #isResolving = false
  /** While numbers are missing. */
  #watch: StallWatch | undefined
  readonly #own: OwnOps
  #isStopped = false

  constructor(options: ZoneOpsOptions, runner: TransactionRunner) {
    const { zone, number, world, clock, limits, report, services } = options
    this.#options = options
    this.#runner = runner
    this.#handlers = new Map([...opHandlersOf(world), [options.handover.name, options.handover]])
    this.#outbox = new Outbox(runner.systemTable(OUTBOX), limits, options.random)
    const max = limits.deadLettersMax
    this.#own = new OwnOps(limits.opsPerLinkMax)
    this.#letters = new DeadLetters({ zone, table: runner.systemTable(DEAD_LETTERS), clock, max, report })
    this.#mailbox = openMailbox(number, services.numbers.membership, limits)
  }

  /** Takes over what recovery found in the tables. */
  recover(): void {
    const { number, limits, services } = this.#options
    const row = this.#runner.systemTable(MAILBOX).get(MAILBOX_KEY)
    if (row !== undefined) {
      this.#mailbox = decodeMailbox(number, row.state as Uint8Array, services.numbers.membership, limits)
    }
    this.#durablyDelivered = this.#mailbox.delivered
    services.board.report(number, this.#durablyDelivered)
    this.#outbox.recover()
  }

  status(): OpStatus {
    const clockByName = () => this.#clockByName()
    const { entries, bytes } = this.#mailbox.kept
    const oldestAt = this.#outbox.oldestAt
    return {
      outbox: this.#outbox.ops,
      outboxBytes: this.#outbox.bytes,
      oldestMs: oldestAt === undefined ? 0 : Math.max(0, this.#options.clock.now() - oldestAt),
      buffered: entries,
      bufferedBytes: bytes,
      deadLetters: this.#letters.count,
      // Made when somebody reads it: with many zones it is a table of its own, and most ask for the rest only.
      get clock() {
        return clockByName()
      },
    }
  }

  /** A zone whose name has not been heard of yet goes by its number. */
  #clockByName(): Record<string, number> {
    const { numbers } = this.#options.services
    return Object.fromEntries([...this.clock].map(([zone, count]) => [numbers.nameOf(zone) ?? `${zone}`, count]))
  }

  deadLetters(): IterableIterator<DeadLetter> {
    return this.#letters.all()
  }

  /** Ops wait for their receipts: the zone should stay. */
  get isWaiting(): boolean {
    return this.#outbox.ops > 0
  }

  // ── the clock ───────────────────────────────────────────────────────────────────────────────────

  /** All events that this zone knows of. */
  get clock(): VClock {
    return this.#mailbox.clock
  }

  /** An event that others may come to know of becomes part of the batch that is being sealed. */
  tick(): void {
    this.#mailbox.tick()
    this.#isClockChanged = true
  }

  /** What another zone knew when it sent something that is no op; false when that zone is not known yet. */
  observe(sender: ZoneId, clock: VClock): boolean {
    const { numbers } = this.#options.services
    this.#mailbox.update(numbers.membership)
    if (numbers.nameOf(sender) === undefined) {
      void numbers.refresh().catch(() => {})
      return false
    }
    this.#mailbox.observe(clock)
    return true
  }

  // ── sending ─────────────────────────────────────────────────────────────────────────────────────

  collect(address: ZoneAddress, op: string, args: unknown): void {
    const { zone, limits, services, authority, clock } = this.#options
    const to = authority.zoneOf(address)
    const known = typeof address === 'string' ? undefined : address
    const handler = this.#handlers.get(op)
    if (handler === undefined) throw rejection('unknown_op', `the world has no op "${op}"`)
    if (to === zone && known === undefined) {
      throw rejection('own_zone', `zone "${zone}" sends an op to itself; change its rows instead`)
    }
    if (!services.knows(to)) throw rejection('unknown_zone', `the world has no zone "${to}"`)
    const parsed = handler.parse(args)
    if (!parsed.ok) throw rejection('invalid_args', `op ${op}: ${parsed.problem}`)
    // As given, not as parsed: the receiver parses again, and a schema may transform.
    const body = encodeBody({ op, args, wantsRefusal: handler.hasRefused, address: known })
    if (body.length > limits.opSizeMax) {
      throw rejection('op_too_large', `op ${op} has ${body.length} bytes, the limit is ${limits.opSizeMax}`)
    }
    if (to === zone) {
      this.#own.collect(body)
      return
    }
    const link = this.#outbox.link(to)
    if (!this.#hasRoom(link, body.length)) {
      throw rejection('zone_congested', `too much is on its way to zone "${to}"; try again in a while`, 'later')
    }
    this.#push(link, body, clock.now())
  }

  rollback(): void {
    for (const { link, body } of this.#pending.splice(this.#kept)) this.#outbox.count(link, -1, -body.length)
    this.#own.rollback()
  }

  keep(): void {
    if (this.#pending.length > this.#kept) {
      if (this.#kept === 0) this.#options.request()
      this.#kept = this.#pending.length
    }
    if (this.#own.isEmpty) return
    const { zone, random } = this.#options
    this.#own.keep((body) => this.#apply(`own-${random.id()}`, zone, body))
  }

  #push(link: Link, body: Uint8Array, at: number): void {
    this.#pending.push({ link, at, body })
    this.#outbox.count(link, 1, body.length)
  }

  #hasRoom(link: Link, size: number): boolean {
    const { opsPerLinkMax, opBytesPerLinkMax, opsMax, opBytesMax, opShareOfInputs } = this.#options.limits
    const share = this.#isApplying ? 1 : opShareOfInputs
    return (
      link.ops + 1 <= opsPerLinkMax * share &&
      link.bytes + size <= opBytesPerLinkMax * share &&
      this.#outbox.ops + 1 <= opsMax * share &&
      this.#outbox.bytes + size <= opBytesMax * share
    )
  }

  // ── batches ─────────────────────────────────────────────────────────────────────────────────────

  /** Something waits to be sealed. */
  get hasWork(): boolean {
    return this.#kept > 0 || this.#isMailboxChanged
  }

  /** All destinations have numbers, so the batch can be sealed. */
  get isReady(): boolean {
    return this.#pending.every(({ link }) => this.#options.services.numbers.of(link.to) !== undefined)
  }

  /** Gets the numbers that are missing, however long it takes, then asks for a commit. */
  async resolve(): Promise<void> {
    if (this.#isResolving) return
    this.#isResolving = true
    const { services, timers, random, request, stalled, limits } = this.#options
    const watch = new StallWatch(timers, limits.stallAfterMs, 'register', stalled)
    this.#watch = watch
    for (let attempt = 0; !this.#isStopped && !this.isReady; attempt++) {
      try {
        for (const { link } of this.#pending) await services.numbers.register(link.to)
      } catch (cause) {
        watch.failed(cause)
        await sleep(
          timers,
          backoffMs(attempt, () => random.float()),
        )
      }
    }
    watch.end()
    this.#isResolving = false
    if (!this.#isStopped) request()
  }

  /** Stamps what was sent and brings the mailbox's row up to date: both become part of the batch. */
  seal(): void {
    const links = new Map<Link, number>()
    if (!this.hasWork && !this.#isClockChanged) {
      this.#sealed = { links, delivered: undefined, owed: new Set() }
      return
    }
    this.#prune()
    const pending = this.#pending
    this.#pending = []
    this.#kept = 0
    const bundles = bundlesOf(pending, this.#options.limits)
    this.#runner.write(() => {
      const letters = bundles.map(({ link, bodies }) => {
        const destination = this.#options.services.numbers.of(link.to)
        assert(destination !== undefined, `zone ${link.to} has no number`)
        const value = encodeBundle(bodies)
        return { destination, value, size: value.length }
      })
      for (const [place, op] of this.#mailbox.sendTogether(letters).entries()) {
        const { link, at, bodies, bytes } = bundles[place] as PendingBundle
        this.#outbox.insert(link, at, { ops: bodies.length, bytes }, op)
        links.set(link, op.number)
      }
      const table = this.#runner.systemTable(MAILBOX)
      const state = encodeMailbox(this.#mailbox)
      if (table.has(MAILBOX_KEY)) table.update(MAILBOX_KEY, { state })
      else table.insert({ id: MAILBOX_KEY, state })
    })
    this.counters.opsSent += pending.length
    const delivered = this.#isMailboxChanged ? this.#mailbox.delivered : undefined
    this.#sealed = { links, delivered, owed: this.#owed }
    this.#owed = new Set()
    this.#isMailboxChanged = false
    this.#isClockChanged = false
  }

  /** The sealed batch is durable: its ops leave, and what it applied is acknowledged. */
  committed(): void {
    const { services, number } = this.#options
    const { links, delivered, owed } = this.#sealed
    this.#sealed = NOTHING_SEALED
    if (delivered !== undefined) {
      this.#durablyDelivered = delivered
      services.board.report(number, delivered)
    }
    for (const zone of owed) this.#acknowledge(zone, false)
    for (const [link, last] of links) {
      link.durable = last
      this.#transmit(link)
    }
  }

  /** Sends what recovery found, once the zone owns its log. */
  start(): void {
    for (const link of this.#outbox.links) this.#transmit(link)
  }

  stop(): void {
    this.#isStopped = true
    this.#watch?.end()
    this.#retry?.cancel()
  }

  /** Lets stamps forget what others have delivered meanwhile. */
  #prune(): void {
    const { board } = this.#options.services
    for (const zone of this.#mailbox.awaited) this.#mailbox.report(zone, board.of(zone))
  }

  // ── the exchange ────────────────────────────────────────────────────────────────────────────────

  /** Hands over what may leave; how many ops that were. */
  #transmit(link: Link): number {
    const { clock, services, zone, limits } = this.#options
    const bundles = this.#outbox.take(link, clock.now())
    for (const ops of parcelsOf(bundles, limits.opParcelMax)) services.exchange.send({ from: zone, to: link.to, ops })
    if (link.isWaiting) this.#armRetry()
    return bundles.reduce((sum, bundle) => sum + opsIn(bundle), 0)
  }

  #armRetry(): void {
    if (this.#retry !== undefined || this.#isStopped) return
    const { timers, limits, clock } = this.#options
    this.#retry = timers.after(limits.opRetryMs, () => {
      this.#retry = undefined
      const now = clock.now()
      for (const link of this.#outbox.links) {
        if (this.#outbox.isOverdue(link, now)) {
          this.counters.opsResent += this.#transmit(link)
          this.#outbox.postpone(link, now)
        } else if (link.isWaiting) this.#armRetry()
      }
    })
  }

  acknowledged(receipt: OpReceipt): void {
    const { services, number, clock } = this.#options
    services.board.report(receipt.number, receipt.delivered)
    const link = this.#outbox.link(receipt.from)
    if (receipt.isOverflowing) link.window = Math.max(1, link.window >> 1)
    this.#runner.write(() => this.#outbox.acknowledge(link, receipt.delivered.get(number), clock.now()))
    this.#transmit(link)
  }

  #acknowledge(zone: string, isOverflowing: boolean): void {
    const { services, number, zone: from } = this.#options
    services.exchange.acknowledge({ from, number, to: zone, delivered: this.#durablyDelivered, isOverflowing })
  }

  // ── receiving ───────────────────────────────────────────────────────────────────────────────────

  receive({ from, ops }: OpParcel): void {
    const { numbers } = this.#options.services
    this.#mailbox.update(numbers.membership)
    let isRepetition = false
    for (const op of ops) {
      const offer = this.#mailbox.receive(op)
      if (offer.kind === 'delivered') for (const each of offer.ops) this.#deliver(each)
      else if (offer.kind === 'duplicate') {
        this.counters.opsDuplicate += opsIn(op)
        isRepetition ||= op.number <= this.#durablyDelivered.get(op.sender)
      } else if (offer.kind === 'refused') {
        if (offer.reason === 'overflow_entries' || offer.reason === 'overflow_bytes') {
          this.counters.opsOverflowed += opsIn(op)
          this.#acknowledge(from, true)
          return
        }
        // Its number was given after we last looked. The op comes again.
        if (offer.reason === 'unknown_sender') void numbers.refresh().catch(() => {})
        return
      }
    }
    // The receipt was lost. One that is owed anyway will do.
    if (isRepetition && !this.#owed.has(from)) this.#acknowledge(from, false)
  }

  #deliver(op: QueueOp<Uint8Array>): void {
    const sender = this.#options.services.numbers.nameOf(op.sender)
    assert(sender !== undefined, `zone ${op.sender} is a member and has no name`)
    if (!this.hasWork) this.#options.request()
    this.#isMailboxChanged = true
    this.#owed.add(sender)
    this.#isApplying = true
    try {
      for (const [place, bytes] of decodeBundle(op.value).entries()) {
        this.counters.opsDelivered++
        const body = decodeBody(bytes)
        const id = `${op.sender}-${op.number}-${place}`
        const from = body.origin ?? sender
        if (body.why === undefined) this.#apply(id, from, body)
        else this.#applyRefusal(id, from, body, body.why)
      }
    } finally {
      this.#isApplying = false
    }
  }

  /** Passes on what has come to us and is another zone's by now: that it was here and that it goes on are one batch. */
  #passOn(sender: string, body: OpBody, address: ZoneAddress): boolean {
    const { zone, authority, services, clock } = this.#options
    const to = authority.lookUp(address)
    if (to === undefined || to === zone || !services.knows(to)) return false
    // Beyond every limit, like what goes back: there are never more of these than of ops that came.
    this.#push(this.#outbox.link(to), encodeBody({ ...body, origin: sender }), clock.now())
    this.keep()
    return true
  }

  #apply(id: string, sender: string, body: OpBody): void {
    if (body.address !== undefined && this.#passOn(sender, body, body.address)) return
    const handler = this.#handlers.get(body.op)
    if (handler === undefined) {
      this.#refuse(id, sender, body, { code: 'unknown_op', message: `the world has no op "${body.op}"` })
      return
    }
    const parsed = handler.parse(body.args)
    if (!parsed.ok) {
      this.#refuse(id, sender, body, { code: 'invalid_args', message: parsed.problem })
      return
    }
    const outcome = this.#runner.run('', (tx) => handler.apply(tx, parsed.args), sender)
    if (outcome.kept) return
    if ('rejection' in outcome) this.#refuse(id, sender, body, outcome.rejection)
    else this.#bury(id, sender, body, { code: 'world_error', message: messageOf(outcome.failure) }, outcome.failure)
  }

  /** The sender is told by an op back, beyond every limit: there are never more of these than of ops that came. */
  #refuse(id: string, sender: string, body: OpBody, why: OpRefusal): void {
    this.counters.opsRefused++
    if (!body.wantsRefusal) {
      this.#bury(id, sender, body, why)
      return
    }
    if (sender === this.#options.zone) {
      // It was passed on, and has come home.
      this.#applyRefusal(id, sender, body, why)
      return
    }
    const back = encodeBody({ op: body.op, args: body.args, wantsRefusal: false, why })
    this.#push(this.#outbox.link(sender), back, this.#options.clock.now())
    this.keep()
  }

  #applyRefusal(id: string, sender: string, body: OpBody, why: OpRefusal): void {
    const handler = this.#handlers.get(body.op)
    const parsed = handler?.parse(body.args)
    if (handler === undefined || parsed?.ok !== true) {
      this.#bury(id, sender, body, why)
      return
    }
    const at = handler.refusedAt(parsed.args)
    if (at !== undefined && this.#passOn(sender, { ...body, why }, at)) return
    const outcome = this.#runner.run('', (tx) => handler.refused(tx, parsed.args, why), sender)
    if (outcome.kept) return
    const cause = 'rejection' in outcome ? outcome.rejection.message : messageOf(outcome.failure)
    const message = `${why.code}: ${why.message}; and what should make good for it failed: ${cause}`
    this.#bury(
      id,
      sender,
      body,
      { code: 'refusal_failed', message },
      'failure' in outcome ? outcome.failure : undefined,
    )
  }

  #bury(id: string, sender: string, body: OpBody, why: OpRefusal, cause?: unknown): void {
    this.counters.opsDead++
    this.#runner.write(() => this.#letters.add(id, sender, body, why, cause))
  }
}

/** Key of the one row. */
const MAILBOX_KEY = 1
