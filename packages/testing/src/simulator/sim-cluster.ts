import { Histogram, type Prng, type Timers } from '@terrane/core'
import type {
  AnyWorld,
  EngineEvent,
  EngineLimits,
  OpEndpoint,
  OpExchange,
  OpParcel,
  OpReceipt,
  Store,
  Zone,
  ZoneNote,
} from '@terrane/engine'
import { MemoryDisk } from '@terrane/store-memory'
import { SimulatedTime } from '../simulated-time.js'
import type { FaultPlan } from './faults.js'
import { type ExchangePlan, FaultyExchange } from './faulty-exchange.js'
import { SimProcess } from './sim-process.js'

export interface SimClusterOptions {
  readonly world: AnyWorld
  /** One process each, with the zones that it opens at its start; later whoever is there takes what nobody has. */
  readonly places: readonly ClusterPlace[]
  readonly plan: FaultPlan
  readonly exchangePlan: ExchangePlan
  readonly random: Prng
  readonly limits: Partial<EngineLimits>
  /** Clocks are wrong by this at most, ms. */
  readonly skewMsMax: number
  /** Beyond what the plan says, per second in which a process does not reach the database. */
  readonly killPerSecondOfOutage: number
  /** Times in which nothing passes between processes, per second. */
  readonly partitionPerSecond: number
  /** Times in which ops of one zone to one other are lost. */
  readonly cuts?: CutPlan
  readonly heard: (event: EngineEvent) => void
  /** A process could not start; another takes its place. */
  readonly startFailed: (cause: unknown) => void
  /** Stands between an engine and its store. */
  readonly wrapStore?: (store: Store) => Store
  /** Real time, for measuring what ticks cost, ms. */
  readonly stopwatch?: () => number
}

interface ClusterPlace {
  readonly prefers: readonly string[]
  /** Whether it keeps warm copies of the zones of others; default: by chance. */
  readonly follows?: boolean
}

interface CutPlan {
  readonly perSecond: number
  readonly msMax: number
  readonly from: readonly string[]
  readonly to: readonly string[]
}

/** What was done to the processes. */
export interface ClusterFigures {
  kills: number
  freezes: number
  outages: number
  recoveries: number
  partitions: number
  cuts: number
}

/** A process, and how messages reach it. */
interface Member {
  readonly process: SimProcess
  readonly endpoint: () => OpEndpoint
}

const RESTART_MS = 200
const PARTITION_MS_MAX = 4_000

/** Several processes with wrong clocks that share the zones of a world on one disk, and all that can happen to them. */
export class SimCluster {
  readonly time = new SimulatedTime()
  readonly disk = new MemoryDisk()
  readonly figures: ClusterFigures = { kills: 0, freezes: 0, outages: 0, recoveries: 0, partitions: 0, cuts: 0 }
  readonly #options: SimClusterOptions
  readonly #members: (Member | undefined)[]
  readonly #startAt: number[]
  /** Whether each process reaches the database. */
  readonly #databases: { downUntil: number }[]
  readonly #past = new Map<string, number>()
  /** By sender and receiver. */
  readonly #cutUntil = new Map<string, number>()
  #partitionedUntil = 0
  #incarnations = 0
  #isCalm = false

  constructor(options: SimClusterOptions) {
    this.#options = options
    this.#members = options.places.map(() => undefined)
    this.#startAt = options.places.map(() => 0)
    this.#databases = options.places.map(() => ({ downUntil: 0 }))
  }

  /** Starts processes in places that have none. */
  startMissing(): void {
    for (const [place, { prefers, follows }] of this.#options.places.entries()) {
      if (this.#members[place] === undefined && this.time.now() >= (this.#startAt[place] as number)) {
        this.#start(place, prefers, follows)
      }
    }
  }

