import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { BROWSERS } from './browsers.js'
import { quantile } from './frames.js'

const RUN = fileURLToPath(new URL('../../../scripts/run.mjs', import.meta.url))
const FIGURES = ['sectors', 'framesPerSecondMin', 'panAll', 'zoom', 'panRegion', 'panSectors', 'fly']

test('a quantile is a value that was measured', () => {
  expect(quantile([30, 10, 20], 0.5)).toBe(20)
  expect(quantile([10, 20], 1)).toBe(20)
  expect(quantile([], 0.5)).toBeNaN()
})

test.skipIf(!BROWSERS.some((path) => existsSync(path)))(
  'run tiny, every movement of the map draws frames',
  async () => {
    const { code, stdout, stderr } = await new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
      const args = [RUN, 'bench', 'galaxy-map', '--tiny', '--json']
      execFile(process.execPath, args, { timeout: 170_000 }, (error, out, err) =>
        resolve({ code: error?.code ?? 0, stdout: out, stderr: err }),
      )
    })
    expect(code, stderr).toBe(0)
    const { passed, figures } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
    expect(passed).toBe(true)
    expect(figures.sectors).toBe(5_200)
    for (const name of FIGURES) {
      expect(figures[name] ?? figures[`${name}.framesPerSecond`], name).toBeGreaterThan(0)
    }
  },
  180_000,
)
