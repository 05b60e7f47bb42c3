import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type EmbeddedPostgres, openPostgresStore, startEmbedded } from '@terrane/store-postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildAll } from '../test-process/server-process.js'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

let home: string
let postgres: EmbeddedPostgres
let certs: string

beforeAll(async () => {
  buildAll()
  home = mkdtempSync(join(tmpdir(), 'terrane-check-command-'))
  postgres = await startEmbedded({ dataDir: join(home, 'postgres'), mtls: true })
  certs = postgres.certs ?? ''
  const opened = await openPostgresStore({ url: postgres.url, migrationUrl: postgres.adminUrl, certs })
  await opened.migrate()
  await opened.close()
})

afterAll(async () => {
  await postgres.stop('immediate')
  rmSync(home, { recursive: true, force: true })
})

function check(args: readonly string[], environment: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'db', 'check', ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', ...environment },
  })
  return { status, stdout, stderr, line: () => JSON.parse(stdout.trim().split('\n').at(-1) ?? '') }
}

test('says what holds, with figures, and ends with 0; the environment names the database as for a server', () => {
  const done = check(['--json'], { DATABASE_URL: postgres.url, DATABASE_CERTS: certs })
  expect(done.stderr).toMatch(/ok {4}mTLS .*TLSv1\.3.*client .*CN=gateway_writer/)
  expect(done.stderr).toContain('the connection is ready for a server')
  expect(done.status).toBe(0)
  expect(done.line()).toMatchObject({
    name: 'db-check',
    passed: true,
    figures: { connected: 1, mtls: 1, writes: 100, sessions: 1, preparedStatements: 0, adminSessions: 0 },
    floors: { visibleMs: { max: 1_000, passed: true } },
  })
})

test('a failure names its step and what to do, and ends with 1', () => {
  const done = check(['--url', postgres.adminUrl, '--certs', certs, '--json'])
  expect(done.status).toBe(1)
  expect(done.stderr).toMatch(
    /FAIL {2}admin not used .*gateway_admin\n.*step: authorisation \(wrong_role\)\n.*next: Let/,
  )
  expect(done.line()).toMatchObject({
    passed: false,
    figures: { failedStep: 'authorisation', failedCode: 'wrong_role' },
  })
  const closed = check(['--url', 'postgres://gateway_writer@127.0.0.1:1/terrane', '--certs', certs])
  expect(closed.status).toBe(1)
  expect(closed.stderr).toMatch(/step: TCP \(ECONNREFUSED\)/)
  const lost = check(['--url', postgres.url, '--certs', join(home, 'nowhere')])
  expect(lost.status).toBe(1)
  expect(lost.stderr).toMatch(/step: TLS \(missing_certificate\)/)
})

test('bad use is refused with the reason, --help has examples', () => {
  expect(check([])).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/no database is named\n {2}next: give --url/),
  })
  const bad = check(['--url', 'postgres://gateway_writer@127.0.0.1/terrane?sslmode=verify'])
  expect(bad).toMatchObject({ status: 1, stderr: expect.stringMatching(/its sslmode is not known/) })
  expect(check(['--help'])).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/Examples:\n {2}npx terrane db check/),
  })
})
