import { setTimeout as delay } from 'node:timers/promises'
import { Prng } from '@terrane/core'
import { startFaultProxy } from '@terrane/testing/fault-proxy'
import { rssBytes } from '../cpu.js'
import { BenchChild, sibling } from '../processes.js'
import { type Figures, type Floor, note, report, round } from '../report.js'
import { Auditor } from './auditor.js'
import { type DatabaseFault, type DatabaseSite, FAULTS, faultsOf, startDatabase } from './database-faults.js'
import { judge, SAFETY_FLOORS } from './judgement.js'
import type { LoadStatus } from './load.js'
import type { WorldLoadOptions } from './load-process.js'
import type { Testimony } from './outcomes.js'
import { ServerProcess } from './server-process.js'
import { readTables } from './tables.js'

export interface DatabaseChaosOptions {
  readonly json: boolean
  readonly tiny: boolean
  readonly seed?: string
  readonly clients?: number
  readonly rate?: number
}

const FULL = { clients: 200, inputsPerSecond: 1_000, rounds: 2 }
const TINY = { clients: 10, inputsPerSecond: 200, rounds: 1 }
/** A tiny run shortens faults and calm times to this part. */
const TINY_PACE = 0.25

const JOIN_MS_MAX = 120_000
const STATUS_MS_MAX = 30_000
const FINISH_MS_MAX = 120_000
/** Nothing waits for longer than this before the run is given up. */
const NORMAL_MS_MAX = 60_000
/** From when on it is normal again: this share of the rate of calm times, over such a window. */
const NORMAL_SHARE = 0.8
const WINDOW_MS = 400
const CALM_MS = 1_500
/** Target: back to normal within 5 s of a fault's end. */
const RECOVERY_MS_MAX = 5_000
/**
 * Memory is bounded when a second round of all faults leaves no more of it than the first: what the server's heap and
 * buffers hold after a full collection, over the same after the first. The resident size is shown too; it has no floor,
 * because it also counts garbage that nobody had a reason to collect.
 */
const LIVE_RATIO_MAX = 1.25
/** Lets a full collection be asked for from outside. */
const COLLECT_ON_SIGNAL = [
  '--expose-gc',
  `--import=data:text/javascript,${encodeURIComponent("process.on('SIGUSR2', () => globalThis.gc())")}`,
]
const COLLECT_MS = 1_000

/** The real server under load while its database, and the way to it, fail in every way that we know of. */
export async function databaseChaos(options: DatabaseChaosOptions): Promise<void> {
  const size = options.tiny ? TINY : FULL
  const load: Omit<WorldLoadOptions, 'url'> = {
    clients: options.clients ?? size.clients,
    inputsPerSecond: options.rate ?? size.inputsPerSecond,
    seed: options.seed ?? String(Date.now() % 1_000_000),
  }
  const faults = faultsOf(load.seed, size.rounds)
  note(
    `database chaos: ${faults.length} faults, ${load.clients} clients, ${load.inputsPerSecond} inputs/s, seed ${load.seed}`,
  )
  const database: Record<string, string> = {}
  const world = sibling('./world', import.meta.url)
  const server = new ServerProcess({ name: 'database-chaos', world, database, execArgv: COLLECT_ON_SIGNAL })
  let passed = false
  try {
    const postgres = await startDatabase(server.data)
    const target = new URL(postgres.url)
    const host = target.hostname.replace(/^\[|\]$/g, '')
    const proxy = await startFaultProxy({ target: { host, port: Number(target.port) } })
    const site: DatabaseSite = { data: server.data, proxy, postgres }
    try {
      Object.assign(database, {
        DATABASE_URL: throughProxy(postgres.url, proxy.port),
        DATABASE_ADMIN_URL: throughProxy(postgres.adminUrl, proxy.port),
        DATABASE_CERTS: postgres.certs ?? '',
      })
      passed = await run(load, faults, site, server, options)
    } finally {
      await proxy.close()
      await site.postgres.stop('immediate')
    }
  } finally {
    if (!passed) {
      note(`\nreplay: npm run chaos -- --database --seed ${load.seed}; the end of the server's log:`)
      for (const line of server.log) note(`  ${line}`)
    }
    await server.dispose()
  }
}

/** The certificate names 127.0.0.1, where the proxy listens. */
function throughProxy(url: string, port: number): string {
  const address = new URL(url)
  address.hostname = '127.0.0.1'
  address.port = String(port)
  return address.href
}

