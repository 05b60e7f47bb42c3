import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPostgresStore, startEmbedded } from '@terrane/store-postgres'
import { heldBytes } from '../regions/memory.js'
import { type Figures, type Floor, median, note, report, round, table } from '../report.js'
import { measureCheckpointed } from './checkpoints.js'
import { dropEnded, JobsAtWork, type Rates } from './in-process.js'
import { measureOverHttp } from './over-http.js'
import { measureGraphileWorker, measurePgBoss } from './peers.js'

export interface JobsOptions {
  readonly json: boolean
  readonly tiny: boolean
  readonly peers: boolean
}

const FLOORS: readonly Floor[] = [
  { figure: 'volatile.perSecond', min: 200_000 },
  { figure: 'checkpointed.perSecond', min: 100_000 },
  { figure: 'bytesPerClaim', max: 300 },
  { figure: 'bytesPerUnclaimedChunk', max: 0.1 },
  // Ten times the jobs are ten times the claims, too, and no longer in the processor's caches: that costs up to 1.8. A
  // look-up that goes through the jobs would cost 10.
  { figure: 'costOfTenTimesTheJobs', max: 2.5 },
]
const PEER_FLOORS: readonly Floor[] = [{ figure: 'timesGraphileWorker', min: 10 }]

interface Size {
  readonly rounds: number
  /** Measured at a time. */
  readonly cycles: number
  readonly jobs: number
  /** In flight, of each job. */
  readonly chunks: number
  readonly peerJobs: number
  /** Of the same number of chunks each. */
  readonly httpJobs: number
}

const FULL: Size = { rounds: 5, cycles: 500_000, jobs: 1_000, chunks: 1_000, peerJobs: 5_000, httpJobs: 5 }
const TINY: Size = { rounds: 1, cycles: 5_000, jobs: 20, chunks: 20, peerJobs: 200, httpJobs: 2 }
const CONNECTIONS = 8
const BOSS_BATCH = 100

/** Giving out and taking in the chunks of jobs: in memory, with checkpoints, with many in flight, over HTTP, and as queues in SQL do it. */
export async function jobs(options: JobsOptions): Promise<void> {
  const size = options.tiny ? TINY : FULL
  const figures: Figures = {}
  const rows: string[][] = []
  const enter = (label: string, key: string, rates: readonly Rates[]) => {
    // What else the machine does only makes a round slower.
    const perSecond = Math.max(...rates.map((rate) => rate.perSecond))
    const perWallSecond = median(rates.map((rate) => rate.perWallSecond))
    figures[`${key}.perSecond`] = round(perSecond)
    figures[`${key}.perWallSecond`] = round(perWallSecond)
    rows.push([label, String(round(perSecond)), String(round(perWallSecond))])
    note(`${label}: ${round(perSecond)} per second of a core`)
    return perSecond
  }
  enter('in memory', 'volatile', await measureVolatile(size))
  Object.assign(figures, await measureMemory(size))
  const few = enter(`${size.jobs / 10} jobs in flight`, 'fewJobs', await measureInFlight(size.jobs / 10, size))
  const many = enter(`${size.jobs} jobs in flight`, 'manyJobs', await measureInFlight(size.jobs, size))
  figures.costOfTenTimesTheJobs = round(few / many)
  const directory = await mkdtemp(join(tmpdir(), 'terrane-jobs-'))
  const postgres = await startEmbedded({ dataDir: join(directory, 'postgres') })
  try {
    const opened = await openPostgresStore({ url: postgres.url, migrationUrl: postgres.adminUrl })
    await opened.migrate()
    await opened.close()
    const checkpointed: Awaited<ReturnType<typeof measureCheckpointed>>[] = []
    for (let i = 0; i < size.rounds; i++) {
      checkpointed.push(await measureCheckpointed(postgres.url, { jobs: 100, chunks: size.cycles }))
    }
    enter('with checkpoints', 'checkpointed', checkpointed)
    figures.savesPerRound = median(checkpointed.map(({ saves }) => saves))
    figures.bytesPerSave = round(median(checkpointed.map(({ bytesPerSave }) => bytesPerSave)))
    if (options.peers) Object.assign(figures, await measurePeers(postgres.adminUrl, size, rows))
  } finally {
    await postgres.stop()
    await rm(directory, { recursive: true, force: true })
  }
  Object.assign(figures, await measureHttp(size, rows))
  if (options.peers) {
    figures.timesGraphileWorker = round(
      (figures['checkpointed.perWallSecond'] as number) / (figures['graphileWorker.perSecond'] as number),
    )
  }
  note(table(['chunks claimed and completed', 'per second of a core', 'per second'], rows))
  note('of a core: best of the rounds; by the clock: median, with what else the machine does')
  const floors = [...FLOORS, ...(options.peers ? PEER_FLOORS : [])]
  report({ name: 'jobs', figures, floors: options.tiny ? [] : floors }, options.json)
}

