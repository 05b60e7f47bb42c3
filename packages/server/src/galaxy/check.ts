import { loadGalaxy } from './load-galaxy.js'
import { readUniverseFile } from './read-universe.js'

export interface CheckOptions {
  readonly world: string
  readonly json: boolean
}

/** More are counted; with --json all are told. */
const SHOWN_MAX = 50

/** Says what is wrong with a universe file, element by element. Exit code 1 when anything is. */
export async function check(file: string, { world, json }: CheckOptions): Promise<void> {
  const galaxy = await loadGalaxy(world)
  const problems = galaxy.checkUniverse(await readUniverseFile(file))
  for (const { element, message } of problems.slice(0, SHOWN_MAX)) process.stderr.write(`${element}: ${message}\n`)
  if (problems.length > SHOWN_MAX) process.stderr.write(`and ${problems.length - SHOWN_MAX} more\n`)
  process.stderr.write(problems.length === 0 ? `${file}: valid\n` : `${file}: ${problems.length} problems\n`)
  const passed = problems.length === 0
  if (json) process.stdout.write(`${JSON.stringify({ name: 'galaxy check', file, passed, problems })}\n`)
  if (!passed) process.exitCode = 1
}
