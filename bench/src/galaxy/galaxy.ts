import { SIZE_BANDS, type SizeBand } from '@terrane/world-frontier/galaxy'
import { type Figures, type Floor, median, note, report, round, table } from '../report.js'
import type { Result, Task } from './contract.js'
import { growthExponent } from './growth.js'
import { Workers } from './workers.js'

export interface GalaxyOptions {
  readonly json: boolean
  readonly tiny: boolean
  readonly seeds?: number
}

const SEEDS = 300
const SEEDS_TINY = 10
/** The machine that the targets are for has two. */
const CORES = 2
const REGIONS = 50
const SECTORS_EACH = 1_100
/** Regions that are generated first, for the code to be compiled. */
const WARM_UP = 8
const ROUNDS = 15
/** Sizes from the first band with a full budget on; smaller regions have next to no formations. */
const GROWTH_SIZES = [301, 450, 600, 800, 1_000, 1_200, 1_500, 'nexus'] as const
const FORMATIONS_PHASE = 9
const BELOW_BUDGET_FROM = 301

const FLOORS: readonly Floor[] = [
  { figure: 'phase9MsMax', max: 200 },
  { figure: 'regionMsMax', max: 1_500 },
  { figure: 'universeSeconds', max: 60 },
  // Of n log n. A tenth is for what the machine does besides.
  { figure: 'growthExponent', max: 1.1 },
  { figure: 'invalidRegions', max: 0 },
  { figure: 'belowBudgetPercent', max: 2 },
]

/** Generates regions of all sizes, a whole universe on all cores, and many seeds that are checked. */
export async function galaxy(options: GalaxyOptions): Promise<void> {
  const seeds = options.seeds ?? (options.tiny ? SEEDS_TINY : SEEDS)
  const rounds = options.tiny ? 1 : ROUNDS
  const figures: Figures = {}
  const single = new Workers(1)
  const all = new Workers(CORES)
  try {
    await single.run(Array.from({ length: options.tiny ? 1 : WARM_UP }, (_, i) => generate(1_000, `warm-up ${i}`)))
    Object.assign(figures, await measureRegion(single, rounds))
    Object.assign(figures, await measureGrowth(single, Math.ceil(rounds / 3)))
    Object.assign(figures, await measureUniverse(all, options.tiny ? 2 : REGIONS))
    Object.assign(figures, await checkSeeds(all, seeds))
  } finally {
    await Promise.all([single.stop(), all.stop()])
  }
  report({ name: 'galaxy', figures, floors: options.tiny ? [] : FLOORS }, options.json)
}

function generate(sectors: number | 'nexus', seed: string): Task {
  return { kind: 'generate', request: { name: seed, seed, sectors } }
}

async function measureRegion(workers: Workers, rounds: number): Promise<Figures> {
  const results = await workers.run(Array.from({ length: rounds }, (_, i) => generate(1_000, `region ${i}`)))
  const phase9 = results.map(({ phases }) => phases[FORMATIONS_PHASE])
  const ms = phase9.map((phase) => phase?.milliseconds ?? Number.NaN)
  const phaseRows = (results[0]?.phases ?? []).map(({ number, name }) => [
    `${number} ${name}`,
    String(round(median(results.map(({ phases }) => phases[number]?.milliseconds ?? Number.NaN)))),
    String(median(results.map(({ phases }) => phases[number]?.operations ?? Number.NaN))),
  ])
  note(`${rounds} regions of 1,000 sectors, medians:\n${table(['phase', 'ms', 'graph operations'], phaseRows)}`)
  return {
    phase9MsMedian: round(median(ms)),
    phase9MsMax: round(Math.max(...ms)),
    phase9OperationsMedian: median(phase9.map((phase) => phase?.operations ?? Number.NaN)),
    regionMsMedian: round(median(results.map(({ milliseconds }) => milliseconds))),
    regionMsMax: round(Math.max(...results.map(({ milliseconds }) => milliseconds))),
    regionOperationsMedian: median(results.map(operationsOf)),
  }
}

