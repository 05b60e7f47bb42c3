import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { buildAll } from '../../test-process/server-process.js'

const CLI = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url))

beforeAll(() => buildAll())

test('terrane mission --fast judges a mission on simulated time', () => {
  const options = ['--fast', '--seconds', '14', '--missions', '1', '--seed', '3', '--json']
  const { stdout, stderr } = spawnSync(process.execPath, [CLI, 'mission', ...options], { encoding: 'utf8' })
  const { name, figures, floors } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
  expect(name).toBe('mission-fast')
  // How long ticks take depends on the machine; all else on the seed.
  const { tickP99Ms, ...others } = floors as Record<string, { passed: boolean }>
  expect(tickP99Ms).toBeDefined()
  expect(
    Object.entries(others).filter(([, { passed }]) => !passed),
    stderr,
  ).toEqual([])
  expect(figures).toMatchObject({ clients: 16, scoresTimed: 3 * 16, violations: 0 })
}, 180_000)
