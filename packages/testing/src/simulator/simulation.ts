import { messageOf, Prng, TerraneError } from '@terrane/core'
import {
  type AnyWorld,
  Engine,
  type EngineEvent,
  type LogEntry,
  type Store,
  schemasForClients,
  TransientStoreError,
  wireTypeOf,
  type Zone,
} from '@terrane/engine'
import { MemoryDisk, MemoryStore } from '@terrane/store-memory'
import { SimulatedTime } from '../simulated-time.js'
import { drawFaultPlan, type FaultPlan } from './faults.js'
import { difference, type ModelTables, replayLog, tablesOf } from './log-model.js'
import { MARKS, markedWorld } from './marked-world.js'
import { RandomArgs } from './random-args.js'
import { ReplicaModel } from './replica.js'
import { SimClient } from './sim-client.js'
import { SimConnection } from './sim-connection.js'
import { SimProcess } from './sim-process.js'

export interface SimulationOptions {
  readonly world: AnyWorld
  readonly seed: number
  /** Simulated time under faults, ms. */
  readonly durationMs?: number
  readonly clients?: number
  /** Puts a bug between engine and store, to see whether the checks notice. */
  readonly sabotage?: (store: Store, disk: MemoryDisk) => Store
}

export interface SimulationResult {
  readonly seed: number
  readonly violations: readonly string[]
  readonly figures: SimulationFigures
}

export interface SimulationFigures {
  inputs: number
  durable: number
  rejected: number
  kills: number
  freezes: number
  outages: number
  drops: number
  recoveries: number
  stalls: number
  fenced: number
  batches: number
}

/** How long things may take to come to rest once faults have ended, simulated ms. */
const REST_MS_MAX = 120_000

/**
 * A whole cluster in one process: two servers that compete for one zone, clients that send random
 * inputs, a database between them, and every fault of the plan. Afterwards the faults end, everything
 * comes to rest, and what was promised is compared with what is there:
 *
 *   - an input that was acknowledged as durable is there, exactly once, unless it was rejected;
 *   - no input took effect twice, whatever was repeated;
 *   - the world's invariants hold, at every recovery and at the end;
 *   - what recovery makes of tables and log equals a replay of the whole log;
 *   - the SQL tables of a drained zone equal its memory;
 *   - every client's replica equals what the zone shows.
 */
