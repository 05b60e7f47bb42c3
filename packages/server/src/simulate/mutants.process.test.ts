import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { buildAll } from '../test-process/server-process.js'
import { MUTANTS } from './mutants.js'

const DIST = new URL('../../dist/', import.meta.url)

beforeAll(() => buildAll())

test('every mutant changes one place of what is built', () => {
  for (const { name, module, from, to } of MUTANTS) {
    const root = module.startsWith('worlds/') ? '../../../' : '../../'
    const code = readFileSync(new URL(root + module, DIST), 'utf8')
    expect(code.split(from).length, name).toBe(2)
    expect(from, name).not.toBe(to)
  }
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length)
})

test('a mutant is found; without one the same seeds pass', () => {
  const simulate = (...node: string[]) =>
    spawnSync(
      process.execPath,
      [...node, fileURLToPath(new URL('cli.js', DIST)), 'simulate', '--scenario', 'ops', '--seeds', '3', '--json'],
      { encoding: 'utf8' },
    )
  const index = MUTANTS.findIndex(({ name }) => name.startsWith('no dedupe'))
  const mutated = simulate('--import', new URL(`simulate/mutant-loader.js?mutant=${index}`, DIST).href)
  expect(JSON.parse(mutated.stdout.trim().split('\n').at(-1) ?? '').figures.failingSeed).toBeLessThanOrEqual(3)
  expect(mutated.stderr).toMatch(/replay it with: .*--scenario ops/)
  expect(simulate().status).toBe(0)
})
