import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Histogram, systemClock, systemTimers } from '@terrane/core'
import { type AnyWorld, Engine, type EngineEvent } from '@terrane/engine'
import { openPostgresStore, startEmbedded } from '@terrane/store-postgres'
import { cpuSeconds } from '../cpu.js'
import { type Figures, type Floor, note, report, round, table } from '../report.js'
import { OpsLoad, opsWorld } from './ops-world.js'

export interface OpsOptions {
  readonly json: boolean
  readonly tiny: boolean
  readonly seconds?: number
  /** Ops on their way in all zones together. */
  readonly inFlight?: number
}

interface Measurement {
  /** Ops that were durable where they came from and where they went to, per second. */
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** CPU time of this process, all threads, per op, µs. */
  readonly cpuMicros: number
}

/** So many that the database always has a batch to write, and no more than are needed for that. */
const IN_FLIGHT = 1_500
const WARM_UP_MS = 1_500

const FLOORS: readonly Floor[] = [
  { figure: 'opsPerSecondMin', min: 50_000 },
  { figure: 'p99MsMax', max: 25 },
  // Zones that take no part still have their clocks and leases: a few per cent.
  { figure: 'uninvolvedCost', max: 1.2 },
]

/** Ops between the zones of one process on an embedded PostgreSQL, each to its neighbours in a ring. */
export async function ops(options: OpsOptions): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'terrane-ops-'))
  const postgres = await startEmbedded({ dataDir: join(directory, 'postgres') })
  try {
    const inFlight = options.inFlight ?? (options.tiny ? 40 : IN_FLIGHT)
    const seconds = options.tiny ? 0.5 : (options.seconds ?? 5)
    const { url, adminUrl } = postgres
    const run = (zones: number, active: number) => measure({ url, adminUrl, zones, active, inFlight, seconds })
    const sizes = options.tiny ? [2, 4] : [2, 8, 64]
    const figures: Figures = { inFlight }
    const measured: Measurement[] = []
    const rows: string[][] = []
    const enter = (label: string, key: string, one: Measurement) => {
      for (const [name, value] of Object.entries(one)) figures[`${key}.${name}`] = round(value)
      rows.push([label, ...Object.values(one).map((value) => String(round(value)))])
    }
    for (const zones of sizes) {
      const one = await run(zones, zones)
      measured.push(one)
      enter(`${zones} zones`, `zones${zones}`, one)
    }
    const most = sizes.at(-1) as number
    const among = await run(most, 2)
    enter(`2 zones among ${most}`, `among${most}`, among)
    figures.opsPerSecondMin = round(Math.min(...measured.map(({ perSecond }) => perSecond)))
    figures.p99MsMax = round(Math.max(...measured.map(({ p99Ms }) => p99Ms)))
    figures.uninvolvedCost = round(among.cpuMicros / (measured[0] as Measurement).cpuMicros)
    note(`\n${table(['in one process', 'ops/s', 'p50 ms', 'p99 ms', 'CPU µs/op'], rows)}`)
    report({ name: 'ops', figures, floors: options.tiny ? [] : FLOORS }, options.json)
  } finally {
    await postgres.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

async function measure(on: {
  url: string
  adminUrl: string
  zones: number
  active: number
  inFlight: number
  seconds: number
}): Promise<Measurement> {
  const zones = Array.from({ length: on.zones }, (_, i) => `ops-${on.zones}-${on.active}-${i}`)
  const load = new OpsLoad(zones.slice(0, on.active))
  const world = opsWorld(zones, load) as AnyWorld
  const opened = await openPostgresStore({ url: on.url, migrationUrl: on.adminUrl })
  const failures: EngineEvent[] = []
  const engine = new Engine({
    world,
    store: opened.store,
    clock: systemClock,
    timers: systemTimers,
    seed: 'bench',
    owner: `bench-${process.pid}`,
    report: (event) => {
      if ('cause' in event) failures.push(event)
    },
  })
  try {
    await opened.migrate(world)
    await engine.start()
    const byName = new Map(engine.zones().map((zone) => [zone.id, zone]))
    load.outboxOf = (zone) => byName.get(zone)?.status().ops.outbox ?? 0
    load.inFlight = Math.ceil(on.inFlight / on.active)
    await delay(WARM_UP_MS)
    load.latencyMs = new Histogram()
    const [startMs, startCpu, startOps] = [performance.now(), cpuSeconds(process.pid), acknowledged(engine)]
    await delay(on.seconds * 1_000)
    const [endMs, endCpu, endOps] = [performance.now(), cpuSeconds(process.pid), acknowledged(engine)]
    const latency = load.latencyMs
    load.inFlight = 0
    await engine.drain()
    if (failures.length > 0) throw new Error('a zone met a failure while it was measured', { cause: failures[0] })
    const count = endOps - startOps
    return {
      perSecond: (count * 1_000) / (endMs - startMs),
      p50Ms: latency.quantile(0.5),
      p99Ms: latency.quantile(0.99),
      cpuMicros: ((endCpu - startCpu) * 1e6) / count,
    }
  } finally {
    engine.stop()
    await opened.close()
  }
}

/** Ops that are durable at both ends: sent, and gone from the outbox. */
function acknowledged(engine: Engine): number {
  const waiting = engine.statuses().reduce((sum, { ops: { outbox } }) => sum + outbox, 0)
  return engine.stats().opsSent - waiting
}
