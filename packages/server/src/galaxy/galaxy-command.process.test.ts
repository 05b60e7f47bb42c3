import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildAll } from '../test-process/server-process.js'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

let home: string

beforeAll(() => {
  buildAll()
  home = mkdtempSync(join(tmpdir(), 'terrane-galaxy-command-'))
})

afterAll(() => rmSync(home, { recursive: true, force: true }))

function galaxy(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'galaxy', ...args], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

test('generates a universe, draws it, checks it, and makes the same file again', () => {
  const [file, again, map] = ['a.json', 'b.json', 'map.svg'].map((name) => join(home, name)) as [string, string, string]
  const made = galaxy(
    'generate',
    '--sectors',
    '320',
    '--seed',
    '5',
    '--regions',
    '2',
    '--out',
    file,
    '--svg',
    map,
    '--json',
  )
  expect(made.status, made.stderr).toBe(0)
  const { regions } = JSON.parse(made.stdout.trim().split('\n').at(-1) ?? '')
  expect(regions).toMatchObject([
    { name: 'region-1', sectors: 320, formations: { dead_end: 3 } },
    { name: 'region-2', sectors: 320 },
  ])
  expect(regions[0].phases[9]).toMatchObject({ number: 9, name: 'formations', milliseconds: expect.any(Number) })
  expect(readFileSync(map, 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s)
  expect(galaxy('generate', '--sectors', '320', '--seed', '5', '--regions', '2', '--out', again).status).toBe(0)
  expect(readFileSync(again, 'utf8')).toBe(readFileSync(file, 'utf8'))
  expect(galaxy('check', file)).toMatchObject({ status: 0, stderr: `${file}: valid\n` })
})

test('stores times when it is asked to, and the universe is valid all the same', () => {
  const file = join(home, 'timed.json')
  galaxy('generate', '--sectors', '100', '--timings', '--out', file)
  const { regions } = JSON.parse(readFileSync(file, 'utf8'))
  expect(regions[0].generation.phases[5].milliseconds).toBeGreaterThan(0)
  expect(galaxy('check', file).status).toBe(0)
})

test('says of a broken universe what is wrong, and with which element', () => {
  const file = join(home, 'broken.json')
  galaxy('generate', '--sectors', '100', '--out', file)
  const universe = JSON.parse(readFileSync(file, 'utf8'))
  delete universe.regions[0].generation
  universe.regions[0].warps[4].to = 777
  writeFileSync(file, JSON.stringify(universe))
  const { status, stdout, stderr } = galaxy('check', file, '--json')
  expect(status).toBe(1)
  expect(stderr).toContain('regions[0].warps[4]')
  expect(JSON.parse(stdout)).toMatchObject({ passed: false, problems: [{ message: 'there is no sector 777' }] })
})

test.each([
  [['generate', '--sectors', '99'], 'a region cannot have 99 sectors'],
  [['generate', '--sectors', '1501'], 'give a whole number from 100 to 1500'],
  [['generate', '--regions', '501'], 'a universe cannot have 501 regions'],
  [['generate', '--sectors', 'many'], 'It must be a whole number'],
  [['generate', '--world', 'nowhere'], 'the world "nowhere" has no galaxy'],
  [['generate', '--sectors', '100', '--out', '/no/such/directory/a.json'], 'cannot be written'],
  [['check', '/no/such/file.json'], 'cannot be read as a universe'],
])('refuses galaxy %j', (args, expected) => {
  const { status, stderr } = galaxy(...args)
  expect(status).toBe(1)
  expect(stderr).toContain(expected)
})
