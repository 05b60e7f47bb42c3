import { setTimeout as delay } from 'node:timers/promises'
import { Histogram, inTime, systemTimers } from '@terrane/core'
import { killPostgres } from '@terrane/testing/postgres-processes'
import { rssBytes } from '../cpu.js'
import { BenchChild, sibling } from '../processes.js'
import { type Figures, type Floor, note, report, round } from '../report.js'
import { Auditor } from './auditor.js'
import { judge, SAFETY_FLOORS } from './judgement.js'
import type { LoadStatus } from './load.js'
import type { WorldLoadOptions } from './load-process.js'
import type { Testimony } from './outcomes.js'
import { describeKill, type Kill, scheduleOf } from './schedule.js'
import { ServerProcess } from './server-process.js'
import { readTables } from './tables.js'

export interface ChaosOptions {
  readonly json: boolean
  readonly tiny: boolean
  readonly kills?: number
  readonly seed?: string
  readonly clients?: number
  readonly rate?: number
}

interface Plan {
  readonly kills: number
  readonly seed: string
  readonly clients: number
  readonly inputsPerSecond: number
}

const FULL = { kills: 30, clients: 200, inputsPerSecond: 3_000 }
const TINY = { kills: 3, clients: 10, inputsPerSecond: 200 }
const INPUTS_PER_SECOND_MIN = 2_000

const JOIN_MS_MAX = 120_000
const STATUS_MS_MAX = 30_000
const FINISH_MS_MAX = 120_000
const AUDIT_MS_MAX = 60_000
const RESUME_MS_MAX = 30_000
/** Under load once more after the last recovery. */
const LAST_SERVING_MS = 2_000

/** What happened on the way. */
interface Course {
  kills: number
  postgresKills: number
  /** Time during which the server served, ms. */
  servingMs: number
  readonly recoveryMs: Histogram
  /** From a kill until all clients were online again. */
  readonly resumeMs: Histogram
  readonly serverRss: number[]
  readonly loadRss: number[]
  /** Audits that are under way or done: the kills do not wait for them. */
  readonly audits: Promise<void>[]
  readonly violations: string[]
  /** Inputs that had been acknowledged as durable before a kill and were gone after it. */
  readonly lostInKill: string[]
}

export async function chaos(options: ChaosOptions): Promise<void> {
  const size = options.tiny ? TINY : FULL
  const plan: Plan = {
    kills: options.kills ?? size.kills,
    clients: options.clients ?? size.clients,
    inputsPerSecond: options.rate ?? size.inputsPerSecond,
    seed: options.seed ?? String(Date.now() % 1_000_000),
  }
  note(`chaos: ${plan.kills} kills, ${plan.clients} clients, ${plan.inputsPerSecond} inputs/s, seed ${plan.seed}`)
  const server = new ServerProcess({ name: 'chaos', world: sibling('./world', import.meta.url) })
  let passed = false
  try {
    passed = await run(plan, server, options)
  } finally {
    if (!passed) {
      note(`\nreplay: npm run chaos -- --seed ${plan.seed} --kills ${plan.kills}; the end of the server's log:`)
      for (const line of server.log) note(`  ${line}`)
    }
    await server.dispose()
  }
}

async function run(plan: Plan, server: ServerProcess, options: ChaosOptions): Promise<boolean> {
  server.launch()
  await server.ready()
  const load = startLoad(plan, server.url)
  try {
    await load.next(JOIN_MS_MAX)
    const auditor = await Auditor.join(server.url)
    const course = await goThrough(plan, server, load, auditor)
    note('all kills done: waiting until everything that was sent is durable')
    const last = await statusOf(load)
    const { testimonies } = (await load.request({ ask: 'finish' }, FINISH_MS_MAX)) as { testimonies: Testimony[] }
    await within(AUDIT_MS_MAX, Promise.all(course.audits), 'the audits')
    course.violations.push(...(await within(AUDIT_MS_MAX, auditor.audit(), 'the last audit')).problems)
    await auditor.close()
    await server.stop()
    return await conclude(plan, options, course, last, testimonies, server.data)
  } finally {
    await load.stop()
  }
}

function startLoad({ clients, inputsPerSecond, seed }: Plan, url: string): BenchChild {
  const options: WorldLoadOptions = { url, clients, inputsPerSecond, seed }
  return new BenchChild({ name: 'load', script: sibling('./load-process', import.meta.url), options }, false)
}

async function statusOf(load: BenchChild): Promise<LoadStatus> {
  return (await load.request({ ask: 'status' }, STATUS_MS_MAX)) as LoadStatus
}

async function goThrough(plan: Plan, server: ServerProcess, load: BenchChild, auditor: Auditor): Promise<Course> {
  const course: Course = {
    kills: 0,
    postgresKills: 0,
    servingMs: 0,
    recoveryMs: new Histogram(),
    resumeMs: new Histogram(),
    serverRss: [],
    loadRss: [],
    audits: [],
    violations: [],
    lostInKill: [],
  }
  let readyMs: number | undefined = performance.now()
  /** When it was killed the last time, ms since the epoch. */
  let killedAt = 0
  for (const kill of scheduleOf(plan.seed, plan.kills)) {
    if (kill.during === 'serving' && readyMs === undefined) readyMs = await recover(server, course, killedAt)
    course.kills++
    note(`kill ${course.kills}: ${describeKill(kill)}`)
    await carryOut(kill, server, course)
    if (readyMs !== undefined) course.servingMs += performance.now() - readyMs
    readyMs = undefined
    const status = await statusOf(load)
    noteResumption(status, killedAt, course)
    course.loadRss.push(status.rssBytes)
    killedAt = Date.now()
    server.launch()
    const checked = auditAfter(course.kills, auditor, status.acknowledged, course)
    // Awaited in the end; until then a failure must not count as unhandled.
    checked.catch(() => {})
    course.audits.push(checked)
  }
  readyMs = await recover(server, course, killedAt)
  await delay(LAST_SERVING_MS)
  noteResumption(await allBack(load, plan.clients), killedAt, course)
  course.servingMs += performance.now() - readyMs
  return course
}

