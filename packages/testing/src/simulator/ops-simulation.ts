import { messageOf, Prng, TerraneError } from '@terrane/core'
import {
  Engine,
  type EngineEvent,
  type InputStream,
  type OpExchange,
  type Store,
  TransientStoreError,
  type Zone,
} from '@terrane/engine'
import { MemoryDisk, MemoryStore } from '@terrane/store-memory'
import { SimulatedTime } from '../simulated-time.js'
import { drawFaultPlan, type FaultPlan } from './faults.js'
import { drawExchangePlan, type ExchangePlan, FaultyExchange } from './faulty-exchange.js'
import { SimProcess } from './sim-process.js'
import { checkTrade, historyOf } from './trade-check.js'
import { TRADE_ZONES, tradeWorld } from './trade-world.js'

export interface OpsSimulationOptions {
  readonly seed: number
  /** Simulated time under faults, ms. */
  readonly durationMs?: number
  /** Puts a bug between engine and store, or between the zones, to see whether the checks notice. */
  readonly sabotageStore?: (store: Store) => Store
  readonly sabotageExchange?: (exchange: OpExchange) => OpExchange
}

export interface OpsFigures {
  /** Inputs that were acknowledged as durable. */
  durable: number
  kills: number
  freezes: number
  outages: number
  recoveries: number
  batches: number
  opsSent: number
  opsResent: number
  opsDuplicate: number
  opsRefused: number
  opsBuffered: number
}

const STEP_MS = 20
const REST_MS_MAX = 180_000
/** Crashes per run whose disk is recovered on the side: each costs a recovery of all zones. */
const CRASH_IMAGES_MAX = 3

/**
 * Five zones of one process, two of them opened on demand, that send value and word to each other; a database and a
 * way between the zones with every fault of the plans; and a process that dies at any moment. In the end, and from
 * what the disk held at a crash, everything must come to rest with
 *
 *   - no value lost or made;
 *   - every op that is durable applied once where it was sent to, or made good for once where it came from;
 *   - no op applied before one that happened before it;
 *   - every input that was acknowledged as durable still there.
 */