async function run(
  plan: Omit<WorldLoadOptions, 'url'>,
  faults: readonly DatabaseFault[],
  site: DatabaseSite,
  server: ServerProcess,
  { json, tiny }: DatabaseChaosOptions,
): Promise<boolean> {
  server.launch()
  await server.ready()
  const options: WorldLoadOptions = { ...plan, url: server.url }
  const load = new BenchChild({ name: 'load', script: sibling('./load-process', import.meta.url), options }, false)
  try {
    await load.next(JOIN_MS_MAX)
    const auditor = await Auditor.join(server.url)
    const random = new Prng(`database chaos ${plan.seed}`)
    const startedMs = performance.now()
    const durablePerSecond = await calmRate(load)
    const rssAtStart = rssBytes(server.pid)
    const liveMb = [await liveMegabytes(server)]
    const recoveries: { readonly name: string; readonly ms: number; readonly rssMb: number }[] = []
    const pace = tiny ? TINY_PACE : 1
    for (const [i, fault] of faults.entries()) {
      await delay(CALM_MS * pace)
      note(`fault ${i + 1} of ${faults.length}: ${fault.name}`)
      await fault.begin(site, random)
      await delay(fault.lastsMs * pace)
      await fault.end?.(site)
      const ms = Math.round(await normal(load, durablePerSecond))
      const rssMb = megabytes(rssBytes(server.pid))
      note(`  normal ${ms} ms after its end; the server's memory is ${rssMb} MB`)
      recoveries.push({ name: fault.name, ms, rssMb })
      if ((i + 1) % FAULTS.length === 0) liveMb.push(await liveMegabytes(server))
    }
    const seconds = (performance.now() - startedMs) / 1_000
    const last = await statusOf(load)
    const { testimonies } = (await load.request({ ask: 'finish' }, FINISH_MS_MAX)) as { testimonies: Testimony[] }
    const violations = (await auditor.audit()).problems
    await auditor.close()
    await server.stop()
    await site.postgres.stop('fast')
    const judgement = judge(await readTables(server.data), testimonies, { violations, lost: [] })
    for (const problem of [...judgement.problems, ...last.failures].slice(0, 40)) note(`! ${problem}`)
    const slowest = recoveries.reduce((a, b) => (b.ms > a.ms ? b : a))
    const [liveAtStart, liveAfterFirst, liveAfterSecond] = liveMb as [number, number, number?]
    const figures: Figures = {
      seed: plan.seed,
      faults: faults.length,
      kinds: new Set(faults.map(({ name }) => name)).size,
      clients: plan.clients,
      clientsOnline: last.online,
      ...judgement.figures,
      durablePerSecond: Math.round(durablePerSecond),
      seconds: Math.round(seconds),
      slowestToNormalMs: slowest.ms,
      slowest: slowest.name,
      rssMbAtStart: megabytes(rssAtStart),
      rssMbMax: Math.max(...recoveries.map(({ rssMb }) => rssMb)),
      liveMbAtStart: round(liveAtStart),
      liveMbFirstRound: round(liveAfterFirst),
      ...(liveAfterSecond === undefined
        ? {}
        : { liveMbSecondRound: round(liveAfterSecond), liveRatio: round(liveAfterSecond / liveAfterFirst) }),
    }
    return report({ name: 'chaos-database', figures, floors: floorsOf(plan.clients, tiny) }, json)
  } finally {
    await load.stop()
  }
}

function floorsOf(clients: number, tiny: boolean): Floor[] {
  return [
    ...SAFETY_FLOORS,
    { figure: 'clientsOnline', min: clients },
    { figure: 'kinds', min: FAULTS.length },
    ...(tiny
      ? []
      : [
          { figure: 'slowestToNormalMs', max: RECOVERY_MS_MAX },
          { figure: 'liveRatio', max: LIVE_RATIO_MAX },
        ]),
  ]
}

/** Inputs that become durable per second while nothing is wrong. The world rejects some by its own rules. */
async function calmRate(load: BenchChild): Promise<number> {
  await delay(CALM_MS)
  const before = await statusOf(load)
  const beforeMs = performance.now()
  await delay(CALM_MS)
  const after = await statusOf(load)
  return (1_000 * (after.durable - before.durable)) / (performance.now() - beforeMs)
}

/** Waits until inputs become durable at the rate of calm times again; returns after how long they began to, ms. */
async function normal(load: BenchChild, durablePerSecond: number): Promise<number> {
  const startedMs = performance.now()
  let before = await statusOf(load)
  let beforeMs = startedMs
  for (;;) {
    await delay(WINDOW_MS)
    const status = await statusOf(load)
    const nowMs = performance.now()
    const perSecond = (1_000 * (status.durable - before.durable)) / (nowMs - beforeMs)
    if (perSecond >= NORMAL_SHARE * durablePerSecond) return beforeMs - startedMs
    if (nowMs - startedMs > NORMAL_MS_MAX) throw new Error(`not normal again ${NORMAL_MS_MAX / 1_000} s after a fault`)
    before = status
    beforeMs = nowMs
  }
}

async function statusOf(load: BenchChild): Promise<LoadStatus> {
  return (await load.request({ ask: 'status' }, STATUS_MS_MAX)) as LoadStatus
}

/** What the server holds after a full collection: heap, and buffers outside it. */
async function liveMegabytes(server: ServerProcess): Promise<number> {
  process.kill(server.pid, 'SIGUSR2')
  await delay(COLLECT_MS)
  const text = await (await fetch(`${server.url}/metrics`)).text()
  const bytes = (name: string) => Number(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)`, 'm').exec(text)?.[1])
  return (bytes('nodejs_heap_size_used_bytes') + bytes('nodejs_external_memory_bytes')) / 1e6
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_000_000)
}
