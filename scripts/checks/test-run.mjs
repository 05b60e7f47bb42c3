// Runs vitest and counts. Its own output goes straight to the terminal.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../setup/paths.mjs'

/** Resolves to { passed, failed, skipped: [{ test, reason }] }. */
export async function runTests(args) {
  const dir = mkdtempSync(join(tmpdir(), 'terrane-tests-'))
  const file = join(dir, 'summary.json')
  try {
    const code = await vitest(args, file)
    const summary = readSummary(file)
    // vitest may fail beyond any test: a configuration error, a worker that died.
    if (code !== 0 && summary.failed === 0) summary.failed = 1
    return summary
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function vitest(args, summaryFile) {
  const reporters = ['--reporter=default', `--reporter=${ROOT}scripts/checks/summary-reporter.mjs`]
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [`${ROOT}node_modules/vitest/vitest.mjs`, 'run', ...reporters, ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, TERRANE_TEST_SUMMARY: summaryFile },
    })
    child.on('error', () => resolve(1))
    child.on('close', (code) => resolve(code ?? 1))
  })
}

function readSummary(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return { passed: 0, failed: 1, skipped: [] }
  }
}