export class OpsSimulation {
  readonly #options: OpsSimulationOptions
  readonly #random: Prng
  readonly #plan: FaultPlan
  readonly #exchangePlan: ExchangePlan
  readonly #time = new SimulatedTime()
  readonly #disk = new MemoryDisk()
  readonly #database = { downUntil: 0 }
  readonly #violations: string[] = []
  readonly #streams = new WeakMap<Zone, InputStream>()
  /** Ids of the trades that were acknowledged as durable. */
  readonly #promised: string[] = []
  #process: SimProcess | undefined
  #startAt = 0
  #incarnations = 0
  #trades = 0
  #isCalm = false
  readonly #figures: OpsFigures = {
    durable: 0,
    kills: 0,
    freezes: 0,
    outages: 0,
    recoveries: 0,
    batches: 0,
    opsSent: 0,
    opsResent: 0,
    opsDuplicate: 0,
    opsRefused: 0,
    opsBuffered: 0,
  }

  constructor(options: OpsSimulationOptions) {
    this.#options = options
    this.#random = new Prng(`ops simulation ${options.seed}`)
    this.#plan = drawFaultPlan(this.#random.fork('faults'))
    this.#exchangePlan = drawExchangePlan(this.#random.fork('exchange'))
  }

  async run(): Promise<{ seed: number; violations: readonly string[]; figures: OpsFigures }> {
    const { durationMs = 12_000, seed } = this.#options
    for (let at = 0; at < durationMs && this.#violations.length === 0; at += STEP_MS) {
      this.#startMissing()
      await this.#injectFaults()
      this.#act()
      await this.#time.advance(STEP_MS)
    }
    if (this.#violations.length === 0) await this.#comeToRest()
    this.#endProcess()
    this.#figures.durable = this.#promised.length
    for (const zone of TRADE_ZONES) this.#figures.batches += this.#disk.headSeq(zone)
    return { seed, violations: this.#violations, figures: this.#figures }
  }

  // ── what happens ────────────────────────────────────────────────────────────────────────────────

  #startMissing(): void {
    if (this.#process !== undefined || this.#time.now() < this.#startAt) return
    const random = this.#random.fork(`process ${this.#incarnations}`)
    const process = new SimProcess({
      name: `server${this.#incarnations++}`,
      // Half of them, so that zones come to warm copies and to cold ones.
      follows: this.#incarnations % 2 === 0,
      world: tradeWorld,
      disk: this.#disk,
      time: this.#time,
      plan: this.#plan,
      random,
      database: this.#database,
      report: (event) => this.#heard(event),
      sabotage: this.#options.sabotageStore,
      limits: { idleMs: 2_000, opBundleMax: 3, opBufferMax: 40, opWindowMax: 60, opRetryMs: 100, opRetryMsMax: 1_000 },
      exchange: (endpoint, timers) => {
        const plan = this.#exchangePlan
        const isCalm = () => this.#isCalm
        const faulty = new FaultyExchange({ endpoint, timers, random: random.fork('exchange'), plan, isCalm })
        return this.#options.sabotageExchange?.(faulty) ?? faulty
      },
    })
    process.faults.calm = this.#isCalm
    this.#process = process
    process.engine.start().then(
      () => this.#figures.recoveries++,
      (cause) => {
        this.#expected(cause)
        if (this.#process === process) this.#endProcess()
      },
    )
  }

  /** The next one starts after a while: the leases of this one may still run. */
  #endProcess(): void {
    const process = this.#process
    if (process === undefined) return
    this.#process = undefined
    this.#startAt = this.#time.now() + 200
    this.#count(process.engine)
    process.kill()
  }

  #count(engine: Engine): void {
    const stats = engine.stats()
    for (const name of ['opsSent', 'opsResent', 'opsDuplicate', 'opsRefused'] as const)
      this.#figures[name] += stats[name]
  }

  #expected(cause: unknown): void {
    if (cause instanceof TransientStoreError || cause instanceof TerraneError) return
    this.#violations.push(`a server failed: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`)
  }

  #heard(event: EngineEvent): void {
    if (event.type === 'zone_failed') this.#expected(event.cause)
    if (event.type === 'op_dead') {
      // A zone that has no room cannot pass on: the only reason, and credits are made good for.
      if (event.op !== 'note' || event.code !== 'zone_congested') {
        this.#violations.push(`op ${event.op} of ${event.sender} died in ${event.zone}: ${event.reason}`)
      }
    }
  }

  async #injectFaults(): Promise<void> {
    const { killPerSecond, freezePerSecond, freezeMs, outagePerSecond, outageMs } = this.#plan
    const happens = (perSecond: number) => this.#random.chance((perSecond * STEP_MS) / 1000)
    if (this.#process !== undefined && happens(killPerSecond)) {
      this.#figures.kills++
      this.#endProcess()
      if (this.#figures.kills <= CRASH_IMAGES_MAX) await this.#checkCrashImage()
    } else if (happens(freezePerSecond)) {
      this.#figures.freezes++
      this.#process?.freeze(this.#random.below(freezeMs))
    }
    if (happens(outagePerSecond)) {
      this.#figures.outages++
      this.#database.downUntil = this.#time.now() + this.#random.below(outageMs)
    }
  }

  #act(): void {
    const process = this.#process
    if (process === undefined || process.frozen) return
    for (const zone of process.engine.zones()) {
      this.#figures.opsBuffered = Math.max(this.#figures.opsBuffered, zone.status().ops.buffered)
      if (zone.state === 'active' && this.#random.chance(0.3)) this.#trade(zone)
    }
  }

  #trade(zone: Zone): void {
    const random = this.#random
    const id = `t${this.#trades++}`
    const to = random.pick(TRADE_ZONES.filter((other) => other !== zone.id))
    const amount = random.chance(0.3) ? 0 : random.between(1, 60)
    const stream = this.#stream(zone)
    const args = { id, zone: to, amount, hops: random.below(4) }
    const outcome = zone.submit(stream, stream.applied + 1, 0, args)
    if (outcome === undefined) this.#awaited(stream).push({ number: stream.applied, id })
    else if (typeof outcome !== 'object' || !('rejected' in outcome)) this.#violations.push(`an input was ${outcome}`)
  }

  readonly #waiting = new WeakMap<InputStream, { number: number; id: string }[]>()

  #awaited(stream: InputStream): { number: number; id: string }[] {
    let waiting = this.#waiting.get(stream)
    if (waiting === undefined) {
      waiting = []
      this.#waiting.set(stream, waiting)
    }
    return waiting
  }

  #stream(zone: Zone): InputStream {
    const known = this.#streams.get(zone)
    if (known !== undefined) return known
    const stream = zone.open('trader', 'client', {
      onDurable: (handle) => {
        const waiting = this.#awaited(handle)
        while (waiting[0] !== undefined && waiting[0].number <= handle.durable) {
          this.#promised.push((waiting.shift() as { id: string }).id)
        }
      },
      onClosed: () => {},
    })
    this.#streams.set(zone, stream)
    return stream
  }

  // ── the reckoning ───────────────────────────────────────────────────────────────────────────────

  async #comeToRest(): Promise<void> {
    this.#isCalm = true
    this.#database.downUntil = 0
    this.#process?.thaw()
    const startedAt = this.#time.now()
    for (;;) {
      this.#startMissing()
      const process = this.#process
      if (process !== undefined) process.faults.calm = true
      await this.#time.advance(200)
      if (process !== undefined && process === this.#process) {
        const zones = await settledZones(process.engine, this.#time)
        if (zones !== undefined) {
          this.#violations.push(...checkTrade(zones), ...this.#brokenPromises(zones))
          return
        }
      }
      if (this.#time.now() - startedAt > REST_MS_MAX) {
        const ops = process?.engine
          .statuses()
          .map(({ id, state, ops }) => `${id} ${state} ${ops.outbox} ${ops.buffered}`)
        this.#violations.push(`not at rest ${REST_MS_MAX} ms after the faults have ended: ${ops?.join(', ')}`)
        return
      }
    }
  }

  #brokenPromises(zones: readonly Zone[]): string[] {
    const sent = new Set(zones.flatMap((zone) => historyOf(zone).map(({ what, op }) => `${what} ${op}`)))
    return this.#promised.filter((id) => !sent.has(`sent ${id}`)).map((id) => `trade ${id} was durable and is lost`)
  }

  /** Lets a copy of the disk as it is at this moment come to rest, on a quiet machine. */
  async #checkCrashImage(): Promise<void> {
    const time = new SimulatedTime(this.#time.now() + 60_000)
    const engine = new Engine({
      world: tradeWorld,
      store: new MemoryStore(this.#disk.copy(), { clock: time, chunkSize: 7 }),
      clock: time,
      timers: time,
      seed: 'image',
      owner: 'image',
    })
    engine.start().catch((cause) => this.#violations.push(`recovery failed: ${messageOf(cause)}`))
    for (let waited = 0; waited < REST_MS_MAX; waited += 200) {
      await time.advance(200)
      const zones = await settledZones(engine, time)
      if (zones === undefined) continue
      this.#violations.push(...checkTrade(zones).map((problem) => `after a crash: ${problem}`))
      engine.stop()
      return
    }
    this.#violations.push('a crash left what never comes to rest')
    engine.stop()
  }
}

/** All zones, opened, when nothing is on its way any more; undefined when something is. */
async function settledZones(engine: Engine, time: SimulatedTime): Promise<readonly Zone[] | undefined> {
  const isWaiting = () => engine.statuses().some(({ ops }) => ops.outbox > 0 || ops.buffered > 0)
  if (isWaiting()) return undefined
  let zones: readonly Zone[] | undefined
  let isFailed = false
  Promise.all(TRADE_ZONES.map((id) => engine.zone(id))).then(
    (opened) => {
      zones = opened
    },
    () => {
      isFailed = true
    },
  )
  await time.until(() => zones !== undefined || isFailed)
  if (zones === undefined) return undefined
  // Those that were opened just now may have had something to send.
  await time.advance(50)
  return isWaiting() ? undefined : zones
}
