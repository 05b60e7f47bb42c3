import { judge } from '@terrane/core'
import type { AnyWorld } from '@terrane/engine'
import {
  BorderSimulation,
  JobsSimulation,
  OpsSimulation,
  proofWorld,
  ReshapeSimulation,
  Simulation,
} from '@terrane/testing'
import { loadWorld } from '../world/load-world.js'

export interface SimulateOptions {
  readonly seeds: number
  readonly from: number
  readonly world?: string
  readonly scenario?: Scenario
  readonly durationS: number
  readonly clients: number
  readonly json: boolean
}

/** What can be simulated without naming a world; seeds take turns between them. */
const SCENARIO_RUNS = {
  /** A small world that is hard on the engine. */
  inputs: (options: SimulateOptions) => worldRun(proofWorld as AnyWorld, options),
  /** The reference world. */
  frontier: async (options: SimulateOptions) => worldRun((await loadWorld('frontier')).world, options),
  /** Zones that send ops to each other. */
  ops: opsRun,
  /** Zones that are split, merged and moved. */
  zones: zonesRun,
  /** Rows that move between the zones of two processes, and copies of them. */
  borders: bordersRun,
  /** Simulation jobs on nodes that crash, lie and come late, and sentinels that die. */
  jobs: jobsRun,
  /** Sixteen players on the train, whose cars are in two processes. */
  mission: missionRun,
}

type Scenario = keyof typeof SCENARIO_RUNS
const SCENARIOS = Object.keys(SCENARIO_RUNS) as readonly Scenario[]

/** Runs many seeds. The first failing one ends the run with the command that replays it. */
export async function simulate(options: SimulateOptions): Promise<void> {
  const runs =
    options.world === undefined
      ? await Promise.all(
          (options.scenario === undefined ? SCENARIOS : [options.scenario]).map((name) => SCENARIO_RUNS[name](options)),
        )
      : [worldRun((await loadWorld(options.world)).world, options)]
  const totals: Record<string, number> = {}
  const started = performance.now()
  let violations = 0
  let seeds = 0
  let failing: number | undefined
  for (let seed = options.from; seed < options.from + options.seeds && failing === undefined; seed++) {
    const { name, run } = runs[seed % runs.length] as Run
    const result = await run(seed)
    seeds++
    for (const [figure, value] of Object.entries(result.figures)) {
      totals[figure] = (totals[figure] ?? 0) + (value as number)
    }
    violations += result.violations.length
    if (result.violations.length > 0) {
      failing = seed
      tellViolations(name, seed, result.violations, options)
    } else showProgress(seeds, options.seeds, totals)
  }
  if (process.stderr.isTTY) process.stderr.write('\n')
  const judged = judge({
    name: 'simulate',
    figures: {
      seeds,
      violations,
      ...totals,
      failingSeed: failing ?? null,
      seconds: Math.round((performance.now() - started) / 100) / 10,
    },
    floors: [
      { figure: 'violations', max: 0 },
      { figure: 'seeds', min: options.seeds },
    ],
  })
  for (const line of judged.lines) process.stderr.write(`${line}\n`)
  if (options.json) process.stdout.write(`${judged.json}\n`)
  if (!judged.passed) process.exitCode = 1
}

/** One way to simulate: what runs, and how. */
interface Run {
  readonly name: string
  run(seed: number): Promise<{ readonly violations: readonly string[]; readonly figures: object }>
}

function worldRun(world: AnyWorld, { durationS, clients }: SimulateOptions): Run {
  const run = (seed: number) => new Simulation({ world, seed, durationMs: durationS * 1000, clients }).run()
  return { name: `world ${world.name}`, run }
}

function opsRun({ durationS }: SimulateOptions): Run {
  return { name: 'ops between zones', run: (seed) => new OpsSimulation({ seed, durationMs: durationS * 1000 }).run() }
}

function zonesRun({ durationS }: SimulateOptions): Run {
  return {
    name: 'zones that change',
    run: (seed) => new ReshapeSimulation({ seed, durationMs: durationS * 1000 }).run(),
  }
}

function jobsRun({ durationS }: SimulateOptions): Run {
  return { name: 'simulation jobs', run: (seed) => new JobsSimulation({ seed, durationMs: durationS * 1000 }).run() }
}

function bordersRun({ durationS }: SimulateOptions): Run {
  return { name: 'borders', run: (seed) => new BorderSimulation({ seed, durationMs: durationS * 1000 }).run() }
}

/** People walk: ten seconds pass until the first core is in a slot. */
const MISSION_TIMES_LONGER = 2

async function missionRun({ durationS }: SimulateOptions): Promise<Run> {
  // Brings a world along, which the others do without.
  const { MissionSimulation } = await import('./mission/mission-simulation.js')
  const durationMs = durationS * 1000 * MISSION_TIMES_LONGER
  return { name: 'missions', run: (seed) => new MissionSimulation({ seed, durationMs }).run() }
}

function tellViolations(name: string, seed: number, violations: readonly string[], options: SimulateOptions): void {
  process.stderr.write(`\nseed ${seed} (${name}) breaks a promise:\n`)
  for (const violation of violations.slice(0, 10)) process.stderr.write(`  ${violation}\n`)
  const rest = violations.length - 10
  if (rest > 0) process.stderr.write(`  and ${rest} more\n`)
  const scenario = options.scenario === undefined ? '' : ` --scenario ${options.scenario}`
  const which = options.world === undefined ? scenario : ` --world ${options.world}`
  const length = `--duration ${options.durationS} --clients ${options.clients}`
  process.stderr.write(`replay it with: npx terrane simulate --from ${seed} --seeds 1 ${length}${which}\n`)
}

const PROGRESS_EVERY = 25

function showProgress(done: number, of: number, totals: Record<string, number>): void {
  const { durable = 0, jobs = 0, kills = 0 } = totals
  const line = `${done} of ${of} seeds, ${durable} durable inputs, ${jobs} jobs, ${kills} crashes, no violation`
  if (process.stderr.isTTY) process.stderr.write(`\r${line}\u001b[K`)
  else if (done % PROGRESS_EVERY === 0 || done === of) process.stderr.write(`${line}\n`)
}
