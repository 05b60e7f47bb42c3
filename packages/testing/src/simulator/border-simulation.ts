import { messageOf, Prng, TerraneError, type Timers } from '@terrane/core'
import {
  Engine,
  type EngineEvent,
  type InputStream,
  type OpEndpoint,
  type OpExchange,
  type OpParcel,
  type OpReceipt,
  TransientStoreError,
  type Zone,
  type ZoneNote,
} from '@terrane/engine'
import { MemoryDisk, MemoryStore } from '@terrane/store-memory'
import { SimulatedTime } from '../simulated-time.js'
import { checkAuthority, checkBorders, checkShown } from './border-check.js'
import { BORDER_ZONES, borderWorld } from './border-world.js'
import { drawFaultPlan, type FaultPlan } from './faults.js'
import { drawExchangePlan, type ExchangePlan, FaultyExchange } from './faulty-exchange.js'
import { SimProcess } from './sim-process.js'

export interface BorderSimulationOptions {
  readonly seed: number
  /** Simulated time under faults, ms. */
  readonly durationMs?: number
}

export interface BorderFigures {
  /** Payments that were acknowledged as durable. */
  durable: number
  kills: number
  freezes: number
  outages: number
  recoveries: number
  partitions: number
  handoversAsked: number
  handoversGiven: number
  handoversTaken: number
  replicasReceived: number
  replicasLate: number
  replicasEvicted: number
}

const STEP_MS = 20
const REST_MS_MAX = 180_000
/** Crashes per run whose disk is recovered on the side: each costs a recovery of all zones. */
const CRASH_IMAGES_MAX = 3
/** Zones of the two processes at first; later whoever is there takes what nobody has. */
const SHARES: readonly (readonly string[])[] = [['west'], ['middle', 'east']]
const SKEW_MS_MAX = 2_000
const KILLS_PER_SECOND_OF_OUTAGE = 0.5
const LIMITS = {
  idleMs: 2_000,
  handoverTicks: 4,
  opRetryMs: 100,
  opRetryMsMax: 1_000,
  replicaStaleMs: 500,
  replicaRepeatMs: 300,
}

/** A process, and how messages reach it. */
interface Member {
  readonly process: SimProcess
  readonly endpoint: () => OpEndpoint
}

/**
 * Two processes with wrong clocks share three zones in a row, between which walkers go to and fro with what they own,
 * and pay each other over the borders by the copies that they see; with every fault of the plans, processes that die
 * and freeze at any moment, and times in which nothing passes between them. At every moment a walker has one owner at
 * most, and a copy never goes back; in the end, and from what the disk held at a crash, each walker has one owner, has
 * its purse, moved as often as it was given and taken, and no gold is lost or made.
 */