export class Simulation {
  readonly #world: AnyWorld
  readonly #options: SimulationOptions
  readonly #random: Prng
  readonly #plan: FaultPlan
  readonly #time = new SimulatedTime()
  readonly #disk = new MemoryDisk()
  readonly #database = { downUntil: 0 }
  readonly #violations: string[] = []
  readonly #clients: SimClient[]
  readonly #args: RandomArgs
  readonly #processes: (SimProcess | undefined)[] = [undefined, undefined]
  #incarnations = 0
  readonly #figures: SimulationFigures = {
    inputs: 0,
    durable: 0,
    rejected: 0,
    kills: 0,
    freezes: 0,
    outages: 0,
    drops: 0,
    recoveries: 0,
    stalls: 0,
    fenced: 0,
    batches: 0,
  }

  constructor(options: SimulationOptions) {
    this.#options = options
    this.#world = markedWorld(options.world)
    this.#random = new Prng(`simulation ${options.seed}`)
    this.#plan = drawFaultPlan(this.#random.fork('faults'))
    this.#args = new RandomArgs(options.world, this.#random.fork('args'))
    const types = schemasForClients(this.#world).map((schema) => schema.columns.map(wireTypeOf))
    this.#clients = Array.from(
      { length: options.clients ?? 3 },
      (_, i) => new SimClient(`player${i}`, new ReplicaModel(types)),
    )
  }

  async run(): Promise<SimulationResult> {
    const { durationMs = 12_000 } = this.#options
    const stepMs = 20
    for (let at = 0; at < durationMs && this.#violations.length === 0; at += stepMs) {
      this.#startMissing()
      this.#injectFaults(stepMs)
      this.#act(stepMs)
      await this.#time.advance(stepMs)
    }
    if (this.#violations.length === 0) await this.#comeToRest()
    for (const client of this.#clients) {
      this.#violations.push(...client.problems)
      this.#figures.inputs += client.inputs.length
      this.#figures.durable += client.inputs.filter((sent) => sent.durable).length
      this.#figures.rejected += client.inputs.filter((sent) => sent.state === 'rejected').length
    }
    this.#figures.batches = this.#disk.zone(ZONE).log.length
    for (const process of this.#processes) process?.kill()
    return { seed: this.#options.seed, violations: this.#violations, figures: this.#figures }
  }

  // ── what happens ────────────────────────────────────────────────────────────────────────────────

  #startMissing(): void {
    for (let slot = 0; slot < this.#processes.length; slot++) {
      const running = this.#processes[slot]
      if (running !== undefined && !running.dead) continue
      // The second server joins only sometimes; a lone one must do.
      if (slot === 1 && !this.#random.chance(0.02)) continue
      const process = new SimProcess({
        name: `server${this.#incarnations++}`,
        // Half of them, so that zones come to warm copies and to cold ones.
        follows: this.#incarnations % 2 === 0,
        world: this.#world,
        disk: this.#disk,
        time: this.#time,
        plan: this.#plan,
        random: this.#random.fork(`process ${this.#incarnations}`),
        database: this.#database,
        report: (event) => this.#heard(event),
        sabotage: this.#options.sabotage && ((store) => this.#options.sabotage?.(store, this.#disk) ?? store),
      })
      this.#processes[slot] = process
      void this.#keepZone(process)
    }
  }

  /** Opens the zone whenever this process does not have it and can get it. */
  async #keepZone(process: SimProcess): Promise<void> {
    process.engine.start().catch((cause) => this.#expected(cause))
    const again = () => {
      process.engine.zone(ZONE).then(
        (zone) => this.#checkRecovered(zone),
        (cause) => this.#expected(cause),
      )
      this.#time.after(400, () => process.run(again))
    }
    this.#time.after(100, () => process.run(again))
  }

  readonly #checked = new WeakSet<Zone>()

  /** Right after it was opened, memory must be what the log says, and the invariants must hold. */
  #checkRecovered(zone: Zone): void {
    if (this.#checked.has(zone) || zone.state === 'closed') return
    this.#checked.add(zone)
    this.#figures.recoveries++
    for (const { invariant, problem } of zone.checkInvariants()) {
      this.#violations.push(`with a zone just opened, invariant ${invariant}: ${problem}`)
    }
  }

  #expected(cause: unknown): void {
    if (cause instanceof TransientStoreError || cause instanceof TerraneError) return
    this.#violations.push(`a server failed: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`)
  }

  #heard(event: EngineEvent): void {
    if (event.type === 'zone_stalled') this.#figures.stalls++
    if (event.type === 'zone_closed' && event.why === 'fenced') this.#figures.fenced++
    if (event.type === 'input_failed' || event.type === 'tick_failed') {
      this.#violations.push(`${event.type}: ${event.cause instanceof Error ? event.cause.stack : String(event.cause)}`)
    }
    if (event.type === 'zone_failed') this.#expected(event.cause)
  }

  #injectFaults(stepMs: number): void {
    const plan = this.#plan
    const random = this.#random
    const happens = (perSecond: number) => random.chance((perSecond * stepMs) / 1000)
    for (const process of this.#processes) {
      if (process === undefined || process.dead) continue
      if (happens(plan.killPerSecond)) {
        this.#figures.kills++
        process.kill()
        for (const client of this.#clients) client.connection?.break()
        if (this.#figures.kills <= CRASH_IMAGES_MAX) void this.#checkCrashImage()
      } else if (happens(plan.freezePerSecond)) {
        this.#figures.freezes++
        process.freeze(random.below(plan.freezeMs))
      }
    }
    if (happens(plan.outagePerSecond)) {
      this.#figures.outages++
      this.#database.downUntil = this.#time.now() + random.below(plan.outageMs)
    }
    for (const client of this.#clients) {
      if (happens(plan.dropPerSecond) && client.connection !== undefined) {
        this.#figures.drops++
        client.connection.break()
      }
      if (happens(plan.congestPerSecond)) client.connection?.congest(random.below(1_500))
    }
  }

  #act(stepMs: number): void {
    for (const client of this.#clients) {
      if (client.connection === undefined) this.#connect(client)
      const zone = this.#activeZone()
      // A client stops after so many inputs without an answer, as the SDK does.
      if (zone === undefined || client.pending >= 40) continue
      if (!this.#random.chance((30 * stepMs) / 1000)) continue
      const { input, args } = this.#args.draw(zone.zone.tables)
      client.send(input, args)
    }
  }

  #activeZone(): { process: SimProcess; zone: Zone } | undefined {
    for (const process of this.#processes) {
      if (process === undefined || process.dead || process.frozen) continue
      const zone = process.engine.zones().find((each) => each.id === ZONE && each.state === 'active')
      if (zone !== undefined) return { process, zone }
    }
    return undefined
  }

  #connect(client: SimClient): void {
    const served = this.#activeZone()
    if (served === undefined) return
    try {
      client.connection = new SimConnection({
        ...served,
        time: this.#time,
        plan: this.#plan,
        random: this.#random.fork(client.player),
        events: client,
        player: client.player,
        resume: client.resume,
      })
    } catch (cause) {
      this.#expected(cause)
    }
  }

  // ── the reckoning ───────────────────────────────────────────────────────────────────────────────

  async #comeToRest(): Promise<void> {
    this.#database.downUntil = 0
    for (const process of this.#processes) {
      process?.thaw()
      if (process !== undefined) process.faults.calm = true
    }
    const startedAt = this.#time.now()
    // Twice, with a while between: an owner that was replaced may need that long to notice, and its clients with it.
    for (let calm = 0; calm < 2; ) {
      if (this.#time.now() - startedAt > REST_MS_MAX) {
        const states = this.#clients.map((client) => `${client.player} ${client.online} ${client.pending}`).join(', ')
        this.#violations.push(`not at rest ${REST_MS_MAX} ms after the faults have ended: ${states}`)
        return
      }
      this.#startMissing()
      for (const process of this.#processes) if (process !== undefined) process.faults.calm = true
      for (const client of this.#clients) if (client.connection === undefined) this.#connect(client)
      const rests = this.#atRest()
      calm = rests ? calm + 1 : 0
      await this.#time.advance(rests ? 4_000 : 50)
    }
    const served = this.#activeZone()
    if (served === undefined) {
      this.#violations.push('the zone went away although nothing was wrong')
      return
    }
    this.#checkPromises(served.zone)
    this.#checkReplicas(served.zone)
    await this.#checkCrashImage()
    await this.#checkTables(served)
  }

  /** One owner, and every client with it, up to date. */
  #atRest(): boolean {
    const zones = this.#processes.flatMap((process) =>
      process === undefined || process.dead
        ? []
        : process.engine.zones().filter((zone) => zone.id === ZONE && zone.state === 'active'),
    )
    const [owner] = zones
    if (zones.length !== 1 || owner === undefined) return false
    return this.#clients.every(
      (client) => client.online && client.pending === 0 && client.replica.epoch === owner.epoch,
    )
  }

  #checkPromises(zone: Zone): void {
    for (const client of this.#clients) {
      for (const sent of client.inputs) {
        const row = zone.tables[MARKS]?.get(sent.mark) as { readonly times: number } | undefined
        const times = row?.times ?? 0
        if (times > 1) this.#violations.push(`${sent.mark} took effect ${times} times`)
        if (sent.state === 'rejected' && times > 0) this.#violations.push(`${sent.mark} was rejected and took effect`)
        if (sent.state === 'applied' && sent.durable && times === 0) {
          this.#violations.push(`${sent.mark} was acknowledged as durable and is lost`)
        }
      }
    }
    for (const { invariant, problem } of zone.checkInvariants()) {
      this.#violations.push(`at the end, invariant ${invariant}: ${problem}`)
    }
  }

  /** Ticks go on, so a replica is compared at a moment when nothing is under way, or not at all. */
  #checkReplicas(zone: Zone): void {
    const keyColumns = schemasForClients(this.#world).map((schema) => schema.keyColumn)
    const tables = tablesOf(this.#world, zone)
    for (const client of this.#clients) {
      const seen = client.replica.rows(keyColumns)
      let compared = 0
      this.#world.schemas.forEach((schema, kind) => {
        const visible = this.#world.kinds[schema.name]?.visible?.to ?? 'everyone'
        if (visible !== 'everyone' && visible !== 'nearby') return
        for (const key of tables.get(schema.name)?.keys() ?? []) {
          compared++
          if (!seen.has(`${kind} ${String(key)}`)) {
            this.#violations.push(`${client.player} does not see ${schema.name} ${key}`)
          }
        }
        for (const id of seen.keys()) {
          const [number, key] = id.split(' ', 2)
          if (Number(number) !== kind) continue
          const rows = tables.get(schema.name)
          if (rows?.has(key as string) !== true && rows?.has(Number(key)) !== true) {
            this.#violations.push(`${client.player} sees ${schema.name} ${key}, which is gone`)
          }
        }
      })
      if (compared > 0 && seen.size === 0) this.#violations.push(`${client.player} sees nothing`)
    }
  }

  /** Recovers from a copy of the disk as it is at this moment, on a quiet machine, and compares with the log. */
  async #checkCrashImage(): Promise<void> {
    const disk = this.#disk.copy()
    const log = [...disk.zone(ZONE).log]
    const time = new SimulatedTime(this.#time.now() + 60_000)
    const engine = new Engine({
      world: this.#world,
      store: new MemoryStore(disk, { clock: time, chunkSize: 7 }),
      clock: time,
      timers: time,
      seed: 'image',
      owner: 'image',
    })
    if (log.length === 0) return
    let zone: Zone | undefined
    engine.start().then(
      () => {
        zone = engine.zones()[0]
      },
      (cause) => this.#violations.push(`recovery failed: ${cause instanceof Error ? cause.stack : String(cause)}`),
    )
    await time
      .until(() => zone !== undefined, 10_000)
      .catch((cause) => this.#violations.push(`recovery: ${cause.message}`))
    if (zone === undefined) return
    this.#check('what recovery makes of tables and log', tablesOf(this.#world, zone), log)
    for (const found of zone.checkInvariants()) {
      this.#violations.push(`after a recovery, invariant ${found.invariant}: ${found.problem}`)
    }
    engine.stop()
  }

  /** Drains the zone and compares log, tables and a fresh recovery. */
  async #checkTables(served: { process: SimProcess; zone: Zone }): Promise<void> {
    for (const process of this.#processes) if (process !== served.process) process?.kill()
    let drained = false
    served.process.engine.drain().then(
      () => {
        drained = true
      },
      (cause) => this.#expected(cause),
    )
    await this.#time
      .until(() => drained, REST_MS_MAX)
      .catch((cause) => this.#violations.push(`drain: ${cause.message}`))
    this.#check('the drained zone', tablesOf(this.#world, served.zone))
    const disk = this.#disk.zone(ZONE)
    // Behind it there may be the opening batch of a rival that was killed: what it had sent took effect late.
    const { seq, epoch } = served.zone.status()
    const last = disk.log.findLast((entry) => entry.epoch === epoch)?.seq
    if (disk.checkpoint !== seq || last !== seq) {
      this.#violations.push(
        `after the drain the tables are at ${disk.checkpoint}, the zone at ${seq}, its log at ${last}`,
      )
    }
    const tables = new Map(
      this.#world.schemas.map((schema) => [schema.name, new Map(disk.tables.get(schema.sqlName)?.rows ?? [])]),
    )
    this.#check('the SQL tables', tables)
  }

  #check(what: string, found: ModelTables, log: readonly LogEntry[] = this.#disk.zone(ZONE).log): void {
    try {
      const problem = difference(replayLog(this.#world, log), found)
      if (problem !== undefined) this.#violations.push(`${what} is not what the log says: ${problem}`)
    } catch (cause) {
      this.#violations.push(`the log contradicts itself: ${messageOf(cause)}`)
    }
  }
}

const ZONE = 'main'
/** Crashes per run whose disk is recovered on the side: each costs a recovery. */
const CRASH_IMAGES_MAX = 6
