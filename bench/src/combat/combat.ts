import {
  decodeJobResult,
  encodeJobResult,
  iterationsOf,
  type JobResult,
  mergeResults,
  summarize,
} from '@terrane/combat'
import { sibling } from '../processes.js'
import { type Figures, type Floor, median, note, report, round, table } from '../report.js'
import { TaskWorkers } from '../task-workers.js'
import type { Result, Task } from './contract.js'
import { shippedSpecs } from './shipped.js'

export interface CombatOptions {
  readonly json: boolean
  readonly tiny: boolean
}

/** The machine that the targets are for has two. */
const CORES = 2
const ROUNDS = 7
const FIGHTS = 4_000
const FIGHTS_TINY = 60
/** Fights that are fought first, for the code to be compiled. */
const WARM_UP = 3_000
/** The job for the scaling: chunks from one queue. */
const CHUNKS = 16

const FLOORS: readonly Floor[] = [
  { figure: 'typical.eventsPerFight', min: 500 },
  { figure: 'typical.eventsPerSecond', min: 5_000_000 },
  { figure: 'typical.fightsPerSecond', min: 5_000 },
  { figure: 'scalingOn2', min: 1.8 },
  { figure: 'differentBytes', max: 0 },
]

interface SpecFigures {
  readonly spec: string
  readonly eventsPerFight: number
  readonly eventsPerSecond: number
  readonly fightsPerSecond: number
  readonly fightsPerWallSecond: number
  readonly dps: number
}

/** Fights of 300 seconds per second of a core, for every shipped profile, and how two workers share a job. */
export async function combat(options: CombatOptions): Promise<void> {
  const fights = options.tiny ? FIGHTS_TINY : FIGHTS
  const rounds = options.tiny ? 1 : ROUNDS
  const script = sibling('./combat-worker', import.meta.url)
  const workers = new TaskWorkers<Task, Result>(script, CORES)
  const single = new TaskWorkers<Task, Result>(script, 1)
  const figures: Figures = {}
  try {
    const measured: SpecFigures[] = []
    for (const spec of shippedSpecs()) measured.push(await measureSpec(single, spec, fights, rounds))
    const rows = measured.map(({ spec, ...row }) => [spec, ...Object.values(row).map((value) => String(round(value)))])
    note(table(['profile', 'events/fight', 'events/s', 'fights/s', 'fights/s (wall)', 'DPS'], rows))
    note('per second of a core, best of the rounds; wall: by the clock, with what else the machine does')
    for (const { spec, eventsPerFight, eventsPerSecond, fightsPerSecond } of measured) {
      figures[`${spec}.eventsPerFight`] = round(eventsPerFight)
      figures[`${spec}.eventsPerSecond`] = round(eventsPerSecond)
      figures[`${spec}.fightsPerSecond`] = round(fightsPerSecond)
    }
    // Of the profiles: neither the quickest nor the slowest.
    for (const figure of ['eventsPerFight', 'eventsPerSecond', 'fightsPerSecond'] as const) {
      figures[`typical.${figure}`] = round(median(measured.map((row) => row[figure])))
    }
    Object.assign(figures, await measureScaling(single, workers, shippedSpecs()[0] ?? '', fights, rounds))
  } finally {
    await Promise.all([workers.stop(), single.stop()])
  }
  report({ name: 'combat', figures, floors: options.tiny ? [] : FLOORS }, options.json)
}

async function measureSpec(
  workers: TaskWorkers<Task, Result>,
  spec: string,
  fights: number,
  rounds: number,
): Promise<SpecFigures> {
  await workers.run([{ spec, seed: 'warm-up', first: 0, count: Math.min(fights, WARM_UP) }])
  const results = await workers.run(
    Array.from({ length: rounds }, (_, i) => ({ spec, seed: 'bench', first: i * fights, count: fights })),
  )
  const whole = results.map(({ bytes }) => decodeJobResult(bytes)).reduce(mergeResults)
  const eventsPerFight = Number(whole.events) / iterationsOf(whole)
  // What else the machine does only makes a round slower.
  const fightsPerSecond = Math.max(...results.map(({ cpuMilliseconds }) => (1_000 * fights) / cpuMilliseconds))
  return {
    spec,
    eventsPerFight,
    eventsPerSecond: eventsPerFight * fightsPerSecond,
    fightsPerSecond,
    fightsPerWallSecond: Math.max(...results.map(({ milliseconds }) => (1_000 * fights) / milliseconds)),
    dps: summarize(whole).mean,
  }
}

/** One job on one worker and on two, by turns; its bytes must be the same. */
async function measureScaling(
  single: TaskWorkers<Task, Result>,
  workers: TaskWorkers<Task, Result>,
  spec: string,
  fights: number,
  rounds: number,
): Promise<Figures> {
  const chunk = Math.ceil((2 * fights) / CHUNKS)
  const job = Array.from({ length: CHUNKS }, (_, i) => ({ spec, seed: 'scaling', first: i * chunk, count: chunk }))
  const run = async (on: TaskWorkers<Task, Result>): Promise<{ ms: number; bytes: Buffer }> => {
    const startMs = performance.now()
    const results = await on.run(job)
    const ms = performance.now() - startMs
    const merged: JobResult = results.map(({ bytes }) => decodeJobResult(bytes)).reduce(mergeResults)
    return { ms, bytes: Buffer.from(encodeJobResult(merged)) }
  }
  const ratios: number[] = []
  let differentBytes = 0
  // Both workers compile the code before it counts.
  await run(workers)
  for (let i = 0; i < rounds; i++) {
    const one = await run(single)
    const two = await run(workers)
    ratios.push(one.ms / two.ms)
    if (!one.bytes.equals(two.bytes)) differentBytes++
  }
  return { scalingOn2: round(Math.max(...ratios)), scalingOn2Median: round(median(ratios)), differentBytes }
}
