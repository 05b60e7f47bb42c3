import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { CRITERIA, type CriterionName } from '@terrane/world-maglev/mission'
import { beforeAll, expect, onTestFailed, onTestFinished, test, vi } from 'vitest'
import { buildAll, isZombie } from '../test-process/server-process.js'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

/** What says something of the machine, or needs a mission that is long enough to slot cores. */
const NOT_IN_THREE_SECONDS: readonly CriterionName[] = [
  'ticksPerSecond',
  'tickP99Ms',
  'slotEvents',
  'scoreVisibleP99Ms',
  'scoreCopyDifferences',
  'resyncMs',
]

beforeAll(buildAll)

/** What it prints is shown when the test fails: one that takes too long tells how far it came. */
function startMission(...args: string[]) {
  const child = spawn(process.execPath, [CLI, 'mission', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const output = { out: '', err: '' }
  onTestFailed(() => console.error(output.err))
  child.stdout.on('data', (chunk) => {
    output.out += chunk
  })
  child.stderr.on('data', (chunk) => {
    output.err += chunk
  })
  return { child, output }
}

test('a mission of three seconds is played by sixteen clients at a real server, and judged', async () => {
  const { child, output } = startMission('--seconds', '3', '--missions', '1', '--json')
  const [code] = await once(child, 'close')
  const line = output.out.trim().split('\n').at(-1) ?? ''
  expect(line, output.err).toMatch(/^\{"name":"mission"/)
  const { passed, figures, floors } = JSON.parse(line)
  const judged = CRITERIA.filter((name) => name !== 'memoryGrowthMiB')
  expect(Object.keys(floors)).toEqual(judged)
  expect(code).toBe(passed ? 0 : 1)
  const missed = judged.filter((name) => !floors[name].passed && !NOT_IN_THREE_SECONDS.includes(name))
  expect(missed, output.err).toEqual([])
  expect(figures).toMatchObject({ clients: 16, scoresTimed: 32, attacks: 5 })
  // All bots came back, however long it took.
  expect(figures.resyncMs).toBeGreaterThan(0)
  expect(figures.scoreVisibleP99Ms).toBeGreaterThan(0)
  expect(figures.statesCompared).toBeGreaterThan(0)
}, 240_000)

test.each(['boarding the train', 'playing: 5 of 30 s'])(
  'Ctrl-C ends it while it says "%s", and all that it has begun',
  async (line) => {
    const { child, output } = startMission('--seconds', '30', '--missions', '1')
    await vi.waitFor(() => expect(output.err).toContain(line), { timeout: 120_000 })
    const children = childrenOf(child.pid as number)
    expect(children.length).toBeGreaterThan(1)
    child.kill('SIGINT')
    const [code] = await once(child, 'close')
    expect(output.err).toContain('the mission was not played to its end')
    expect(code).toBe(1)
    expect(children.filter(isRunning)).toEqual([])
  },
  240_000,
)

/** The server and the database. */
function childrenOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
}

function isRunning(pid: string): boolean {
  try {
    return !isZombie(pid)
  } catch {
    return false
  }
}
