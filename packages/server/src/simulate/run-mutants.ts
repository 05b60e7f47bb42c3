import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { judge } from '@terrane/core'
import { CommandFailure } from '../process/failure.js'
import { MUTANTS, type Mutant } from './mutants.js'

export interface MutantOptions {
  /** How many a mutant may take to be found. */
  readonly seeds: number
  readonly json: boolean
}

const CLI = fileURLToPath(new URL('../cli.js', import.meta.url))
const MUTANTS_MIN = 10
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024

/** Runs the simulator on each mutant of our own code, and tells how many seeds it took to notice. */
export async function runMutants(options: MutantOptions): Promise<void> {
  if (!existsSync(CLI)) {
    throw new CommandFailure('not_built', {
      what: 'there is nothing to mutate',
      why: `the built program is not at ${CLI}: mutants are changes of built modules`,
      next: 'npm run build, then run the built command',
    })
  }
  const width = Math.max(...MUTANTS.map(({ name }) => name.length))
  const figures: Record<string, number | null> = {}
  const queue = [...MUTANTS.entries()]
  let missed = 0
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, mutant] = next
      const seeds = await seedsUntilFound(index, mutant, options.seeds)
      figures[mutant.name] = seeds ?? null
      if (seeds === undefined) missed++
      const told = seeds === undefined ? `NOT FOUND in ${options.seeds} seeds` : `found by seed ${seeds}`
      process.stderr.write(`${mutant.name.padEnd(width)}  ${told}\n`)
    }
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), MUTANTS.length) }, work))
  const ordered = Object.fromEntries(MUTANTS.map(({ name }) => [name, figures[name] ?? null]))
  const judged = judge({
    name: 'simulate-mutants',
    figures: { mutants: MUTANTS.length, missed, ...ordered },
    floors: [
      { figure: 'missed', max: 0 },
      { figure: 'mutants', min: MUTANTS_MIN },
    ],
  })
  process.stderr.write(`${judged.lines.at(-1)}\n`)
  if (options.json) process.stdout.write(`${judged.json}\n`)
  if (!judged.passed) process.exitCode = 1
}

/** The first seed that fails, counted from 1; undefined when all of them pass. */
async function seedsUntilFound(index: number, mutant: Mutant, seedsMax: number): Promise<number | undefined> {
  const loader = new URL(`./simulate/mutant-loader.js?mutant=${index}`, new URL('../', import.meta.url)).href
  const simulate = ['simulate', '--scenario', mutant.scenario, '--seeds', String(seedsMax), '--json']
  const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, ['--import', loader, CLI, ...simulate], { maxBuffer: OUTPUT_BYTES_MAX }, (_, out, err) =>
      resolve({ stdout: out, stderr: err }),
    )
  })
  const line = stdout.trimEnd().split('\n').at(-1) ?? ''
  if (!line.startsWith('{')) throw new Error(`the simulator gave no verdict on "${mutant.name}":\n${stderr}`)
  const { figures } = JSON.parse(line) as { figures: { failingSeed: number | null } }
  return figures.failingSeed ?? undefined
}
