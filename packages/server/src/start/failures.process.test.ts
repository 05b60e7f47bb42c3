import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type EmbeddedPostgres,
  ensureRoles,
  ROLES,
  startEmbedded,
  withConnection,
  withUser,
} from '@terrane/store-postgres'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  buildAll,
  getJson,
  guestAt,
  playAt,
  ServerProcess,
  type ServerProcessOptions,
  temporaryDirectory,
} from '../test-process/server-process.js'

beforeAll(buildAll)

/** Starts what cannot start, and gives what it said. Every failure has its three parts and no stack. */
async function failureOf(options: Partial<ServerProcessOptions>): Promise<string> {
  const server = new ServerProcess({ data: join(temporaryDirectory(), 'data'), ...options })
  expect(await server.ended()).toBe(1)
  expect(server.stdout).toBe('')
  expect(server.relatives()).toEqual([])
  const text = server.stderr.slice(server.stderr.indexOf('terrane: '))
  expect(text).toMatch(/^terrane: .+\n {2}why: {2}.+\n( {8}.*\n)* {2}next: .+\n( {8}.*\n)*$/)
  return text
}

describe('what cannot start says what, why and what next', () => {
  test('a port in use', async () => {
    const blocker = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void blocker.close())
    await new Promise((resolve) => blocker.once('listening', resolve))
    const { port } = blocker.address() as { port: number }
    const text = await failureOf({ args: ['--port', String(port)] })
    expect(text).toContain(`cannot listen on 127.0.0.1:${port}`)
    expect(text).toContain(`--port ${port + 1}`)
  })

  test('an address that is not of this machine', async () => {
    expect(await failureOf({ args: ['--host', '192.0.2.1'] })).toContain('--host')
  })

  test('a data directory that cannot be written', async () => {
    const file = join(temporaryDirectory(), 'file')
    writeFileSync(file, '')
    expect(await failureOf({ data: join(file, 'data') })).toMatch(/cannot be written.*\n.*--data/)
  })

  test('a world that does not exist', async () => {
    expect(await failureOf({ world: 'nowhere' })).toContain('there are: frontier')
    expect(await failureOf({ world: './nowhere.ts' })).toContain('there is no file')
  })

  test('a file that is no world', async () => {
    const file = join(temporaryDirectory(), 'world.js')
    writeFileSync(file, 'export const world = {}')
    expect(await failureOf({ world: file })).toContain('export default defineWorld')
    writeFileSync(file, 'throw new Error("broken")')
    expect(await failureOf({ world: file })).toContain('why:  broken')
  })

  test('an environment variable that cannot be used; its value is not shown', async () => {
    expect(await failureOf({ env: { TERRANE_JWT_SECRET: 'short' } })).toMatch(/TERRANE_JWT_SECRET is shorter/)
    const text = await failureOf({ env: { DATABASE_URL: 'mysql://user:hidden@host/db' } })
    expect(text).toContain('DATABASE_URL')
    expect(text).not.toContain('hidden')
  })

  test('a secret that was cut short', async () => {
    const data = join(temporaryDirectory(), 'data')
    mkdirSync(data)
    writeFileSync(join(data, 'secret'), 'short')
    expect(await failureOf({ data })).toContain(join(data, 'secret'))
  })

  test('a Node that is too old', async () => {
    const preload = join(temporaryDirectory(), 'old.cjs')
    writeFileSync(preload, "Object.defineProperty(process.versions, 'node', { value: '18.20.1' })")
    const text = await failureOf({ execArgv: ['--require', preload] })
    expect(text).toContain('Node 18.20.1')
    expect(text).toContain('20.19')
  })

  test('options that are not understood', async () => {
    for (const args of [['--port', 'x'], ['--bots', '-1'], ['--nonsense']]) {
      const server = new ServerProcess({ data: join(temporaryDirectory(), 'data'), args })
      expect(await server.ended()).toBe(1)
      expect(server.stderr).toMatch(/^error: .*\n\(--help shows the options\)\n$/)
    }
  })
})

const PASSWORD = 'hidden-password'

