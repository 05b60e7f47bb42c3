// Ops between the zones of several processes.
//
// The bus is the quick way, and may lose, repeat and reorder: zones send again what no receipt covers. The sure way is
// the database. A sweep looks there for what others have in their outboxes for zones of this process, and for what
// others have delivered of ours. So with the bus entirely down ops arrive still, only later: by the lag of two
// checkpoints and two sweeps.
import type { ZoneId } from '@terrane/causality'
import { type Clock, messageOf, type Timer, type Timers } from '@terrane/core'
import {
  LocalExchange,
  type OpEndpoint,
  type OpExchange,
  type OpParcel,
  type OpReceipt,
  type Store,
  storedDelivered,
  storedOps,
  type ZoneNote,
} from '@terrane/engine'
import type { Bus, BusSubscription } from './bus.js'
import { decodeFrame, encodeFrame, framesOf, type OpFrame } from './op-frames.js'
import { token } from './subjects.js'
import type { ZoneLocator } from './zone-locator.js'

export interface BusExchangeOptions {
  readonly endpoint: OpEndpoint
  readonly bus: Bus
  readonly locator: ZoneLocator
  readonly store: Store
  readonly clock: Clock
  readonly timers: Timers
  /** This process, as its leases name it. */
  readonly owner: string
  /** Begin of all subjects: processes of one world and database have the same, others another one. */
  readonly prefix: string
  /** Between sweeps through the database while the bus is down, ms; default 1,000. */
  readonly sweepMs?: number
  /** Between sweeps while the bus is there, ms; default 10,000. */
  readonly slowSweepMs?: number
  /** Hears of frames that cannot be read and sweeps that failed. */
  readonly onProblem?: (problem: string) => void
}

export interface BusExchangeCounters {
  /** Frames handed to the bus, and those that it dropped. */
  framesOut: number
  framesDropped: number
  framesIn: number
  /** Parcels and receipts that were found in the database. */
  swept: number
}

const SWEEP_MS = 1_000
const SLOW_SWEEP_MS = 10_000

/** The newest bundle that a zone of ours has sent to a zone elsewhere. */
interface Awaited {
  readonly sender: ZoneId
  number: number
}

export class BusExchange implements OpExchange {
  readonly counters: BusExchangeCounters = { framesOut: 0, framesDropped: 0, framesIn: 0, swept: 0 }
  readonly #options: BusExchangeOptions
  readonly #local: LocalExchange
  readonly #subscription: BusSubscription
  /** Zones elsewhere that owe receipts, and to which zones of ours. */
  readonly #awaited = new Map<string, Map<string, Awaited>>()
  #sweepTimer: Timer | undefined
  #isStopped = false

  constructor(options: BusExchangeOptions) {
    this.#options = options
    this.#local = new LocalExchange(options.endpoint, options.timers)
    this.#subscription = options.bus.subscribe(this.#subject(options.owner), (bytes) => this.#take(bytes))
    this.#armSweep()
  }