/** CPU time of the quickest of several for every size, the Nexus last: what else the machine does only adds to it. */
async function measureGrowth(workers: Workers, rounds: number): Promise<Figures> {
  const rows: { sectors: number; cpuMs: number; operations: number }[] = []
  for (const size of GROWTH_SIZES) {
    const results = await workers.run(Array.from({ length: rounds }, (_, i) => generate(size, `growth ${i}`)))
    rows.push({
      sectors: results[0]?.sectors ?? Number.NaN,
      cpuMs: Math.min(...results.map(({ cpuMilliseconds }) => cpuMilliseconds)),
      operations: median(results.map(operationsOf)),
    })
  }
  const cells = rows.map(({ sectors, cpuMs, operations }) => [
    String(sectors),
    String(round(cpuMs)),
    String(round((1_000 * cpuMs) / sectors)),
    String(operations),
  ])
  note(`\n${table(['sectors', 'CPU ms', 'µs per sector', 'graph operations'], cells)}`)
  return {
    nexusCpuMs: round(rows.at(-1)?.cpuMs ?? Number.NaN),
    nexusOperations: rows.at(-1)?.operations ?? null,
    growthExponent: round(growthExponent(rows.map(({ sectors, cpuMs }) => ({ sectors, cost: cpuMs })))),
    operationsGrowthExponent: round(
      growthExponent(rows.map(({ sectors, operations }) => ({ sectors, cost: operations }))),
    ),
  }
}

/** Fifty regions and the Nexus, on all cores, from nothing. */
async function measureUniverse(workers: Workers, regions: number): Promise<Figures> {
  const owned = Array.from({ length: regions }, (_, i) => generate(SECTORS_EACH, `universe/region-${i + 1}`))
  const startMs = performance.now()
  // The largest first, so that no core waits for it in the end.
  const results = await workers.run([generate('nexus', 'universe/nexus'), ...owned])
  const seconds = (performance.now() - startMs) / 1_000
  const sectors = results.reduce((sum, result) => sum + result.sectors, 0)
  note(`\n${regions} regions and the Nexus, ${sectors} sectors, in ${round(seconds)} s on ${CORES} cores`)
  return {
    nexusMs: round(results[0]?.milliseconds ?? Number.NaN),
    universeSectors: sectors,
    universeSeconds: round(seconds),
    // Of the whole process, with both workers and all that they have made so far.
    peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1_024),
  }
}

/** Many seeds over all bands; each region that is delivered goes to the checker. */
async function checkSeeds(workers: Workers, seeds: number): Promise<Figures> {
  const tasks = Array.from({ length: seeds }, (_, i): { band: SizeBand; task: Task } => {
    const band = SIZE_BANDS[i % SIZE_BANDS.length] as SizeBand
    return {
      band,
      task: { kind: 'check', request: { name: `seed-${i}`, seed: `seed ${i}`, sectors: sizeIn(band, i) } },
    }
  })
  const results = await workers.run(
    tasks.map(({ task }) => task),
    (done) => {
      if (done % 500 === 0) note(`${done} of ${seeds} seeds`)
    },
  )
  const invalid = results.filter(({ problems }) => problems.length > 0)
  for (const problem of invalid.flatMap(({ problems }) => problems).slice(0, 10)) note(`  ${problem}`)
  const refused = results.filter((result) => result.refused.length > 0)
  for (const reason of refused.flatMap((result) => result.refused).slice(0, 10)) note(`  ${reason}`)
  note(`\n${seeds} seeds; stamped per region, on average:`)
  note(histogram(tasks.map(({ band }, i) => ({ band, result: results[i] as Result }))))
  const full = results.filter(({ sectors }) => sectors >= BELOW_BUDGET_FROM)
  const below = full.filter((result) => result.refused.length > 0).length
  return {
    seeds,
    invalidRegions: invalid.length,
    refusedRegions: refused.length,
    belowBudgetPercent: full.length === 0 ? null : round((100 * below) / full.length),
  }
}

/** Both ends of the band and, for the rest, sizes spread all over it. */
function sizeIn({ sectors: [least, most] }: SizeBand, index: number): number {
  const turn = Math.floor(index / SIZE_BANDS.length)
  if (turn % 10 === 0) return least
  if (turn % 10 === 1) return most
  // Steps by a prime visit every size before they repeat one.
  return least + ((turn * 7_919) % (most - least + 1))
}

function histogram(checked: readonly { band: SizeBand; result: Result }[]): string {
  const kinds = [...new Set(checked.flatMap(({ result }) => Object.keys(result.stamped)))].sort()
  const columns = SIZE_BANDS.map((band) => checked.filter((one) => one.band === band).map(({ result }) => result))
  const rows = kinds.map((kind) => [
    kind,
    ...columns.map((results) => {
      const total = results.reduce((sum, { stamped }) => sum + (stamped[kind] ?? 0), 0)
      return results.length === 0 ? '–' : (total / results.length).toFixed(2)
    }),
  ])
  const refused = columns.map((results) => String(results.filter((result) => result.refused.length > 0).length))
  return table(
    ['formation', ...SIZE_BANDS.map(({ name }) => name)],
    [...rows, ['regions', ...columns.map(({ length }) => String(length))], ['below budget', ...refused]],
  )
}

function operationsOf({ phases }: Result): number {
  return phases.reduce((sum, { operations }) => sum + operations, 0)
}
