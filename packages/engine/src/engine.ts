import {
  backoffMs,
  type Clock,
  type Histogram,
  Prng,
  sleep,
  TerraneError,
  type Timer,
  type Timers,
} from '@terrane/core'
import { DEFAULT_LIMITS, type EngineLimits } from './limits.js'
import { DeliveryBoard } from './ops/delivery-board.js'
import { LocalExchange } from './ops/local-exchange.js'
import { ZoneNumbers } from './ops/zone-numbers.js'
import type { OpServices } from './ops/zone-ops.js'
import type { OpEndpoint, OpExchange, OpParcel, OpReceipt } from './ports/op-exchange.js'
import { type Store, TransientStoreError, type ZoneClaim, type ZoneRecord } from './ports/store.js'
import type { AnyWorld } from './world/define-world.js'
import { CheckpointPace } from './zone/checkpoint-pace.js'
import { type CommitCounters, Committer } from './zone/committer.js'
import type { Report, ZoneEnd } from './zone/events.js'
import { readFigures, type ZoneFigure } from './zone/figures.js'
import { TickTimes } from './zone/tick-times.js'
import { Zone, type ZoneStatus } from './zone/zone.js'
import { type ZoneCounters, zeroCounters } from './zone/zone-counters.js'
import { type FollowedZone, ZoneFollowers } from './zone/zone-followers.js'
import { CurrentMap } from './zones/current-map.js'
import { zoneNumberIn } from './zones/zone-layout.js'
import type { MapRange, ZoneMap } from './zones/zone-map.js'
import { type Reshaped, ZoneReshaper } from './zones/zone-reshaper.js'

export interface EngineOptions {
  readonly world: AnyWorld
  readonly store: Store
  readonly clock: Clock
  readonly timers: Timers
  /** For measuring how long ticks take, ms since any moment; default: the clock, which has whole milliseconds. */
  readonly stopwatch?: () => number
  /** Seeds ids and `tx.random()`. Give a different one to every process, or ids collide. */
  readonly seed: string
  /** Names this process in the zones' leases. */
  readonly owner: string
  /** Whether the process behind a lease is known to be dead, so that its zones may be taken at once. */
  readonly isOwnerDead?: (owner: string) => boolean
  readonly limits?: Partial<EngineLimits>
  readonly report?: Report
  /** Carries ops between zones; default: within this process. */
  readonly exchange?: (endpoint: OpEndpoint) => OpExchange
  /** Other processes serve this world from the same store. Default: all standing zones must be this process's. */
  readonly shared?: SharedZones
  /** Whether to keep warm copies of the zones that other processes own, to open them sooner when they come here. */
  readonly follows?: boolean
}

/**
 * What this process does about zones that any of several could have: it leaves those that others hold, and looks three
 * times per lease for ones whose holder is gone. So a zone is without an owner for one and a third lease at most, and
 * less when `isOwnerDead` knows.
 */
export interface SharedZones {
  /**
   * Standing zones to open at the start; default: all that are free. Others are taken over when whoever had them has
   * let go of them.
   */
  readonly prefers?: readonly string[] | undefined
}

export interface EngineStats extends ZoneCounters {
  readonly commits: CommitCounters
}

/** How often the logs of zones elsewhere are read: what is missing at the end of a lease is this part of it. */
const FOLLOWS_PER_LEASE = 4

/** How often an opening that met a passing failure is tried again. */
const OPEN_ATTEMPTS_MAX = 8

/** The zones of one process: opens them on demand, commits for all of them, puts idle ones away. */
export class Engine {
  readonly world: AnyWorld
  readonly limits: EngineLimits
  readonly #options: EngineOptions
  readonly #random: Prng
  readonly #committer: Committer
  readonly #pace: CheckpointPace
  readonly #report: Report
  readonly #ops: OpServices
  readonly #map: CurrentMap
  readonly #reshaper: ZoneReshaper
  readonly #tickTimes: TickTimes
  readonly #zones = new Map<string, Zone>()
  readonly #opening = new Map<string, Promise<Zone>>()
  /** Counts of zones that have closed, so that totals never go back. */
  readonly #past: ZoneCounters = zeroCounters()
  readonly #releases = new Set<Promise<void>>()
  /** Zones that another process is to take, and until when they are not opened here, ms since the epoch. */
  readonly #yielded = new Map<string, number>()
  #followers: ZoneFollowers | undefined
  #timers: Timer[] = []
  #state: 'new' | 'running' | 'draining' | 'stopped' = 'new'

