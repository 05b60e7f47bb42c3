import { Prng, TerraneError } from '@terrane/core'
import {
  type Engine,
  type EngineEvent,
  type InputStream,
  type Store,
  TransientStoreError,
  type Zone,
} from '@terrane/engine'
import { MemoryDisk } from '@terrane/store-memory'
import { SimulatedTime } from '../simulated-time.js'
import { checkBank } from './bank-check.js'
import { BANK_NOBODY, BANK_PLAYERS, bankWorld } from './bank-world.js'
import { drawFaultPlan, type FaultPlan } from './faults.js'
import { drawExchangePlan, type ExchangePlan, FaultyExchange } from './faulty-exchange.js'
import { SimProcess } from './sim-process.js'

export interface ReshapeSimulationOptions {
  readonly seed: number
  /** Simulated time under faults, ms. */
  readonly durationMs?: number
  /** Puts a bug between engine and store, to see whether the checks notice. */
  readonly sabotageStore?: (store: Store) => Store
}

export interface ReshapeFigures {
  /** Orders that were acknowledged as durable. */
  durable: number
  kills: number
  /** Changes of the map that their caller was told of, and those that failed. */
  splits: number
  merges: number
  moves: number
  failures: number
  /** Rows that went from zone to zone in them. */
  rows: number
  opsSent: number
}

const STEP_MS = 20
const REST_MS_MAX = 180_000
const CODES = 2 ** 30

/**
 * Players pay each other while their zones are split, merged and moved, under every fault of database, messages and
 * process. In the end no account and no payment is lost or there twice, value is conserved, and every row is where the
 * map says.
 */