/** Waits until all clients are online, within bounds: after that they count as lost. */
async function allBack(load: BenchChild, clients: number): Promise<LoadStatus> {
  const deadlineMs = performance.now() + RESUME_MS_MAX
  for (;;) {
    const status = await statusOf(load)
    if (status.online === clients || performance.now() > deadlineMs) return status
    await delay(50)
  }
}

/** @param killedAt the kill from which the clients had to come back; 0 before the first */
function noteResumption({ allOnlineAt }: LoadStatus, killedAt: number, course: Course): void {
  if (killedAt === 0) return
  if (allOnlineAt > killedAt) course.resumeMs.record(allOnlineAt - killedAt)
  else note('  (it came before all clients were back)')
}

/** Returns when it came to serve, by this process's clock. */
async function recover(server: ServerProcess, course: Course, killedAt: number): Promise<number> {
  await server.ready()
  const tookMs = Date.now() - killedAt
  course.recoveryMs.record(tookMs)
  note(`  serves again ${tookMs} ms after the kill`)
  return performance.now()
}

async function carryOut(kill: Kill, server: ServerProcess, course: Course): Promise<void> {
  const offsetMs = kill.postgresOffsetMs
  const killDatabase = () => {
    course.postgresKills++
    note(`  killed ${killPostgres(server.data)} processes of PostgreSQL`)
  }
  await delay(kill.afterMs + Math.min(0, offsetMs ?? 0))
  if (offsetMs !== undefined && offsetMs < 0) {
    killDatabase()
    await delay(-offsetMs)
  }
  if (kill.during === 'serving') course.serverRss.push(rssBytes(server.pid))
  const wasRunning = await server.kill()
  // Without its database a server may give up a start, and must not give up serving.
  if (!wasRunning) {
    if (kill.during === 'serving') throw new Error('the server had ended by itself')
    note('  (the server had given up the start by itself)')
  }
  if (offsetMs !== undefined && offsetMs >= 0) {
    await delay(offsetMs)
    killDatabase()
  }
}

/** @param acknowledged as of the kill: as much must be there after it */
async function auditAfter(
  kill: number,
  auditor: Auditor,
  acknowledged: Readonly<Record<string, number>>,
  course: Course,
): Promise<void> {
  const { problems, kept } = await auditor.audit()
  for (const problem of problems) course.violations.push(`after kill ${kill}: ${problem}`)
  for (const [player, count] of Object.entries(acknowledged)) {
    if ((kept[player] ?? 0) >= count) continue
    course.lostInKill.push(`after kill ${kill}: ${player} was told of ${count} inputs, ${kept[player] ?? 0} are there`)
  }
}

async function conclude(
  plan: Plan,
  options: ChaosOptions,
  course: Course,
  last: LoadStatus,
  testimonies: readonly Testimony[],
  data: string,
): Promise<boolean> {
  const judgement = judge(await readTables(data), testimonies, {
    violations: course.violations,
    lost: course.lostInKill,
  })
  for (const problem of [...judgement.problems, ...last.failures].slice(0, 40)) note(`! ${problem}`)
  const figures: Figures = {
    seed: plan.seed,
    kills: course.kills,
    postgresKills: course.postgresKills,
    clients: plan.clients,
    clientsResumed: last.online,
    ...judgement.figures,
    inputsPerSecond: Math.round(Number(judgement.figures.acknowledged) / (course.servingMs / 1_000)),
    servingSeconds: round(course.servingMs / 1_000),
    recoveryMsP50: Math.round(course.recoveryMs.quantile(0.5)),
    recoveryMsMax: Math.round(course.recoveryMs.max),
    resumeMsP50: Math.round(course.resumeMs.quantile(0.5)),
    resumeMsMax: Math.round(course.resumeMs.max),
    serverRssMbFirst: megabytes(course.serverRss[0]),
    serverRssMbLast: megabytes(course.serverRss.at(-1)),
    loadRssMbFirst: megabytes(course.loadRss[0]),
    loadRssMbLast: megabytes(course.loadRss.at(-1)),
  }
  return report({ name: 'chaos', figures, floors: floorsOf(plan, options) }, options.json)
}

function floorsOf({ kills, clients }: Plan, { tiny, rate, clients: fewer }: ChaosOptions): Floor[] {
  return [
    ...SAFETY_FLOORS,
    { figure: 'clientsResumed', min: clients },
    { figure: 'kills', min: kills },
    // Another load than the one of the target was asked for.
    ...(tiny || rate !== undefined || fewer !== undefined
      ? []
      : [{ figure: 'inputsPerSecond', min: INPUTS_PER_SECOND_MIN }]),
  ]
}

function megabytes(bytes: number | undefined): number | null {
  return bytes === undefined ? null : Math.round(bytes / 1_000_000)
}

function within<T>(ms: number, work: Promise<T>, what: string): Promise<T> {
  return inTime(systemTimers, ms, work, () => new Error(`${what} did not end within ${ms / 1_000} s`))
}