async function measureVolatile({ rounds, cycles }: Size): Promise<Rates[]> {
  const jobCount = 100
  const work = new JobsAtWork(jobCount, Math.ceil(cycles / jobCount))
  const refill = () => {
    dropEnded(work.runtime)
    while (work.runtime.jobs().length < jobCount) work.add(Math.ceil(cycles / jobCount))
  }
  await work.cyclesPerSecond(cycles, refill)
  const rates: Rates[] = []
  for (let i = 0; i < rounds; i++) rates.push(await work.cyclesPerSecond(cycles, refill))
  return rates
}

/** Bytes of a claim that is in flight, and of a chunk that nobody has claimed. */
async function measureMemory({ jobs, chunks }: Size): Promise<Figures> {
  const before = await heldBytes()
  const small = new JobsAtWork(jobs, chunks)
  const withSmall = await heldBytes()
  const large = new JobsAtWork(jobs, chunks * 100)
  const withLarge = await heldBytes()
  small.fill(jobs * chunks)
  const filled = await heldBytes()
  const bytesPerJob = (withSmall - before) / jobs
  // A hundred times the chunks, for what the same number of jobs takes anyway.
  const more = withLarge - withSmall - (withSmall - before)
  if (large.runtime.inFlight + small.runtime.inFlight !== jobs * chunks) throw new Error('claims are missing')
  return {
    inFlight: small.runtime.inFlight,
    bytesPerJob: round(bytesPerJob),
    bytesPerClaim: round((filled - withLarge) / (jobs * chunks)),
    bytesPerUnclaimedChunk: round(Math.max(0, more) / (jobs * chunks * 99)),
  }
}

/** Cycles while each of the jobs has its chunks in flight. */
async function measureInFlight(jobs: number, { rounds, cycles, chunks }: Size): Promise<Rates[]> {
  const noWork = () => {
    throw new Error('there is no more work to give out')
  }
  const each = Math.ceil(cycles / rounds)
  const work = new JobsAtWork(jobs, chunks + Math.ceil((2 * cycles + each) / jobs))
  work.fill(jobs * chunks)
  await work.cyclesPerSecond(each, noWork)
  const rates: Rates[] = []
  for (let i = 0; i < rounds; i++) rates.push(await work.cyclesPerSecond(each, noWork))
  return rates
}

/** From end to end: signed requests of nodes to a server with a database of its own. */
async function measureHttp({ httpJobs, chunks }: Size, rows: string[][]): Promise<Figures> {
  const data = await mkdtemp(join(tmpdir(), 'terrane-jobs-http-'))
  try {
    const measured = await measureOverHttp({ data, jobs: httpJobs, chunks })
    rows.push(['over HTTP, signed, in batches', '', String(round(measured.perSecond))])
    note(`over HTTP: ${round(measured.perSecond)} per second, batches in ${round(measured.cycleP99Ms)} ms (p99)`)
    return Object.fromEntries(Object.entries(measured).map(([key, value]) => [`http.${key}`, round(value)]))
  } finally {
    await rm(data, { recursive: true, force: true })
  }
}

async function measurePeers(url: string, { peerJobs }: Size, rows: string[][]): Promise<Figures> {
  const figures: Figures = {}
  const run = { jobs: peerJobs, connections: CONNECTIONS }
  const enter = (label: string, key: string, perSecond: number) => {
    figures[`${key}.perSecond`] = round(perSecond)
    rows.push([label, '', String(round(perSecond))])
    note(`${label}: ${round(perSecond)} per second`)
  }
  enter('graphile-worker', 'graphileWorker', await measureGraphileWorker(url, run))
  enter('pg-boss', 'pgBoss', await measurePgBoss(url, run, 1))
  enter(`pg-boss, ${BOSS_BATCH} at a time`, 'pgBossBatched', await measurePgBoss(url, run, BOSS_BATCH))
  return figures
}
