import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const RUN = fileURLToPath(new URL('../../scripts/run.mjs', import.meta.url))

/** The others have tests of their own. */
test.each([
  ['combat', ['typical.eventsPerFight', 'typical.eventsPerSecond', 'typical.fightsPerSecond', 'scalingOn2']],
  ['idle', ['appliedMsP50', 'durableMsP50']],
  [
    'jobs',
    [
      'volatile.perSecond',
      'checkpointed.perSecond',
      'timesGraphileWorker',
      'pgBossBatched.perSecond',
      'http.perSecond',
      'http.cycleP99Ms',
    ],
  ],
  ['ops', ['opsPerSecondMin', 'p99MsMax', 'uninvolvedCost', 'zones4.perSecond', 'zones4.p50Ms']],
  ['galaxy', ['phase9MsMax', 'regionMsMax', 'nexusMs', 'nexusCpuMs', 'universeSeconds', 'growthExponent', 'seeds']],
  ['take-over', ['warm.openMs', 'cold.openMs']],
  ['regions', ['wakeMsMax', 'wakeDurableMsMax', 'memoryRatio', 'regionMemoryRatio', 'rowsWoken']],
  ['keynote', ['alpha0.ratio', 'alpha1.5.ratio', 'alpha0.terrane.p99Ms', 'alpha1.5.batched.perSecond']],
])(
  '%s, run tiny, measures all that it reports',
  async (name, expected) => {
    const { code, stdout, stderr } = await new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, [RUN, 'bench', name, '--tiny', '--json'], { timeout: 110_000 }, (error, out, err) =>
        resolve({ code: error?.code ?? 0, stdout: out, stderr: err }),
      )
    })
    expect(code, stderr).toBe(0)
    const { passed, figures } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
    expect(passed).toBe(true)
    for (const figure of expected) expect(figures[figure], figure).toBeGreaterThan(0)
  },
  120_000,
)
