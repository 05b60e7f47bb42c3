import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const RUN = fileURLToPath(new URL('../../../scripts/run.mjs', import.meta.url))

test('a tiny run measures everything that the full run does', async () => {
  const { code, stdout, stderr } = await new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    const args = [RUN, 'bench', 'memory', '--tiny', '--json']
    execFile(process.execPath, args, { timeout: 110_000 }, (error, out, err) =>
      resolve({ code: error?.code ?? 0, stdout: out, stderr: err }),
    )
  })
  expect(code, stderr).toBe(0)
  const { passed, figures } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
  expect(passed).toBe(true)
  for (const figure of ['checkpointAllSeconds', 'restartSeconds', 'restartWithTailSeconds']) {
    expect(figures[figure]).toBeGreaterThan(0)
  }
  expect(figures).toHaveProperty('bytesPerEntity')
  expect(stderr.match(/with 5000 structures/g)).toHaveLength(3)
}, 120_000)