  send(parcel: OpParcel): void {
    if (this.#options.endpoint.has(parcel.to)) {
      this.#local.send(parcel)
      return
    }
    this.#await(parcel)
    void this.#route(
      parcel.to,
      (owner) => {
        for (const part of framesOf(parcel)) {
          this.#publish(owner, { type: 'parcel', node: this.#options.owner, parcel: part })
        }
        // Nobody has it, or whoever had it may be gone: this process tries to open it.
      },
      () => this.#local.send(parcel),
    )
  }

  acknowledge(receipt: OpReceipt): void {
    if (this.#options.endpoint.has(receipt.to)) this.#local.acknowledge(receipt)
    else
      void this.#route(
        receipt.to,
        (owner) => this.#publish(owner, { type: 'receipt', receipt }),
        () => {},
      )
  }

  /** Only to where the zone was known to be: a note is not worth a look into the database, and ops look there soon. */
  tell(note: ZoneNote): void {
    const { endpoint, locator, owner } = this.#options
    if (endpoint.has(note.to)) {
      this.#local.tell(note)
      return
    }
    const holder = locator.known(note.to)
    if (holder === undefined) void locator.find(note.to).catch(() => {})
    else if (holder.owner !== owner) this.#publish(holder.owner, { type: 'note', note })
  }

  stop(): void {
    this.#isStopped = true
    this.#subscription.cancel()
    this.#sweepTimer?.cancel()
    this.#local.stop()
  }

  async #route(zone: string, there: (owner: string) => void, here: () => void): Promise<void> {
    const { locator, owner, endpoint } = this.#options
    try {
      const holder = locator.known(zone) ?? (await locator.find(zone))
      if (this.#isStopped) return
      const isElsewhere = holder !== undefined && holder.owner !== owner
      if (isElsewhere) there(holder.owner)
      // Two ways to one zone do no harm: it knows what it has had.
      if (!isElsewhere || holder.isLate || endpoint.has(zone)) here()
    } catch {
      // The database does not answer. What was to be sent is sent again.
    }
  }

  #publish(owner: string, frame: OpFrame): void {
    const isSent = this.#options.bus.publish(this.#subject(owner), encodeFrame(frame))
    if (isSent) this.counters.framesOut++
    else this.counters.framesDropped++
  }

  #subject(owner: string): string {
    return `${this.#options.prefix}.ops.${token(owner)}`
  }

  #take(bytes: Uint8Array): void {
    if (this.#isStopped) return
    this.counters.framesIn++
    let frame: OpFrame | undefined
    try {
      frame = decodeFrame(bytes)
    } catch (error) {
      this.#problem(`a message of another process is not usable: ${messageOf(error)}`)
    }
    if (frame === undefined) return
    if (frame.type === 'absent') this.#options.locator.forget(frame.zone)
    else if (frame.type === 'receipt') this.#acknowledged(frame.receipt)
    else if (frame.type === 'note') this.#told(frame.note)
    else this.#received(frame.parcel, frame.node)
  }

  #received(parcel: OpParcel, node: string): void {
    const { endpoint } = this.#options
    if (!endpoint.has(parcel.to)) this.#publish(node, { type: 'absent', zone: parcel.to })
    // Also when it is not here: it may be that nobody has it now, and this process can open it.
    endpoint.receive(parcel)
  }

  #acknowledged(receipt: OpReceipt): void {
    const { endpoint } = this.#options
    const waiting = this.#awaited.get(receipt.from)
    const awaited = waiting?.get(receipt.to)
    if (awaited !== undefined && receipt.delivered.get(awaited.sender) >= awaited.number) {
      waiting?.delete(receipt.to)
      if (waiting?.size === 0) this.#awaited.delete(receipt.from)
    }
    if (endpoint.has(receipt.to)) endpoint.acknowledged(receipt)
  }

  #told(note: ZoneNote): void {
    if (this.#options.endpoint.has(note.to)) this.#options.endpoint.told(note)
  }

  #await({ from, to, ops }: OpParcel): void {
    const last = ops.at(-1)
    if (last === undefined) return
    const waiting = this.#awaited.get(to) ?? new Map<string, Awaited>()
    this.#awaited.set(to, waiting)
    const awaited = waiting.get(from)
    if (awaited === undefined) waiting.set(from, { sender: last.sender, number: last.number })
    else awaited.number = Math.max(awaited.number, last.number)
  }

  // ── the way through the database ────────────────────────────────────────────────────────────────

  #armSweep(): void {
    if (this.#isStopped) return
    const { timers, bus, clock, sweepMs = SWEEP_MS, slowSweepMs = SLOW_SWEEP_MS } = this.#options
    const dueAt = clock.now() + slowSweepMs
    const beat = () => {
      if (bus.isConnected && clock.now() < dueAt) this.#sweepTimer = timers.after(sweepMs, beat)
      else void this.#sweep().then(() => this.#armSweep())
    }
    this.#sweepTimer = timers.after(sweepMs, beat)
  }

  async #sweep(): Promise<void> {
    try {
      await this.#sweepReceipts()
      await this.#sweepOps()
    } catch (error) {
      this.#problem(`looking for ops in the database failed: ${messageOf(error)}`)
    }
  }

  async #sweepReceipts(): Promise<void> {
    const { store, endpoint } = this.#options
    for (const [from, waiting] of [...this.#awaited]) {
      for (const zone of waiting.keys()) if (!endpoint.has(zone)) waiting.delete(zone)
      if (waiting.size === 0) this.#awaited.delete(from)
      if (waiting.size === 0 || endpoint.has(from)) continue
      const number = await store.zones.register(from)
      const delivered = await storedDelivered(store.checkpoints, from)
      if (this.#isStopped) return
      for (const to of [...waiting.keys()]) {
        this.counters.swept++
        this.#acknowledged({ from, number, to, delivered, isOverflowing: false })
      }
    }
  }

  async #sweepOps(): Promise<void> {
    const { store, endpoint } = this.#options
    for (const zone of await store.zones.unsettled()) {
      if (endpoint.has(zone)) continue
      const parcels = await storedOps(store.checkpoints, zone)
      if (this.#isStopped) return
      for (const parcel of parcels) {
        if (!endpoint.has(parcel.to)) continue
        this.counters.swept++
        endpoint.receive(parcel)
      }
    }
  }

  #problem(problem: string): void {
    if (!this.#isStopped) this.#options.onProblem?.(problem)
  }
}