export class BorderSimulation {
  readonly #options: BorderSimulationOptions
  readonly #random: Prng
  readonly #plan: FaultPlan
  readonly #exchangePlan: ExchangePlan
  readonly #partitionPerSecond: number
  readonly #time = new SimulatedTime()
  readonly #disk = new MemoryDisk()
  /** Whether each process reaches the database. */
  readonly #databases = SHARES.map(() => ({ downUntil: 0 }))
  readonly #violations: string[] = []
  readonly #members: (Member | undefined)[] = [undefined, undefined]
  readonly #startAt = [0, 0]
  readonly #streams = new WeakMap<Zone, InputStream>()
  readonly #waiting = new WeakMap<InputStream, { readonly number: number; readonly id: string }[]>()
  readonly #promised: string[] = []
  /** Steps that the copies in a zone show, by copy; most steps that any copy has shown, by walker. */
  readonly #shown = new WeakMap<Zone, Map<string, { steps: number; from: string }>>()
  readonly #seen = new Map<string, number>()
  #partitionedUntil = 0
  #incarnations = 0
  #payments = 0
  #isCalm = false
  readonly #figures: BorderFigures = {
    durable: 0,
    kills: 0,
    freezes: 0,
    outages: 0,
    recoveries: 0,
    partitions: 0,
    handoversAsked: 0,
    handoversGiven: 0,
    handoversTaken: 0,
    replicasReceived: 0,
    replicasLate: 0,
    replicasEvicted: 0,
  }

  constructor(options: BorderSimulationOptions) {
    this.#options = options
    this.#random = new Prng(`border simulation ${options.seed}`)
    this.#plan = drawFaultPlan(this.#random.fork('faults'))
    this.#exchangePlan = drawExchangePlan(this.#random.fork('exchange'))
    this.#partitionPerSecond = this.#random.chance(0.5) ? 0.3 : 0
  }

  async run(): Promise<{ seed: number; violations: readonly string[]; figures: BorderFigures }> {
    const { durationMs = 12_000, seed } = this.#options
    for (let at = 0; at < durationMs && this.#violations.length === 0; at += STEP_MS) {
      this.#startMissing()
      await this.#injectFaults()
      this.#act()
      await this.#time.advance(STEP_MS)
      this.#look()
    }
    if (this.#violations.length === 0) await this.#comeToRest()
    for (const place of this.#members.keys()) this.#end(place)
    this.#figures.durable = this.#promised.length
    return { seed, violations: this.#violations, figures: this.#figures }
  }

  // ── what happens ────────────────────────────────────────────────────────────────────────────────

  #startMissing(): void {
    for (const [place, share] of SHARES.entries()) {
      if (this.#members[place] === undefined && this.#time.now() >= (this.#startAt[place] ?? 0))
        this.#start(place, share)
    }
  }

  #start(place: number, prefers: readonly string[]): void {
    const random = this.#random.fork(`process ${this.#incarnations}`)
    let endpoint: OpEndpoint | undefined
    const process: SimProcess = new SimProcess({
      name: `server${this.#incarnations++}`,
      world: borderWorld,
      disk: this.#disk,
      time: this.#time,
      plan: this.#plan,
      random,
      database: this.#databases[place] as { downUntil: number },
      report: (event) => this.#heard(event),
      sabotage: undefined,
      follows: random.chance(0.5),
      prefers,
      skewMs: random.between(-SKEW_MS_MAX, SKEW_MS_MAX),
      limits: LIMITS,
      exchange: (own, timers) => {
        endpoint = own
        return this.#exchange(place, timers, random.fork('exchange'))
      },
    })
    process.faults.calm = this.#isCalm
    this.#members[place] = { process, endpoint: () => endpoint as OpEndpoint }
    process.engine.start().then(
      () => this.#figures.recoveries++,
      (cause) => {
        this.#expected(cause)
        if (this.#members[place]?.process === process) this.#end(place)
      },
    )
  }

  /** Between all zones of both processes, with the plan's faults. */
  #exchange(place: number, timers: Timers, random: Prng): OpExchange {
    const reach = (zone: string, deliver: (endpoint: OpEndpoint) => void, opens: boolean) => {
      const members = this.#members.filter((each) => each !== undefined)
      const passable = members.filter(
        (each) => each === this.#members[place] || this.#isCalm || this.#time.now() >= this.#partitionedUntil,
      )
      // More than one when an owner of old does not know yet that it is one.
      const holders = passable.filter(({ process }) => process.engine.opened(zone) !== undefined)
      for (const { process, endpoint } of holders.length > 0 || !opens ? holders : passable) {
        process.run(() => deliver(endpoint()))
      }
    }
    const router: OpEndpoint = {
      has: (zone) => this.#members.some((each) => each?.process.engine.opened(zone) !== undefined),
      receive: (parcel: OpParcel) => reach(parcel.to, (endpoint) => endpoint.receive(parcel), true),
      acknowledged: (receipt: OpReceipt) => reach(receipt.to, (endpoint) => endpoint.acknowledged(receipt), false),
      told: (note: ZoneNote) => reach(note.to, (endpoint) => endpoint.told(note), false),
    }
    return new FaultyExchange({
      endpoint: router,
      timers,
      random,
      plan: this.#exchangePlan,
      isCalm: () => this.#isCalm,
    })
  }

  #end(place: number): void {
    const member = this.#members[place]
    if (member === undefined) return
    this.#members[place] = undefined
    this.#startAt[place] = this.#time.now() + 200
    const stats = member.process.engine.stats()
    for (const name of Object.keys(this.#figures) as (keyof BorderFigures)[]) {
      if (name in stats) this.#figures[name] += stats[name as keyof typeof stats] as number
    }
    member.process.kill()
  }

  #expected(cause: unknown): void {
    if (cause instanceof TransientStoreError || cause instanceof TerraneError) return
    this.#violations.push(`a server failed: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`)
  }

  #heard(event: EngineEvent): void {
    if (event.type === 'zone_failed' || event.type === 'note_failed') this.#expected(event.cause)
    if (event.type === 'tick_failed' || event.type === 'input_failed' || event.type === 'handover_failed') {
      this.#violations.push(`${event.type} in ${event.zone}: ${messageOf(event.cause)}`)
    }
    if (event.type === 'op_dead') this.#violations.push(`op ${event.op} died in ${event.zone}: ${event.reason}`)
  }

  async #injectFaults(): Promise<void> {
    const { killPerSecond, freezePerSecond, freezeMs, outagePerSecond, outageMs } = this.#plan
    const happens = (perSecond: number) => this.#random.chance((perSecond * STEP_MS) / 1000)
    for (const [place, member] of this.#members.entries()) {
      // A process that dies while nothing gets durable takes most with it: that is when its neighbours must know least.
      const isDown = this.#time.now() < (this.#databases[place]?.downUntil ?? 0)
      if (member !== undefined && happens(killPerSecond + (isDown ? KILLS_PER_SECOND_OF_OUTAGE : 0))) {
        this.#figures.kills++
        this.#end(place)
        if (this.#figures.kills <= CRASH_IMAGES_MAX) await this.#checkCrashImage()
      } else if (member !== undefined && happens(freezePerSecond)) {
        this.#figures.freezes++
        member.process.freeze(this.#random.below(freezeMs))
      }
    }
    for (const database of this.#databases) {
      if (!happens(outagePerSecond)) continue
      this.#figures.outages++
      database.downUntil = this.#time.now() + this.#random.below(outageMs)
    }
    if (happens(this.#partitionPerSecond)) {
      this.#figures.partitions++
      this.#partitionedUntil = this.#time.now() + this.#random.below(4_000)
    }
  }

  /** The zones that run, each by its newest owner. */
  #zones(): Zone[] {
    return this.#members.flatMap((member) => {
      if (member === undefined || member.process.frozen) return []
      return member.process.engine.zones().filter((zone) => zone.epoch === this.#disk.zone(zone.id).epoch)
    })
  }

  #act(): void {
    for (const zone of this.#zones()) {
      if (zone.state !== 'active' || !this.#random.chance(0.5)) continue
      const stream = this.#stream(zone)
      const id = `p${this.#payments++}`
      const outcome = zone.submit(stream, stream.applied + 1, 0, { id, gold: this.#random.between(1, 60) })
      if (outcome === undefined) this.#waiting.get(stream)?.push({ number: stream.applied, id })
    }
  }

  #stream(zone: Zone): InputStream {
    const known = this.#streams.get(zone)
    if (known !== undefined) return known
    const stream = zone.open('clerk', 'client', {
      onDurable: (handle) => {
        const waiting = this.#waiting.get(handle) ?? []
        while (waiting[0] !== undefined && waiting[0].number <= handle.durable) {
          this.#promised.push((waiting.shift() as { id: string }).id)
        }
      },
      onClosed: () => {},
    })
    this.#waiting.set(stream, [])
    this.#streams.set(zone, stream)
    return stream
  }

  /** What must be so at every moment. */
  #look(): void {
    const zones = this.#zones()
    this.#violations.push(...checkAuthority(zones))
    for (const zone of zones) {
      const before = this.#shown.get(zone)
      const now = new Map<string, { steps: number; from: string }>()
      for (const { row, zone: from } of zone.replicas.walkers?.all() ?? []) {
        const { id, steps } = row as { id: string; steps: number }
        now.set(id, { steps, from })
        this.#seen.set(id, Math.max(this.#seen.get(id) ?? 0, steps))
        const known = before?.get(id)
        if (known !== undefined && known.steps > steps) {
          this.#violations.push(`in ${zone.id} the copy of ${id} went from step ${known.steps} back to ${steps}`)
        }
        if (zone.tables.walkers?.has(id) === true) this.#violations.push(`${zone.id} owns ${id} and has a copy of it`)
      }
      this.#shown.set(zone, now)
    }
  }

  // ── the reckoning ───────────────────────────────────────────────────────────────────────────────

  async #comeToRest(): Promise<void> {
    this.#isCalm = true
    for (const database of this.#databases) database.downUntil = 0
    for (const member of this.#members) member?.process.thaw()
    const startedAt = this.#time.now()
    while (this.#time.now() - startedAt <= REST_MS_MAX) {
      this.#startMissing()
      for (const member of this.#members) if (member !== undefined) member.process.faults.calm = true
      await this.#time.advance(50)
      this.#look()
      const zones = this.#zones()
      if (zones.length < BORDER_ZONES.length || !isSettled(zones)) continue
      this.#violations.push(...checkBorders(zones, this.#seen), ...this.#brokenPromises(zones))
      return
    }
    const zones = this.#zones().map((zone) => `${zone.id} ${zone.state} ${JSON.stringify(zone.status().ops)}`)
    this.#violations.push(`not at rest ${REST_MS_MAX} ms after the faults have ended: ${zones.join(', ')}`)
  }

  #brokenPromises(zones: readonly Zone[]): string[] {
    const paid = new Set(
      zones.flatMap((zone) =>
        Array.from(zone.tables.history?.all() ?? [], (row) => {
          const { what, of } = row as { what: string; of: string }
          return `${what} ${of}`
        }),
      ),
    )
    return this.#promised.filter((id) => !paid.has(`paid ${id}`)).map((id) => `payment ${id} was durable and is lost`)
  }

  /** Lets a copy of the disk as it is at this moment come to rest, on a quiet machine. */
  async #checkCrashImage(): Promise<void> {
    const time = new SimulatedTime(this.#time.now() + 60_000)
    const engine = new Engine({
      world: borderWorld,
      store: new MemoryStore(this.#disk.copy(), { clock: time, chunkSize: 7 }),
      clock: time,
      timers: time,
      seed: 'image',
      owner: 'image',
    })
    engine.start().catch((cause) => this.#violations.push(`recovery failed: ${messageOf(cause)}`))
    const isOpen = () => engine.zones().length === BORDER_ZONES.length
    // Not long enough for a walker to take a step that would hide one that was taken back.
    await time.advance(1)
    const found = isOpen() ? checkShown(engine.zones(), this.#seen) : []
    const isAtRest = () => isOpen() && isSettled(engine.zones())
    for (let waited = 0; waited < REST_MS_MAX && !isAtRest(); waited += 50) await time.advance(50)
    found.push(...(isAtRest() ? checkBorders(engine.zones(), new Map()) : ['what it left does not come to rest']))
    this.#violations.push(...found.map((problem) => `after a crash: ${problem}`))
    engine.stop()
  }
}

/** Nothing is on its way between these zones. */
function isSettled(zones: readonly Zone[]): boolean {
  return zones.every((zone) => {
    const { outbox, buffered } = zone.status().ops
    return outbox === 0 && buffered === 0
  })
}
