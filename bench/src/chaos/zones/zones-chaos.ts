import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startEmbedded } from '@terrane/store-postgres'
import { NATS_MISSING, startNatsCluster } from '@terrane/testing/nats-cluster'
import { BenchChild, sibling } from '../../processes.js'
import { type Figures, type Floor, note, report, round } from '../../report.js'
import type { LoadStatus } from '../load.js'
import type { Testimony } from '../outcomes.js'
import type { TradeLoadOptions } from './load-process.js'
import { Ownership } from './ownership.js'
import { type ZoneFault, zoneFaultsOf } from './schedule.js'
import { judgeTrade, TRADE_FLOORS } from './trade-judgement.js'
import { readTrade } from './trade-tables.js'
import { ZoneProcess } from './zone-process.js'

export interface ZonesChaosOptions {
  readonly json: boolean
  readonly tiny: boolean
  readonly kills?: number
  readonly seed?: string
  readonly clients?: number
  readonly rate?: number
}

interface Plan {
  readonly faults: number
  readonly seed: string
  readonly clients: number
  readonly inputsPerSecond: number
}

const FULL = { faults: 20, clients: 48, inputsPerSecond: 500 }
const TINY = { faults: 2, clients: 12, inputsPerSecond: 100 }

const LEASE_SECONDS = 1
/** Target: another process takes inputs for the zones of one that was killed or frozen. */
const TAKE_OVER_MS_MAX = 2_000

const JOIN_MS_MAX = 120_000
const ASK_MS_MAX = 30_000
const FINISH_MS_MAX = 120_000
/** Nothing waits for longer than this before the run is given up. */
const WHOLE_MS_MAX = 60_000

interface Course {
  kills: number
  freezes: number
  /** Owners that woke up, found their zones taken, and let go of them. */
  fenced: number
}

/** Two processes with two zones each and a standby, one PostgreSQL, one NATS; and one process after the other is hit. */
export async function zonesChaos(options: ZonesChaosOptions): Promise<void> {
  if (NATS_MISSING !== undefined) throw new Error(NATS_MISSING)
  const size = options.tiny ? TINY : FULL
  const plan: Plan = {
    faults: options.kills ?? size.faults,
    clients: options.clients ?? size.clients,
    inputsPerSecond: options.rate ?? size.inputsPerSecond,
    seed: options.seed ?? String(Date.now() % 1_000_000),
  }
  note(
    `chaos of zones: ${plan.faults} faults, ${plan.clients} clients, ${plan.inputsPerSecond} inputs/s, seed ${plan.seed}`,
  )
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'terrane-zones-chaos-')))
  let passed = false
  const processes: ZoneProcess[] = []
  const postgres = await startEmbedded({ dataDir: join(home, 'postgres') })
  const nats = await startNatsCluster(1)
  const endNats = () => nats.map((node) => node.process.kill('SIGKILL'))
  process.once('exit', endNats)
  try {
    const database = {
      DATABASE_URL: postgres.url,
      DATABASE_ADMIN_URL: postgres.adminUrl,
      TERRANE_BUS_URL: nats.map(({ url }) => url).join(','),
      TERRANE_JWT_SECRET: 'the same secret for all of these processes',
    }
    const world = sibling('./trade-world', import.meta.url)
    for (const [name, ...zones] of [
      ['first', '--zones', 'north,east'],
      ['second', '--zones', 'south,west'],
      ['third'],
    ]) {
      const args = ['--lease-seconds', String(LEASE_SECONDS), '--standby', ...zones]
      processes.push(new ZoneProcess({ name: name as string, world, database, args }))
    }
    const load = await goThrough(plan, processes)
    const judgement = judgeTrade(await readTrade(postgres), load.testimonies)
    for (const problem of [...judgement.problems, ...load.last.failures]) note(`! ${problem}`)
    passed = conclude(plan, options, { ...load.figures, ...judgement.figures })
  } finally {
    if (!passed) {
      note(`\nreplay: npm run chaos -- --zones --seed ${plan.seed} --kills ${plan.faults}; the ends of the logs:`)
      for (const { name, log } of processes) for (const line of log.slice(-60)) note(`  ${name}: ${line}`)
    }
    await Promise.all(processes.map((each) => each.dispose()))
    process.removeListener('exit', endNats)
    await Promise.all(nats.map((node) => node.kill()))
    await postgres.stop('immediate')
    rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
}

