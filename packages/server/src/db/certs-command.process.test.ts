import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildAll } from '../test-process/server-process.js'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

let home: string

beforeAll(() => {
  buildAll()
  home = mkdtempSync(join(tmpdir(), 'terrane-certs-command-'))
})

afterAll(() => rmSync(home, { recursive: true, force: true }))

function certs(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'db', 'certs', ...args], { encoding: 'utf8' })
  return { status, stdout, stderr, report: () => JSON.parse(stdout.trim().split('\n').at(-1) ?? '') }
}

test('makes, keeps and rotates a set, and says what to do next', () => {
  const out = join(home, 'certs')
  const made = certs('--out', out, '--hosts', 'db.internal,127.0.0.1,::1', '--days', '90', '--json')
  expect(made).toMatchObject({ status: 0, stderr: '' })
  expect(made.stdout).toMatch(/node\.crt .* CN=node .* db\.internal, 127\.0\.0\.1, ::1\n/)
  expect(made.stdout).toContain(`cockroach start-single-node --certs-dir=${out}`)
  expect(made.stdout).toContain(`ssl_key_file=${out}/node.key`)
  expect(made.stdout).toContain(`DATABASE_URL=postgres://gateway_writer@HOST:26257/DATABASE DATABASE_CERTS=${out}`)
  const report = { name: 'db-certs', passed: true, floors: {} }
  expect(made.report()).toMatchObject({ ...report, figures: { outcome: 'created', certificates: 6 } })

  const kept = certs('--out', out, '--json')
  expect(kept).toMatchObject({ status: 0, stderr: '' })
  expect(kept.report()).toMatchObject({ ...report, figures: { outcome: 'kept' } })

  const rotated = certs('--out', out, '--rotate', '--days', '20', '--json')
  expect(rotated).toMatchObject({ status: 0, stderr: '' })
  expect(rotated.report()).toMatchObject({ ...report, figures: { outcome: 'rotated' } })
  expect(rotated.stdout).toMatch(/node\.crt .* db\.internal, 127\.0\.0\.1, ::1\n/)
  expect(rotated.stdout).toContain('pg_reload_conf()')

  expect(certs('--out', out).stdout).toContain(`npx terrane db certs --out ${out} --rotate`)
})

test('refuses with the reason and what to do, in one go', () => {
  const out = join(home, 'refused')
  const refused = certs('--out', out, '--hosts', 'db:5432')
  expect(refused).toMatchObject({ status: 1, stdout: '' })
  expect(refused.stderr).toContain("why:  hosts of the database: 'db:5432' is not a host name")
  expect(refused.stderr).toContain('next: Give the name of the host without a port.')
  expect(certs('--out', out, '--days', '4000').stderr).toContain('outlives its CA of 3650 days')
  expect(existsSync(out)).toBe(false)
})

test('--help shows examples', () => {
  const { status, stdout } = certs('--help')
  expect(status).toBe(0)
  expect(stdout).toContain('npx terrane db certs --out ./certs --hosts db.internal,10.0.0.5,fd00::5')
})