  /** What the plan has in store for the next `stepMs`. Returns how many processes died. */
  injectFaults(stepMs: number): number {
    const { plan, random, killPerSecondOfOutage, partitionPerSecond } = this.#options
    const { killPerSecond, freezePerSecond, freezeMs, outagePerSecond, outageMs } = plan
    const happens = (perSecond: number) => random.chance((perSecond * stepMs) / 1000)
    let died = 0
    for (const [place, member] of this.#members.entries()) {
      // A process that dies while nothing gets durable takes most with it: that is when its neighbours must know least.
      const isDown = this.time.now() < (this.#databases[place]?.downUntil ?? 0)
      if (member !== undefined && happens(killPerSecond + (isDown ? killPerSecondOfOutage : 0))) {
        this.figures.kills++
        died++
        this.end(place)
      } else if (member !== undefined && happens(freezePerSecond)) {
        this.figures.freezes++
        member.process.freeze(random.below(freezeMs))
      }
    }
    for (const database of this.#databases) {
      if (!happens(outagePerSecond)) continue
      this.figures.outages++
      database.downUntil = this.time.now() + random.below(outageMs)
    }
    if (happens(partitionPerSecond)) {
      this.figures.partitions++
      this.#partitionedUntil = this.time.now() + random.below(PARTITION_MS_MAX)
    }
    this.#cut(stepMs)
    return died
  }

  /** The process in a place dies at once; the next one starts after a while. */
  end(place: number): void {
    const member = this.#members[place]
    if (member === undefined) return
    this.#members[place] = undefined
    this.#startAt[place] = this.time.now() + RESTART_MS
    addStats(this.#past, member.process)
    member.process.kill()
  }

  endAll(): void {
    for (const place of this.#members.keys()) this.end(place)
  }

  /** From now on nothing goes wrong. */
  calm(): void {
    this.#isCalm = true
    for (const database of this.#databases) database.downUntil = 0
    for (const member of this.#members) {
      if (member === undefined) continue
      member.process.thaw()
      member.process.faults.calm = true
    }
  }

  /** The zones that run, each by its newest owner. */
  zones(): Zone[] {
    return this.#running().flatMap(({ engine }) => engine.zones().filter((zone) => this.#isNewest(zone)))
  }

  /** Who has a zone, if it can be used now. */
  serving(id: string): { readonly process: SimProcess; readonly zone: Zone } | undefined {
    for (const process of this.#running()) {
      const zone = process.engine.opened(id)
      if (zone?.state === 'active' && this.#isNewest(zone)) return { process, zone }
    }
    return undefined
  }

  /** How long a tick took in all processes that run. */
  tickMs(name: string): Histogram {
    const sum = new Histogram()
    for (const { engine } of this.#running()) {
      const times = engine.tickMs.get(name)
      if (times !== undefined) sum.merge(times)
    }
    return sum
  }

  /** The engines' counters, of all processes that there were. */
  stats(): ReadonlyMap<string, number> {
    const sum = new Map(this.#past)
    for (const member of this.#members) if (member !== undefined) addStats(sum, member.process)
    return sum
  }

  #cut(stepMs: number): void {
    const { random, cuts } = this.#options
    if (cuts === undefined || !random.chance((cuts.perSecond * stepMs) / 1000)) return
    this.figures.cuts++
    this.#cutUntil.set(linkOf(random.pick(cuts.from), random.pick(cuts.to)), this.time.now() + random.below(cuts.msMax))
  }

  #running(): SimProcess[] {
    return this.#members.flatMap((each) => (each === undefined || each.process.frozen ? [] : [each.process]))
  }

  #isNewest(zone: Zone): boolean {
    return zone.epoch === this.disk.zone(zone.id).epoch
  }

  #start(place: number, prefers: readonly string[], follows: boolean | undefined): void {
    const { world, plan, limits, skewMsMax, heard, startFailed, wrapStore, stopwatch } = this.#options
    const random = this.#options.random.fork(`process ${this.#incarnations}`)
    let endpoint: OpEndpoint | undefined
    const process: SimProcess = new SimProcess({
      name: `server${this.#incarnations++}`,
      world,
      disk: this.disk,
      time: this.time,
      plan,
      random,
      database: this.#databases[place] as { downUntil: number },
      report: heard,
      sabotage: wrapStore,
      follows: follows ?? random.chance(0.5),
      prefers,
      skewMs: random.between(-skewMsMax, skewMsMax),
      limits,
      ...(stopwatch === undefined ? {} : { stopwatch }),
      exchange: (own, timers) => {
        endpoint = own
        return this.#exchange(place, timers, random.fork('exchange'))
      },
    })
    process.faults.calm = this.#isCalm
    this.#members[place] = { process, endpoint: () => endpoint as OpEndpoint }
    process.engine.start().then(
      () => this.figures.recoveries++,
      (cause) => {
        startFailed(cause)
        if (this.#members[place]?.process === process) this.end(place)
      },
    )
  }

  /** Between all zones of all processes, with the plan's faults. */
  #exchange(place: number, timers: Timers, random: Prng): OpExchange {
    const reach = (zone: string, deliver: (endpoint: OpEndpoint) => void, opens: boolean) => {
      const passable = this.#members.filter(
        (each) =>
          each !== undefined &&
          (each === this.#members[place] || this.#isCalm || this.time.now() >= this.#partitionedUntil),
      ) as Member[]
      // More than one when an owner of old does not know yet that it is one.
      const holders = passable.filter(({ process }) => process.engine.opened(zone) !== undefined)
      for (const { process, endpoint } of holders.length > 0 || !opens ? holders : passable) {
        process.run(() => deliver(endpoint()))
      }
    }
    const router: OpEndpoint = {
      has: (zone) => this.#members.some((each) => each?.process.engine.opened(zone) !== undefined),
      receive: (parcel: OpParcel) => {
        const isCut = !this.#isCalm && this.time.now() < (this.#cutUntil.get(linkOf(parcel.from, parcel.to)) ?? 0)
        if (!isCut) reach(parcel.to, (endpoint) => endpoint.receive(parcel), true)
      },
      acknowledged: (receipt: OpReceipt) => reach(receipt.to, (endpoint) => endpoint.acknowledged(receipt), false),
      told: (note: ZoneNote) => reach(note.to, (endpoint) => endpoint.told(note), false),
    }
    const plan = this.#options.exchangePlan
    return new FaultyExchange({ endpoint: router, timers, random, plan, isCalm: () => this.#isCalm })
  }
}

/** Nothing is on its way between these zones. */
export function isSettled(zones: readonly Zone[]): boolean {
  return zones.every((zone) => {
    const { outbox, buffered } = zone.status().ops
    return outbox === 0 && buffered === 0
  })
}

function linkOf(from: string, to: string): string {
  return `${from} ${to}`
}

function addStats(sum: Map<string, number>, { engine }: SimProcess): void {
  for (const [name, value] of Object.entries(engine.stats())) {
    if (typeof value === 'number') sum.set(name, (sum.get(name) ?? 0) + value)
  }
}