async function goThrough(
  plan: Plan,
  processes: readonly ZoneProcess[],
): Promise<{ testimonies: readonly Testimony[]; last: LoadStatus; figures: Figures }> {
  // In turn: the first makes the tables, and the first two have their own zones before the third looks for free ones.
  for (const each of processes) await each.start()
  const ownership = new Ownership(processes)
  const { clients, inputsPerSecond, seed } = plan
  const options: TradeLoadOptions = { clients, inputsPerSecond, seed, urls: processes.map(({ url }) => url) }
  const load = new BenchChild({ name: 'load', script: sibling('./load-process', import.meta.url), options }, false)
  try {
    await load.next(JOIN_MS_MAX)
    await until(() => ownership.isWhole, 'all zones served')
    const startedMs = performance.now()
    const course: Course = { kills: 0, freezes: 0, fenced: 0 }
    for (const [i, fault] of zoneFaultsOf(seed, plan.faults).entries()) {
      await delay(fault.afterMs)
      await carryOut(fault, `fault ${i + 1}`, processes, ownership, course)
    }
    await until(async () => (await statusOf(load)).online === clients, 'all clients online')
    const last = await statusOf(load)
    const seconds = (performance.now() - startedMs) / 1_000
    note('all faults done: waiting until everything that was sent is durable and has arrived')
    const { testimonies } = (await load.request({ ask: 'finish' }, FINISH_MS_MAX)) as { testimonies: Testimony[] }
    await until(() => ownership.isWhole && ownership.opsUnderWay === 0, 'all ops acknowledged')
    await ownership.stop()
    await Promise.all(processes.map((each) => each.stop()))
    const { takeOverMs } = ownership
    return {
      testimonies,
      last,
      figures: {
        seed,
        faults: course.kills + course.freezes,
        ...course,
        clients,
        clientsResumed: last.online,
        takeOvers: takeOverMs.count,
        takeOversWarm: ownership.warmTakeOvers,
        takeOverMsP50: Math.round(takeOverMs.quantile(0.5)),
        takeOverMsP99: Math.round(takeOverMs.quantile(0.99)),
        takeOverMsMax: Math.round(takeOverMs.max),
        inputsPerSecond: Math.round(last.durable / seconds),
        seconds: round(seconds),
      },
    }
  } finally {
    await ownership.stop()
    await load.stop()
  }
}

async function carryOut(
  fault: ZoneFault,
  name: string,
  processes: readonly ZoneProcess[],
  ownership: Ownership,
  course: Course,
): Promise<void> {
  const owners = processes.filter((each) => ownership.zonesOf(each).length > 0)
  const others = processes.filter((each) => !owners.includes(each))
  const candidates = fault.hitsOwner || others.length === 0 ? owners : others
  const victim = candidates[fault.victim % candidates.length] as ZoneProcess
  const zones = ownership.zonesOf(victim)
  note(`${name}: ${fault.kind} the ${victim.name} (${zones.join(', ') || 'no zones'}) for ${fault.lastsMs} ms`)
  const before = ownership.takeOverMs.count
  ownership.hit(victim)
  if (fault.kind === 'kill') {
    course.kills++
    await victim.kill()
    await delay(fault.lastsMs)
    await victim.start()
  } else {
    course.freezes++
    victim.freeze()
    await delay(fault.lastsMs)
    victim.thaw()
    const lost = zones.filter((zone) => ownership.ownerOf(zone) !== victim)
    // It says so itself, in its own time.
    await until(() => ownership.hasLetGo(victim), `the ${victim.name} letting go of what it has lost`)
    if (lost.length > 0) course.fenced++
    else ownership.spared(victim)
  }
  await until(() => ownership.isWhole, 'all zones served again')
  const taken = ownership.takeOverMs.count - before
  if (taken > 0) note(`  ${taken} zones taken over`)
}

function conclude({ faults, clients }: Plan, { json, tiny }: ZonesChaosOptions, figures: Figures): boolean {
  const floors: Floor[] = [
    ...TRADE_FLOORS,
    { figure: 'faults', min: faults },
    { figure: 'clientsResumed', min: clients },
    { figure: 'takeOvers', min: 2 },
    { figure: 'takeOversWarm', min: 2 },
    ...(faults > 1 ? [{ figure: 'fenced', min: 1 }] : []),
    ...(tiny ? [] : [{ figure: 'takeOverMsP99', max: TAKE_OVER_MS_MAX }]),
  ]
  return report({ name: 'chaos-zones', figures, floors }, json)
}

async function statusOf(load: BenchChild): Promise<LoadStatus> {
  return (await load.request({ ask: 'status' }, ASK_MS_MAX)) as LoadStatus
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = performance.now() + WHOLE_MS_MAX
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`waited ${WHOLE_MS_MAX / 1_000} s in vain for ${what}`)
    await delay(20)
  }
}