  constructor(options: EngineOptions) {
    this.#options = options
    this.world = options.world
    this.limits = { ...DEFAULT_LIMITS, ...options.limits }
    this.#map = new CurrentMap(options.world.layout, options.store.map)
    this.#random = new Prng(options.seed)
    this.#report = options.report ?? (() => {})
    this.#tickTimes = new TickTimes(options.stopwatch ?? (() => options.clock.now()))
    this.#pace = new CheckpointPace(this.limits.checkpointShareMax)
    this.#committer = new Committer({
      log: options.store.log,
      clock: options.clock,
      timers: options.timers,
      random: this.#random.fork('committer'),
      stallAfterMs: this.limits.stallAfterMs,
    })
    const endpoint: OpEndpoint = {
      has: (zone) => this.#zones.has(zone),
      receive: (parcel) => this.#receive(parcel),
      acknowledged: (receipt) => this.#acknowledged(receipt),
      told: (note) => this.#zones.get(note.to)?.told(note),
    }
    this.#ops = {
      exchange: options.exchange?.(endpoint) ?? new LocalExchange(endpoint, options.timers),
      numbers: new ZoneNumbers(options.store.zones),
      board: new DeliveryBoard(),
      knows: (id) => this.#knows(id),
    }
    this.#reshaper = new ZoneReshaper({
      layout: options.world.layout,
      map: this.#map,
      store: options.store,
      timers: options.timers,
      random: this.#random.fork('reshaper'),
      open: (id, isForRows) => this.#opened(id, isForRows),
      names: async () => {
        await this.#ops.numbers.refresh()
        return this.#ops.numbers.names
      },
    })
  }

  /** Opens the world's standing zones, then those that an end of their process has interrupted. Rejects `zone_held` when another process has one, unless they are shared. */
  async start(): Promise<void> {
    this.#state = 'running'
    this.#repeat(this.limits.leaseMs / 3, () => this.#renewLeases())
    this.#repeat(Math.min(10_000, this.limits.idleMs), () => this.#housekeep())
    if (this.#options.follows === true) this.#followers = this.#follow()
    if (this.#map.isUsed) await this.#loadMap()
    // So that ops need not wait for numbers. Whatever fails is asked again when it is needed.
    await this.#ops.numbers.refresh().catch(() => {})
    for (const id of this.standing) await this.#ops.numbers.register(id).catch(() => {})
    const { shared } = this.#options
    if (shared !== undefined) {
      for (const id of shared.prefers ?? this.standing) await this.#openUnlessHeld(id)
      this.#repeat(this.limits.leaseMs / 3, () => this.#adopt(shared))
      return
    }
    for (const id of this.standing) await this.zone(id)
    void this.#openUnsettled()
  }

  /** The zone of this id, opened when it is not. Rejects `unknown_topic` for ids that the world does not know. */
  zone(id: string): Promise<Zone> {
    return this.#zones.has(id) || this.#knows(id) ? this.#opened(id, false) : this.#discover(id)
  }

  /** Another process may have split a zone since we last looked. */
  async #discover(id: string): Promise<Zone> {
    if (this.#isMapName(id)) {
      await this.#map.refresh()
      await this.#ops.numbers.refresh()
      if (this.#knows(id)) return this.#opened(id, false)
    }
    throw new TerraneError('unknown_topic', `the world ${this.world.name} has no zone "${id}"`)
  }

  #opened(id: string, isForRows: boolean): Promise<Zone> {
    const open = this.#zones.get(id)
    if (open !== undefined) return Promise.resolve(open)
    const opening = this.#opening.get(id)
    if (opening !== undefined) return opening
    if (this.#isYielded(id)) return Promise.reject(onItsWay(id))
    if (this.#state !== 'running') {
      return Promise.reject(new TerraneError('draining', 'the server is going down', { retry: 'later' }))
    }
    const promise = this.#open(id, isForRows).finally(() => this.#opening.delete(id))
    this.#opening.set(id, promise)
    return promise
  }

  /**
   * Lets another process take a zone: makes it durable, lets go of it, and does not open it again for the time of a
   * lease. Clients of the zone are sent away for a moment. Does nothing when it is not open here.
   */
  async yieldZone(id: string): Promise<void> {
    await this.#reshaper.rest()
    const zone = this.#zones.get(id)
    if (zone === undefined) return
    this.#yielded.set(id, this.#options.clock.now() + this.limits.leaseMs)
    await zone.drain()
    await Promise.allSettled(this.#releases)
  }

  /** Opens a zone that nobody has, also when it was let go of just now. Rejects as `zone` does. */
  takeZone(id: string): Promise<Zone> {
    this.#yielded.delete(id)
    return this.zone(id)
  }

  /** Which zone has authority over which codes, as far as this process knows. Version 0 when all zones go by name. */
  get zoneMap(): ZoneMap {
    return this.#map.value
  }

  /** The newest map, whoever has changed it. Rejects as the store does. */
  async refreshZoneMap(): Promise<ZoneMap> {
    await this.#map.refresh()
    return this.#map.value
  }

  /**
   * Gives half of a zone's rows, or those from `code` on, to a new zone; clients of the zone are sent away for a moment.
   * Only zones in the map can be split: pieces of space, and players' zones. Rejects `invalid_codes`, `not_in_map`,
   * `not_the_authority`, `split_at_edge`, and `zone_held` when another process has the zone.
   */
  splitZone(zone: string, code?: number): Promise<Reshaped> {
    return this.#reshaper.split(zone, code)
  }

  /**
   * Gives all that a zone has authority over to a neighbour. Rejects `not_in_map`, `not_neighbours`, `zone_held`,
   * `rows_collide`.
   */
  mergeZones(zone: string, into: string): Promise<Reshaped> {
    return this.#reshaper.merge(zone, into)
  }

  /**
   * Gives codes of one zone, with their rows, to another. Rejects `invalid_codes`, `not_in_map`, `own_codes`,
   * `not_one_range`, `zone_held`, `rows_collide`.
   */
  moveCodes(range: Omit<MapRange, 'zone'>, into: string): Promise<Reshaped> {
    return this.#reshaper.move(range, into)
  }

  /** The same for a player who joins it: does not found a zone that only commands and ops may found. */
  async visit(id: string): Promise<Zone> {
    if (!this.#zones.has(id) && this.world.founds?.(id) === false && !(await this.#exists(id))) {
      throw new TerraneError('unknown_topic', `the zone "${id}" has not been founded yet`)
    }
    return this.zone(id)
  }

  statuses(): ZoneStatus[] {
    return Array.from(this.#zones.values(), (zone) => zone.status())
  }

  /** The zone, if it is open in this process. */
  opened(id: string): Zone | undefined {
    return this.#zones.get(id)
  }

  /** Warm copies of zones that other processes own. */
  followed(): FollowedZone[] {
    return this.#followers?.statuses() ?? []
  }

  /** Zones that are open now. */
  zones(): readonly Zone[] {
    return [...this.#zones.values()]
  }

  stats(): EngineStats {
    const sum = { ...this.#past }
    for (const zone of this.#zones.values()) addCounters(sum, zone.counters)
    return { ...sum, commits: this.#committer.counters }
  }

  /** How long the world's ticks took since the start, by name. */
  get tickMs(): ReadonlyMap<string, Histogram> {
    return this.#tickTimes.byTick
  }

  /** The world's figures in all zones that are open. */
  figures(): ZoneFigure[] {
    return this.zones().flatMap((zone) => readFigures(this.world, zone.id, zone.tables, this.#report))
  }

  checkInvariants(): { readonly zone: string; readonly invariant: string; readonly problem: string }[] {
    return this.zones().flatMap((zone) => zone.checkInvariants().map((found) => ({ zone: zone.id, ...found })))
  }

  /** Takes no more inputs, makes everything durable, brings the tables up to date, gives the zones back. */
  async drain(): Promise<void> {
    if (this.#state !== 'running') return
    this.#state = 'draining'
    this.#followers?.stop()
    await Promise.allSettled(this.#opening.values())
    await this.#reshaper.rest()
    await Promise.all(this.zones().map((zone) => zone.drain()))
    await Promise.allSettled(this.#releases)
    for (const timer of this.#timers) timer.cancel()
    this.#ops.exchange.stop()
    this.#state = 'stopped'
  }

  /** Lets go at once, as a crash would. */
  stop(): void {
    this.#state = 'stopped'
    for (const timer of this.#timers) timer.cancel()
    this.#followers?.stop()
    this.#ops.exchange.stop()
    this.#committer.stop()
    for (const zone of this.zones()) zone.stop()
  }

  #follow(): ZoneFollowers {
    const { store, clock, timers, owner } = this.#options
    return new ZoneFollowers({
      world: this.world,
      store,
      clock,
      timers,
      owner,
      random: this.#random.fork('followers'),
      report: this.#report,
      everyMs: this.limits.leaseMs / FOLLOWS_PER_LEASE,
      zonesMax: this.limits.followedMax,
      mayFollow: (id) => this.#knows(id) && !this.#zones.has(id),
    })
  }

  async #loadMap(): Promise<void> {
    const { timers } = this.#options
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#map.load()
      } catch (cause) {
        if (!(cause instanceof TransientStoreError) || attempt + 1 >= OPEN_ATTEMPTS_MAX) throw cause
        await sleep(
          timers,
          backoffMs(attempt, () => this.#random.float()),
        )
      }
    }
  }

  /** The zones that stay loaded. */
  get standing(): readonly string[] {
    const { named, space, personaStays } = this.world.layout
    const { value: map } = this.#map
    return [
      ...named,
      ...(space === undefined ? [] : map.zones('spatial')),
      ...(personaStays ? map.zones('persona') : []),
    ]
  }

  /** Opens zones that have work or stand, and that nobody holds any more. */
  async #adopt({ prefers }: SharedZones): Promise<void> {
    const { store, isOwnerDead } = this.#options
    try {
      const records = new Map((await store.zones.list()).map((record) => [record.zone, record]))
      const standing = this.standing.filter(
        (id) => prefers === undefined || prefers.includes(id) || (records.get(id)?.epoch ?? 0) > 0,
      )
      const wanted = new Set([...standing, ...(await store.zones.unsettled())])
      for (const id of wanted) {
        const { owner, leaseLeftMs = 0 } = records.get(id) ?? {}
        // The claim decides; this only spares the database claims that cannot succeed.
        const isFree = owner === undefined || leaseLeftMs <= 0 || isOwnerDead?.(owner) === true
        if (isFree && this.#state === 'running' && this.#knows(id)) await this.#openUnlessHeld(id)
      }
      await this.#letRest([...records.values()].filter(({ zone }) => !wanted.has(zone)))
    } catch (cause) {
      this.#report({ type: 'unsettled_zones', cause })
    }
  }

  /** Zones that nobody needs until somebody asks: those whose process has long been gone are nobody's. */
  async #letRest(records: readonly ZoneRecord[]): Promise<void> {
    for (const { zone, owner, leaseLeftMs } of records) {
      if (owner === undefined || owner === this.#options.owner || leaseLeftMs > -this.limits.leaseMs) continue
      await this.#options.store.zones.release(zone, owner)
    }
  }

  /** Zones whose ops may wait, or whose log is ahead of the tables, though nobody asks for them. */
  async #openUnsettled(): Promise<void> {
    try {
      for (const id of await this.#options.store.zones.unsettled()) {
        if (this.#state === 'running' && this.#knows(id)) await this.#openUnlessHeld(id)
      }
    } catch (cause) {
      this.#openUnsettledLater(cause)
    }
  }

  #openUnsettledLater(cause: unknown): void {
    if (this.#state !== 'running') return
    this.#report({ type: 'unsettled_zones', cause })
    this.#options.timers.after(this.limits.leaseMs, () => void this.#openUnsettled())
  }

  /** What another process holds is that one's to settle. */
  async #openUnlessHeld(id: string): Promise<void> {
    try {
      await this.zone(id)
    } catch (cause) {
      if (!(cause instanceof TerraneError && cause.code === 'zone_held')) throw cause
    }
  }

  /** Brings ops to their zone, which is opened when it is not here. Ops that cannot be brought are sent again. */
  #receive(parcel: OpParcel): void {
    const zone = this.#zones.get(parcel.to)
    if (zone !== undefined) zone.receive(parcel)
    else if (this.#state === 'running') {
      this.zone(parcel.to).then(
        (opened) => opened.receive(parcel),
        () => {},
      )
    }
  }

  #acknowledged(receipt: OpReceipt): void {
    this.#zones.get(receipt.to)?.acknowledged(receipt)
  }

  /** Whether it has been opened before, by whatever process. */
  async #exists(id: string): Promise<boolean> {
    const { numbers } = this.#ops
    if (this.standing.includes(id) || numbers.of(id) !== undefined) return true
    await numbers.refresh()
    return numbers.of(id) !== undefined
  }

  #knows(id: string): boolean {
    return this.standing.includes(id) || this.#isMapped(id) || this.world.opens?.(id) === true
  }

  /** It is in the map, or has been: ops that come late must be passed on. */
  #isMapped(id: string): boolean {
    return this.#map.value.has(id) || (this.#isMapName(id) && this.#ops.numbers.of(id) !== undefined)
  }

  #isMapName(id: string): boolean {
    return this.world.layout.authorities.some((authority) => zoneNumberIn(authority, id) !== undefined)
  }

  async #open(id: string, isForRows: boolean): Promise<Zone> {
    const { timers } = this.#options
    for (let attempt = 0; ; attempt++) {
      try {
        const claim = await this.#claim(id)
        const memory = await this.#followers?.take(id)
        await this.#ops.numbers.register(id)
        const zone = await Zone.open(
          {
            id,
            world: this.world,
            store: this.#options.store,
            committer: this.#committer,
            pace: this.#pace,
            clock: this.#options.clock,
            timers,
            random: this.#random.fork(id),
            limits: this.limits,
            report: this.#report,
            ops: this.#ops,
            map: this.#map,
            tickTimes: this.#tickTimes,
            isForRows,
            closed: (closed, why) => this.#closed(closed, why),
          },
          claim,
          memory,
        )
        if (this.#state === 'stopped') {
          zone.stop()
          throw new TerraneError('draining', 'the server is going down', { retry: 'later' })
        }
        this.#zones.set(id, zone)
        return zone
      } catch (cause) {
        const passing =
          cause instanceof TransientStoreError || (cause instanceof TerraneError && cause.code === 'zone_busy')
        if (!passing || attempt + 1 >= OPEN_ATTEMPTS_MAX || this.#state !== 'running') throw cause
        await sleep(
          timers,
          backoffMs(attempt, () => this.#random.float()),
        )
      }
    }
  }

  #isYielded(id: string): boolean {
    const until = this.#yielded.get(id)
    if (until === undefined) return false
    if (this.#options.clock.now() < until) return true
    this.#yielded.delete(id)
    return false
  }

  async #claim(id: string): Promise<ZoneClaim> {
    const { store, owner, isOwnerDead } = this.#options
    let answer = await store.zones.claim(id, owner, this.limits.leaseMs)
    if (!answer.claimed && isOwnerDead?.(answer.owner) === true) {
      await store.zones.release(id, answer.owner)
      answer = await store.zones.claim(id, owner, this.limits.leaseMs)
    }
    if (answer.claimed) return answer
    throw new TerraneError('zone_held', `zone ${id} is held by ${answer.owner}`, {
      retry: 'later',
      hint: `Stop that process, or wait until its lease ends at ${new Date(answer.leaseUntil).toISOString()}.`,
    })
  }

  #closed(zone: Zone, why: ZoneEnd): void {
    this.#zones.delete(zone.id)
    addCounters(this.#past, zone.counters)
    if (why === 'drained' || why === 'idle' || why === 'failed') {
      const release = this.#options.store.zones
        .release(zone.id, this.#options.owner)
        .catch((cause) => this.#report({ type: 'lease_failed', cause }))
        .finally(() => this.#releases.delete(release))
      this.#releases.add(release)
    }
    // Standing zones come back by themselves, and those whose ops are on their way; others when somebody asks for them.
    // Shared ones are looked for anyway.
    if (this.#options.shared !== undefined) return
    if (why === 'failed' && (this.standing.includes(zone.id) || zone.status().ops.outbox > 0)) {
      this.zone(zone.id).catch((cause) => {
        this.#report({ type: 'zone_failed', zone: zone.id, cause })
        this.#openUnsettledLater(cause)
      })
    }
  }

  async #renewLeases(): Promise<void> {
    const { store, owner } = this.#options
    try {
      const lost = await store.zones.renew(owner, [...this.#zones.keys()], this.limits.leaseMs)
      for (const id of lost) this.#zones.get(id)?.fenced()
      await this.#map.refresh()
    } catch (cause) {
      // Not fatal: the log's key decides who owns a zone, not the lease.
      this.#report({ type: 'lease_failed', cause })
    }
  }

  async #housekeep(): Promise<void> {
    for (const zone of this.zones()) {
      try {
        await zone.housekeep()
        if (this.#isSuperfluous(zone)) await zone.drain('idle')
      } catch (cause) {
        this.#report({ type: 'checkpoint_failed', zone: zone.id, cause })
      }
    }
  }

  #isSuperfluous(zone: Zone): boolean {
    if (this.standing.includes(zone.id) || zone.idleMs < this.limits.idleMs) return false
    return this.world.keeps?.(zone.tables, zone.id) !== true
  }

  /** Runs `work` again and again, each time `periodMs` after the last has ended. */
  #repeat(periodMs: number, work: () => Promise<void>): void {
    const place = this.#timers.length
    const arm = () => {
      if (this.#state !== 'running') return
      this.#timers[place] = this.#options.timers.after(periodMs, () => void work().then(arm))
    }
    arm()
  }
}

function onItsWay(zone: string): TerraneError {
  return new TerraneError('zone_held', `zone ${zone} is on its way to another process`, {
    retry: 'later',
    hint: 'Ask again in a moment.',
  })
}

function addCounters(sum: ZoneCounters, more: ZoneCounters): void {
  for (const name of Object.keys(sum) as (keyof ZoneCounters)[]) sum[name] += more[name]
}
