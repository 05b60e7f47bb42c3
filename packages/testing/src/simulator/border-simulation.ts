import { messageOf, Prng, TerraneError } from '@terrane/core'
import { Engine, type EngineEvent, type InputStream, TransientStoreError, type Zone } from '@terrane/engine'
import { MemoryStore } from '@terrane/store-memory'
import { SimulatedTime } from '../simulated-time.js'
import { checkAuthority, checkBorders, checkShown } from './border-check.js'
import { BORDER_ZONES, borderWorld } from './border-world.js'
import { drawFaultPlan } from './faults.js'
import { drawExchangePlan } from './faulty-exchange.js'
import { type ClusterFigures, isSettled, SimCluster } from './sim-cluster.js'

export interface BorderSimulationOptions {
  readonly seed: number
  /** Simulated time under faults, ms. */
  readonly durationMs?: number
}

export interface BorderFigures extends ClusterFigures {
  /** Payments that were acknowledged as durable. */
  durable: number
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
const PLACES = [{ prefers: ['west'] }, { prefers: ['middle', 'east'] }]
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
  readonly #cluster: SimCluster
  readonly #violations: string[] = []
  readonly #streams = new WeakMap<Zone, InputStream>()
  readonly #waiting = new WeakMap<InputStream, { readonly number: number; readonly id: string }[]>()
  readonly #promised: string[] = []
  /** Steps that the copies in a zone show, by copy; most steps that any copy has shown, by walker. */
  readonly #shown = new WeakMap<Zone, Map<string, { steps: number; from: string }>>()
  readonly #seen = new Map<string, number>()
  #payments = 0

  constructor(options: BorderSimulationOptions) {
    this.#options = options
    const random = new Prng(`border simulation ${options.seed}`)
    this.#random = random
    this.#cluster = new SimCluster({
      world: borderWorld,
      places: PLACES,
      plan: drawFaultPlan(random.fork('faults')),
      exchangePlan: drawExchangePlan(random.fork('exchange')),
      partitionPerSecond: random.chance(0.5) ? 0.3 : 0,
      killPerSecondOfOutage: KILLS_PER_SECOND_OF_OUTAGE,
      random,
      limits: LIMITS,
      skewMsMax: SKEW_MS_MAX,
      heard: (event) => this.#heard(event),
      startFailed: (cause) => this.#expected(cause),
    })
  }

  async run(): Promise<{ seed: number; violations: readonly string[]; figures: BorderFigures }> {
    const { durationMs = 12_000, seed } = this.#options
    const cluster = this.#cluster
    for (let at = 0; at < durationMs && this.#violations.length === 0; at += STEP_MS) {
      cluster.startMissing()
      if (cluster.injectFaults(STEP_MS) > 0 && cluster.figures.kills <= CRASH_IMAGES_MAX) await this.#checkCrashImage()
      this.#act()
      await cluster.time.advance(STEP_MS)
      this.#look()
    }
    if (this.#violations.length === 0) await this.#comeToRest()
    cluster.endAll()
    const stats = cluster.stats()
    const count = (name: string) => stats.get(name) ?? 0
    const figures = {
      durable: this.#promised.length,
      ...cluster.figures,
      handoversAsked: count('handoversAsked'),
      handoversGiven: count('handoversGiven'),
      handoversTaken: count('handoversTaken'),
      replicasReceived: count('replicasReceived'),
      replicasLate: count('replicasLate'),
      replicasEvicted: count('replicasEvicted'),
    }
    return { seed, violations: this.#violations, figures }
  }

  // ── what happens ────────────────────────────────────────────────────────────────────────────────

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

  #act(): void {
    for (const zone of this.#cluster.zones()) {
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
    const zones = this.#cluster.zones()
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
    const cluster = this.#cluster
    cluster.calm()
    const startedAt = cluster.time.now()
    while (cluster.time.now() - startedAt <= REST_MS_MAX) {
      cluster.startMissing()
      await cluster.time.advance(50)
      this.#look()
      const zones = cluster.zones()
      if (zones.length < BORDER_ZONES.length || !isSettled(zones)) continue
      this.#violations.push(...checkBorders(zones, this.#seen), ...this.#brokenPromises(zones))
      return
    }
    const zones = cluster.zones().map((zone) => `${zone.id} ${zone.state} ${JSON.stringify(zone.status().ops)}`)
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
    const time = new SimulatedTime(this.#cluster.time.now() + 60_000)
    const engine = new Engine({
      world: borderWorld,
      store: new MemoryStore(this.#cluster.disk.copy(), { clock: time, chunkSize: 7 }),
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
