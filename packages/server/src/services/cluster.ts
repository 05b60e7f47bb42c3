import { type Bus, BusExchange, connectNats, ProcessCalls, token, ZoneLocator } from '@terrane/bus'
import { assert, systemClock, systemTimers } from '@terrane/core'
import type { AnyWorld, OpEndpoint, OpExchange, Store } from '@terrane/engine'
import type { RelayLink } from '@terrane/gateway'
import type { ClusterStats, ZoneHolderStats } from '@terrane/protocol'
import { CommandFailure } from '../process/failure.js'
import type { Logger } from '../process/log.js'
import type { Service } from '../process/service.js'
import { answerZoneCalls } from '../zones/zone-calls.js'
import type { ZoneWork } from '../zones/zone-work.js'

export interface ClusterOptions {
  readonly world: AnyWorld
  /** NATS servers. */
  readonly servers: readonly string[]
  readonly store: () => Store
  /** This process, as its leases name it. */
  readonly owner: string
  /** How long a process that has gone silent keeps its zones. */
  readonly leaseMs: number
  /** What other processes may ask of this one's zones. */
  readonly zones: ZoneWork
  readonly log: Logger
}

/** What this process has in common with the others of its world: the bus, and who holds which zone. */
export class ClusterService implements Service {
  readonly doing = 'connecting to the message bus'
  readonly failing = 'the message bus cannot be used'
  readonly #options: ClusterOptions
  #bus: Bus | undefined
  #locator: ZoneLocator | undefined
  #calls: ProcessCalls | undefined
  /** As of the last time that somebody asked. */
  #holders: readonly ZoneHolderStats[] = []

  constructor(options: ClusterOptions) {
    this.#options = options
  }

  async run(): Promise<void> {
    const { servers, world, owner, store, log } = this.#options
    try {
      this.#bus = await connectNats({
        servers,
        name: `terrane ${world.name} ${owner}`,
        onConnection: (isConnected) => {
          if (isConnected) log.info('the message bus is there again')
          else log.warn('the message bus is away: ops go through the database, clients of zones elsewhere wait')
        },
      })
    } catch (cause) {
      throw new CommandFailure('bus_unreachable', {
        what: 'the message bus cannot be reached',
        why: cause instanceof Error ? cause.message : String(cause),
        next: 'start nats-server there, or correct --bus (TERRANE_BUS_URL)',
        cause,
      })
    }
    this.#locator = new ZoneLocator({
      directory: store().zones,
      clock: systemClock,
      freshMs: this.#options.leaseMs / 4,
    })
    this.#calls = new ProcessCalls({
      bus: this.#bus,
      owner,
      prefix: this.#prefix,
      clock: systemClock,
      onProblem: (problem) => log.warn(problem),
    })
    answerZoneCalls(this.#calls, this.#options.zones)
  }

  get bus(): Bus {
    assert(this.#bus !== undefined, 'the bus is not connected yet')
    return this.#bus
  }

  get calls(): ProcessCalls {
    assert(this.#calls !== undefined, 'the bus is not connected yet')
    return this.#calls
  }

  /** This process, as its leases name it. */
  get self(): string {
    return this.#options.owner
  }

  /** The living process that has a zone, be it this one. Rejects as the store does. */
  async ownerOf(zone: string): Promise<string | undefined> {
    const holder = await this.#zones.find(zone)
    return holder === undefined || holder.isLate ? undefined : holder.owner
  }

  /** The other living processes that have zones. Rejects as the store does. */
  async otherOwners(): Promise<readonly string[]> {
    const living = (await this.#zones.all()).filter(({ isLate }) => !isLate).map(({ owner }) => owner)
    return [...new Set(living)].filter((owner) => owner !== this.self)
  }

  /** The zone was not where it should be. */
  forget(zone: string): void {
    this.#zones.forget(zone)
  }

  /** The zone, as far as is known without asking, is another living process's. */
  isElsewhere(zone: string): boolean {
    const holder = this.#locator?.known(zone)
    return holder !== undefined && !holder.isLate && holder.owner !== this.#options.owner
  }

  /** All zones that some process holds, at most two seconds old. Rejects as the store does. */
  async holders(): Promise<readonly ZoneHolderStats[]> {
    const holders = await this.#zones.all()
    this.#holders = holders.map(({ zone, owner, epoch, isLate }) => ({
      zone,
      owner,
      epoch,
      isLate,
      isOwn: owner === this.#options.owner,
    }))
    return this.#holders
  }

  /** Without waiting: who holds what is as old as the last time that somebody asked. */
  stats(): Omit<ClusterStats, 'followed'> {
    // When the database does not answer, what was known is told on.
    this.holders().catch(() => {})
    const { isConnected, statistics } = this.bus
    return { isBusUp: isConnected, dropped: statistics.dropped, holders: this.#holders }
  }

  exchange(endpoint: OpEndpoint): OpExchange {
    const { owner, store, log } = this.#options
    return new BusExchange({
      endpoint,
      bus: this.bus,
      locator: this.#zones,
      store: store(),
      clock: systemClock,
      timers: systemTimers,
      owner,
      prefix: this.#prefix,
      onProblem: (problem) => log.warn(problem),
    })
  }

  link(): RelayLink {
    const { owner } = this.#options
    const subjectOf = (node: string) => `${this.#prefix}.relay.${token(node)}`
    return {
      self: owner,
      send: (node, bytes) => this.bus.publish(subjectOf(node), bytes),
      listen: (handler) => void this.bus.subscribe(subjectOf(owner), handler),
      holderOf: (zone) => this.ownerOf(zone),
      forget: (zone) => this.forget(zone),
    }
  }

  async stop(): Promise<void> {
    this.#calls?.stop()
    await this.#bus?.close()
  }

  get #zones(): ZoneLocator {
    assert(this.#locator !== undefined, 'the bus is not connected yet')
    return this.#locator
  }

  get #prefix(): string {
    return `terrane.${token(this.#options.world.name)}`
  }
}
