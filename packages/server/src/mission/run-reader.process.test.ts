import { spawnSync } from 'node:child_process'
import { beforeAll, expect, test } from 'vitest'
import { buildAll } from '../test-process/server-process.js'

/** Threads run from the build. */
const BUILT = new URL('../../dist/mission/run-reader.js', import.meta.url).href

beforeAll(buildAll)

test('a reader whose connection has failed between two calls says so at the next', () => {
  const input = `
    import('${BUILT}').then(async ({ RunReader }) => {
      const reader = new RunReader({ url: 'postgres://nobody@127.0.0.1:1/nowhere' })
      // Resolves when the thread has ended.
      await reader.close()
      await reader.see({ sql: 'SELECT 1', ids: [], fromMs: 0, lostMs: 0 })
    })`
  const { status, stderr } = spawnSync(process.execPath, { input, encoding: 'utf8' })
  expect(stderr).toContain('ECONNREFUSED')
  expect(status).toBe(1)
})