describe('with DATABASE_URL', () => {
  let home: string
  let postgres: EmbeddedPostgres

  beforeAll(async () => {
    home = realpathSync(mkdtempSync(join(tmpdir(), 'terrane-server-database-')))
    postgres = await startEmbedded({ dataDir: home })
  })

  afterAll(async () => {
    await postgres.stop('immediate')
    rmSync(home, { recursive: true, force: true })
  })

  function urlWith(change: (url: URL) => void): string {
    const url = new URL(postgres.superuserUrl)
    change(url)
    return url.href
  }

  test('no server there', async () => {
    const text = await failureOf({ env: { DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/x' } })
    expect(text).toContain('127.0.0.1:1/x')
    expect(text).toContain('ECONNREFUSED')
    expect(text).not.toContain('hidden')
  })

  test('no such host', async () => {
    expect(await failureOf({ env: { DATABASE_URL: 'postgres://u@nowhere.invalid/x' } })).toContain('nowhere.invalid')
  })

  test('a wrong password', async () => {
    const DATABASE_URL = urlWith((url) => {
      url.password = 'wrong-password'
    })
    const text = await failureOf({ env: { DATABASE_URL } })
    expect(text).toContain('password authentication failed')
    expect(text).not.toContain('wrong-password')
  })

  test('no such database', async () => {
    const DATABASE_URL = urlWith((url) => {
      url.pathname = '/nowhere'
    })
    expect(await failureOf({ env: { DATABASE_URL } })).toContain('"nowhere" does not exist')
  })

  test('a superuser', async () => {
    const text = await failureOf({ env: { DATABASE_URL: postgres.superuserUrl } })
    expect(text).toContain('it is a superuser')
    expect(text).toContain('npx terrane db roles')
    expect(text).toContain(ROLES.writer)
  })

  test('roles without tables, and no admin', async () => {
    const env = await databaseOf('without_admin')
    const text = await failureOf({ env: { DATABASE_URL: env.DATABASE_URL } })
    expect(text).toContain('"gateway_writer" may not change them')
    expect(text).toContain('DATABASE_ADMIN_URL=postgres://gateway_admin:PASSWORD@')
    expect(text).not.toContain(PASSWORD)
  })

  test('certificates without a database', async () => {
    expect(await failureOf({ args: ['--certs', './certs'] })).toContain('DATABASE_URL is not set')
  })

  test('certificates only, of a database that is not ours', async () => {
    const text = await failureOf({ args: ['--mtls'], env: { DATABASE_URL: 'postgres://u@127.0.0.1:1/x' } })
    expect(text).toContain('DATABASE_URL names another database')
    expect(text).toContain('--certs')
  })

  test('certificates that are not there', async () => {
    const certs = join(temporaryDirectory(), 'certs')
    const text = await failureOf({ env: { DATABASE_URL: postgres.superuserUrl }, args: ['--certs', certs] })
    expect(text).toContain(`${join(certs, 'ca.crt')} does not exist`)
  })

  test('serves from it; a second server on it is refused; data of a newer version is refused', async () => {
    const env = await databaseOf('served')
    const server = new ServerProcess({ data: join(temporaryDirectory(), 'data'), env })
    const url = await server.url()
    const { token, player } = await guestAt(url)
    const client = await playAt(url, token)
    await client.inputs.note({ text: 'hello' }).durable

    const note = `${url}/api/kinds/notes/note-${player}`
    expect((await getJson(note)).status).toBe(403)
    expect((await getJson(note, (await guestAt(url)).token)).status).toBe(403)
    expect((await getJson(note, 'forged')).status).toBe(401)
    expect((await getJson(note, token)).body).toMatchObject({ zone: 'main', row: { text: 'hello' } })
    expect((await getJson(`${url}/api/kinds/plans/1`, token)).status).toBe(403)

    expect(await failureOf({ env })).toContain('already being served')

    // Killed: its lease has not run out, but it is known to be gone.
    await server.end('SIGKILL')
    const startedMs = performance.now()
    const next = new ServerProcess({ data: join(temporaryDirectory(), 'data'), env })
    await next.url()
    expect(next.stderr).not.toContain('lease')
    expect(performance.now() - startedMs).toBeLessThan(30_000)
    expect(await next.end('SIGTERM')).toBe(0)

    await query(
      env.DATABASE_ADMIN_URL,
      "INSERT INTO terrane.migrations (version, name, terrane_version) VALUES (999, 'future', '9.0.0')",
    )
    const text = await failureOf({ env })
    expect(text).toContain('written by Terrane 9.0.0')
    expect(text).toContain('Run the newer Terrane')
  })

  /** A database with the roles, and the variables of a server on it. */
  async function databaseOf(name: string) {
    await query(postgres.superuserUrl, `CREATE DATABASE ${name}`)
    const url = urlWith((each) => {
      each.pathname = `/${name}`
    })
    const passwords = { [ROLES.admin]: PASSWORD, [ROLES.writer]: PASSWORD }
    await withConnection({ url }, 'test', (session) => ensureRoles(session, { passwords }))
    return {
      DATABASE_URL: withUser(url, ROLES.writer, PASSWORD),
      DATABASE_ADMIN_URL: withUser(url, ROLES.admin, PASSWORD),
    }
  }

  async function query(url: string, text: string): Promise<void> {
    await withConnection({ url }, 'test', (session) => session.query(text))
  }
})
