import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { type EmbeddedPostgres, openPostgresStore, ROLES, startEmbedded, withConnection } from '@terrane/store-postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildAll } from '../test-process/server-process.js'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

/** As on a server that Terrane has never seen. */
const WITHOUT_ROLES = `
  DROP SCHEMA terrane, game, auth CASCADE;
  REASSIGN OWNED BY ${ROLES.admin} TO CURRENT_USER;
  ${Object.values(ROLES)
    .map((role) => `DROP OWNED BY ${role};`)
    .join(' ')}
  DROP ROLE ${ROLES.admin}, ${ROLES.writer}, ${ROLES.reader}`

let home: string
let postgres: EmbeddedPostgres

beforeAll(async () => {
  buildAll()
  home = mkdtempSync(join(tmpdir(), 'terrane-roles-command-'))
  postgres = await startEmbedded({ dataDir: join(home, 'postgres') })
  await withConnection({ url: postgres.superuserUrl }, 'test', (session) => session.query(WITHOUT_ROLES))
})

afterAll(async () => {
  await postgres.stop('immediate')
  rmSync(home, { recursive: true, force: true })
})

function roles(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'db', 'roles', ...args], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

test('makes the roles once, and the URLs that it gives work', async () => {
  const file = join(home, 'database.env')
  const made = roles('--url', postgres.superuserUrl, '--password-file', file, '--json')
  expect(made).toMatchObject({ status: 0, stderr: '' })
  expect(made.stdout).toContain(`CREATE ROLE ${ROLES.writer}`)
  expect(JSON.parse(made.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
    name: 'db-roles',
    passed: true,
    figures: { newPasswords: 3, writerLogins: 1 },
  })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const variables = parseEnv(readFileSync(file, 'utf8')) as { DATABASE_URL: string; DATABASE_ADMIN_URL: string }
  for (const url of Object.values(variables)) expect(made.stdout).not.toContain(new URL(url).password)
  const { DATABASE_URL: url, DATABASE_ADMIN_URL: migrationUrl } = variables
  const opened = await openPostgresStore({ url, migrationUrl })
  await opened.migrate()
  await opened.checkRole()
  expect(opened.store.connectionInfo()).toMatchObject({ user: ROLES.writer, role: 'writer', profile: 'postgres' })
  await opened.close()

  const again = roles('--url', postgres.superuserUrl)
  expect(again).toMatchObject({ status: 0, stderr: '' })
  expect(again.stdout).toContain('nothing to change')
  expect(again.stdout).toContain(`DATABASE_URL=postgres://${ROLES.writer}:PASSWORD@`)
  await (await openPostgresStore({ url })).close()

  const renewed = roles('--url', postgres.superuserUrl, '--new-passwords')
  const shown = / DATABASE_URL=(\S+)/.exec(renewed.stdout)?.[1] ?? ''
  expect(renewed.stdout).toContain('shown once')
  await (await openPostgresStore({ url: shown })).close()
  await expect(openPostgresStore({ url })).rejects.toMatchObject({ code: 'database_refused' })
})

test('a file that exists is not overwritten, and no password is changed', () => {
  const file = join(home, 'taken.env')
  writeFileSync(file, 'mine')
  const { status, stderr } = roles('--url', postgres.superuserUrl, '--password-file', file, '--new-passwords')
  expect(status).toBe(1)
  expect(stderr).toMatch(/the roles were not made\n {2}why: .*EEXIST.*\n {2}next: /)
  expect(readFileSync(file, 'utf8')).toBe('mine')
})

test('where the database is not, it says so; no file stays', () => {
  const file = join(home, 'unused.env')
  const { status, stderr } = roles('--url', 'postgres://postgres:hidden@127.0.0.1:1/x', '--password-file', file)
  expect(status).toBe(1)
  expect(stderr).toMatch(/database x at 127\.0\.0\.1:1 .*\n {2}why: .*ECONNREFUSED.*\n {2}next: /)
  expect(stderr).not.toContain('hidden')
  expect(() => statSync(file)).toThrow('ENOENT')
})