export class ReshapeSimulation {
  readonly #options: ReshapeSimulationOptions
  readonly #random: Prng
  readonly #plan: FaultPlan
  readonly #exchangePlan: ExchangePlan
  readonly #time = new SimulatedTime()
  readonly #disk = new MemoryDisk()
  readonly #database = { downUntil: 0 }
  readonly #violations: string[] = []
  readonly #promised: string[] = []
  #process: SimProcess | undefined
  /** Where orders come in, as long as its zone takes them. */
  #counter:
    | { readonly zone: Zone; readonly stream: InputStream; readonly waiting: { number: number; id: string }[] }
    | undefined
  #isReshaping = false
  #startAt = 0
  #incarnations = 0
  #orders = 0
  #isCalm = false
  readonly #figures: ReshapeFigures = {
    durable: 0,
    kills: 0,
    splits: 0,
    merges: 0,
    moves: 0,
    failures: 0,
    rows: 0,
    opsSent: 0,
  }

  constructor(options: ReshapeSimulationOptions) {
    this.#options = options
    this.#random = new Prng(`reshape simulation ${options.seed}`)
    this.#plan = drawFaultPlan(this.#random.fork('faults'))
    this.#exchangePlan = drawExchangePlan(this.#random.fork('exchange'))
  }

  async run(): Promise<{ seed: number; violations: readonly string[]; figures: ReshapeFigures }> {
    const { durationMs = 12_000, seed } = this.#options
    for (let at = 0; at < durationMs && this.#violations.length === 0; at += STEP_MS) {
      this.#startMissing()
      this.#injectFaults()
      this.#order()
      this.#reshape()
      await this.#time.advance(STEP_MS)
    }
    if (this.#violations.length === 0) await this.#comeToRest()
    this.#endProcess()
    this.#figures.durable = this.#promised.length
    return { seed, violations: this.#violations, figures: this.#figures }
  }

  #startMissing(): void {
    if (this.#process !== undefined || this.#time.now() < this.#startAt) return
    const random = this.#random.fork(`process ${this.#incarnations}`)
    const process = new SimProcess({
      name: `server${this.#incarnations++}`,
      follows: false,
      world: bankWorld,
      disk: this.#disk,
      time: this.#time,
      plan: this.#plan,
      random,
      database: this.#database,
      report: (event) => this.#heard(event),
      sabotage: this.#options.sabotageStore,
      limits: { idleMs: 2_000, opBundleMax: 3, opRetryMs: 100, opRetryMsMax: 1_000 },
      exchange: (endpoint, timers) => {
        const plan = this.#exchangePlan
        const isCalm = () => this.#isCalm
        return new FaultyExchange({ endpoint, timers, random: random.fork('exchange'), plan, isCalm })
      },
    })
    process.faults.calm = this.#isCalm
    this.#process = process
    process.engine.start().catch((cause) => {
      this.#expected(cause)
      if (this.#process === process) this.#endProcess()
    })
  }

  /** The next one starts after a while: the leases of this one may still run. */
  #endProcess(): void {
    const process = this.#process
    if (process === undefined) return
    this.#process = undefined
    this.#counter = undefined
    // What is under way in a dead process never ends.
    this.#isReshaping = false
    this.#startAt = this.#time.now() + 200
    this.#figures.opsSent += process.engine.stats().opsSent
    process.kill()
  }

  #expected(cause: unknown): void {
    if (cause instanceof TransientStoreError || cause instanceof TerraneError) return
    this.#violations.push(`a server failed: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`)
  }

  #heard(event: EngineEvent): void {
    if (event.type === 'zone_failed') this.#expected(event.cause)
    if (event.type === 'op_dead') this.#violations.push(`op ${event.op} died in ${event.zone}: ${event.reason}`)
  }

  #injectFaults(): void {
    const { killPerSecond, freezePerSecond, freezeMs, outagePerSecond, outageMs } = this.#plan
    const happens = (perSecond: number) => this.#random.chance((perSecond * STEP_MS) / 1000)
    if (this.#process !== undefined && happens(killPerSecond)) {
      this.#figures.kills++
      this.#endProcess()
    } else if (happens(freezePerSecond)) this.#process?.freeze(this.#random.below(freezeMs))
    if (happens(outagePerSecond)) this.#database.downUntil = this.#time.now() + this.#random.below(outageMs)
  }

  #order(): void {
    const process = this.#process
    const zone = process?.engine.opened('counter')
    if (process === undefined || process.frozen || zone?.state !== 'active') return
    if (this.#counter?.zone !== zone) this.#counter = this.#enter(zone)
    const { stream, waiting } = this.#counter
    const random = this.#random
    for (let orders = random.below(4); orders > 0; orders--) {
      const id = `p${this.#orders++}`
      const to = random.chance(0.1) ? BANK_NOBODY : random.pick(BANK_PLAYERS)
      const args = { id, from: random.pick(BANK_PLAYERS), to, amount: random.between(1, 50) }
      const outcome = zone.submit(stream, stream.applied + 1, 0, args)
      if (outcome === undefined) waiting.push({ number: stream.applied, id })
      else if (typeof outcome !== 'object' || !('rejected' in outcome)) this.#violations.push(`an input was ${outcome}`)
    }
  }

  #enter(zone: Zone) {
    const waiting: { number: number; id: string }[] = []
    const stream = zone.open('clerk', 'client', {
      onDurable: ({ durable }) => {
        while (waiting[0] !== undefined && waiting[0].number <= durable) {
          this.#promised.push((waiting.shift() as { id: string }).id)
        }
      },
      onClosed: () => {},
    })
    return { zone, stream, waiting }
  }

  #reshape(): void {
    const process = this.#process
    const random = this.#random
    if (process === undefined || process.frozen || this.#isReshaping || !random.chance(0.1)) return
    const ranges = this.#disk.map.ranges.filter(({ authority }) => authority === 'persona')
    if (ranges.length === 0) return
    const at = random.below(ranges.length)
    const [range, next] = [ranges[at], ranges[at + 1]] as [(typeof ranges)[0], (typeof ranges)[0] | undefined]
    const { engine } = process
    if (ranges.length < 3 || random.chance(0.3)) {
      const code = random.chance(0.5) ? undefined : random.between(range.lo, range.hi)
      this.#run(process, 'splits', engine.splitZone(range.zone, code))
    } else if (random.chance(0.6)) {
      const [zone, into] = random.chance(0.5) ? [range, next] : [next, range]
      if (zone !== undefined && into !== undefined)
        this.#run(process, 'merges', engine.mergeZones(zone.zone, into.zone))
    } else {
      const lo = random.between(range.lo, range.hi)
      const hi = Math.min(range.hi, lo + random.below(CODES / 8))
      this.#run(process, 'moves', engine.moveCodes({ authority: 'persona', lo, hi }, random.pick(ranges).zone))
    }
  }

  #run(process: SimProcess, what: 'splits' | 'merges' | 'moves', change: ReturnType<Engine['splitZone']>): void {
    this.#isReshaping = true
    change
      .then(
        ({ rows }) => {
          this.#figures[what]++
          this.#figures.rows += rows
        },
        (cause) => {
          this.#figures.failures++
          this.#expected(cause)
        },
      )
      .finally(() => {
        if (this.#process === process) this.#isReshaping = false
      })
  }

  async #comeToRest(): Promise<void> {
    this.#isCalm = true
    this.#database.downUntil = 0
    this.#process?.thaw()
    const startedAt = this.#time.now()
    while (this.#time.now() - startedAt < REST_MS_MAX) {
      this.#startMissing()
      const process = this.#process
      if (process !== undefined) process.faults.calm = true
      await this.#time.advance(500)
      if (process === undefined || process !== this.#process || this.#isReshaping) continue
      const zones = await this.#settledZones(process.engine)
      if (zones === undefined) continue
      this.#violations.push(...checkBank(zones, this.#disk, this.#promised))
      return
    }
    const zones = this.#process?.engine.statuses().map(({ id, state, ops }) => `${id} ${state} ${ops.outbox}`)
    this.#violations.push(`not at rest ${REST_MS_MAX} ms after the faults have ended: ${zones?.join(', ')}`)
  }

  /** All zones that there are, opened, when nothing is on its way; undefined when something is. */
  async #settledZones(engine: Engine): Promise<readonly Zone[] | undefined> {
    const isQuiet = () =>
      engine.statuses().every(({ state, ops }) => state === 'active' && ops.outbox === 0 && ops.buffered === 0)
    if (!isQuiet()) return undefined
    const ids = [...this.#disk.zones.keys()]
    let opened: PromiseSettledResult<Zone>[] | undefined
    Promise.allSettled(ids.map((id) => engine.zone(id))).then((all) => {
      opened = all
    })
    await this.#time.until(() => opened !== undefined)
    // Those that were opened just now may have had something to send.
    await this.#time.advance(50)
    const zones = opened?.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    return isQuiet() && zones?.length === ids.length ? zones : undefined
  }
}
