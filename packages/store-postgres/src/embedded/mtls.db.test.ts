import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineWorld, kind } from '@terrane/engine'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { withUser } from '../connection/database-url.js'
import { withConnection } from '../connection/one-connection.js'
import type { ConnectionSettings } from '../connection/settings.js'
import { openPostgresStore } from '../open.js'
import { SCHEMA_RULES } from '../roles/access-rules.js'
import { ROLES } from '../roles/role-names.js'
import { EmbeddedDirectories, processesOf } from '../test-server/embedded-directories.js'
import { clientFiles } from '../tls/certificate-files.js'
import { createCertificates } from '../tls/create-certificates.js'
import { inspectCertificates } from '../tls/inspect-certificates.js'
import { type EmbeddedPostgres, startEmbedded } from './embedded.js'

const DAY_MS = 86_400_000
const HAS_IPV6 = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === '::1'))
const MTLS = { mtls: true } as const

const directories = new EmbeddedDirectories()

const ships = pgTable('ships', { id: text('id').primaryKey(), speed: integer('speed') })
const WORLD = defineWorld({ name: 'tested', kinds: { ships: kind(ships) } })

/** Rows of a statement, as text. */
function query(settings: ConnectionSettings, sql: string): Promise<readonly (readonly (string | null)[])[]> {
  return withConnection(settings, 'test', async (session) => (await session.query(sql)).rows)
}

/** How a server of Terrane's is connected to it, after its tables were made. */
async function serveFrom({ url, adminUrl, certs }: EmbeddedPostgres) {
  const settings = { url, migrationUrl: adminUrl, ...(certs === undefined ? {} : { certs }) }
  const opened = await openPostgresStore(settings)
  try {
    await opened.migrate(WORLD)
    await opened.checkRole()
    return opened.store.connectionInfo()
  } finally {
    await opened.close()
  }
}

describe('a server that admits certificates only', () => {
  let home: string
  let server: EmbeddedPostgres
  let certs: string

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'terrane-mtls-'))
    server = await startEmbedded({ dataDir: join(home, 'postgres'), ...MTLS })
    certs = server.certs ?? ''
  })

  afterAll(async () => {
    await server.stop('immediate')
    rmSync(home, { recursive: true, force: true })
  })

  /** Settings that check the server properly and show whatever certificate there is in `directory` for `owner`. */
  function showing(directory: string, owner: string, url = server.url): ConnectionSettings {
    const { cert, key } = clientFiles(directory, owner)
    return {
      url,
      ssl: {
        ca: readFileSync(clientFiles(certs, owner).ca),
        cert: readFileSync(cert),
        key: readFileSync(key),
      },
    }
  }

  /** A directory with the CA of the server, whose other certificates are made anew. */
  async function copyOfCerts(change: { now: Date; leafDays: number }): Promise<string> {
    const dir = mkdtempSync(join(tmpdir(), 'terrane-mtls-certs-'))
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    cpSync(certs, dir, { recursive: true })
    await createCertificates({ dir, rotate: true, ...change })
    return dir
  }

  const failureOf = (settings: ConnectionSettings) =>
    query(settings, 'SELECT 1').then(
      () => 'it let us in',
      (error: Error) => `${error.message} ${(error.cause as Error | undefined)?.message ?? ''}`,
    )

  test("each role comes in by its certificate, and a world's server by TLS 1.3 as the writer", async () => {
    expect(server.url).toMatch(
      HAS_IPV6 ? /^postgres:\/\/gateway_writer@\[::1\]:\d+\/terrane$/ : /^postgres:\/\/gateway_writer@127\.0\.0\.1:/,
    )
    expect(await serveFrom(server)).toMatchObject({
      role: 'writer',
      addressFamily: HAS_IPV6 ? 6 : 4,
      tls: { protocol: 'TLSv1.3', peerSubject: 'node' },
    })
    for (const [url, user] of [
      [server.url, ROLES.writer],
      [server.adminUrl, ROLES.admin],
      [server.readerUrl, ROLES.reader],
    ] as const) {
      const [row] = await query(
        { url, certs },
        'SELECT current_user, ssl, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
      )
      expect(row).toEqual([user, 't', expect.stringContaining(`CN=${user}`)])
    }
    expect(await query({ url: server.superuserUrl }, 'SHOW is_superuser')).toEqual([['on']])
  })

  test('also by IPv4', async () => {
    const url = new URL(server.url)
    url.hostname = '127.0.0.1'
    expect(await query({ url: url.href, certs }, 'SELECT family(inet_client_addr())')).toEqual([['4']])
  })

  test('keys are readable by their owners only, and the server has neither the CA nor the users', () => {
    const cluster = join(home, 'postgres', 'cluster', 'tls')
    for (const path of [join(certs, 'ca.key'), clientFiles(certs, ROLES.writer).key, join(cluster, 'node.key')]) {
      expect(statSync(path).mode & 0o777, path).toBe(0o600)
    }
    expect(statSync(cluster).mode & 0o777).toBe(0o700)
    expect(existsSync(join(cluster, 'ca.key'))).toBe(false)
  })

  test('no certificate: refused', async () => {
    const ca = readFileSync(clientFiles(certs, ROLES.writer).ca)
    expect(await failureOf({ url: server.url, ssl: { ca } })).toMatch(/requires a valid client certificate/)
  })

  test('a certificate of another CA: refused', async () => {
    const strangers = mkdtempSync(join(tmpdir(), 'terrane-mtls-strangers-'))
    onTestFinished(() => rmSync(strangers, { recursive: true, force: true }))
    await createCertificates({ dir: strangers })
    expect(await failureOf(showing(strangers, ROLES.writer))).toMatch(/unknown ca|unknown_ca/i)
    // And we do not take a server for ours that has a certificate of another CA.
    expect(await failureOf({ url: server.url, certs: strangers })).toMatch(/certificate/)
  })

  test('a certificate that has expired: refused', async () => {
    const expired = await copyOfCerts({ now: new Date(Date.now() - 3 * DAY_MS), leafDays: 1 })
    expect(await failureOf(showing(expired, ROLES.writer))).toMatch(/expired/)
    const valid = await copyOfCerts({ now: new Date(), leafDays: 1 })
    expect(await failureOf(showing(valid, ROLES.writer))).toBe('it let us in')
  })

  test.each([
    [ROLES.reader, ROLES.writer],
    [ROLES.writer, ROLES.admin],
    [ROLES.admin, 'terrane'],
    ['root', ROLES.writer],
    ['node', ROLES.writer],
  ])('the certificate of %s does not open the account of %s', async (owner, role) => {
    const settings =
      owner === 'node'
        ? {
            url: server.url,
            ssl: {
              ca: readFileSync(join(certs, 'ca.crt')),
              cert: readFileSync(join(certs, 'node.crt')),
              key: readFileSync(join(certs, 'node.key')),
            },
          }
        : showing(certs, owner, withUser(server.url, role))
    expect(await failureOf(settings)).toMatch(/certificate authentication failed/)
  })

  test('a password opens nothing, with TLS or without', async () => {
    const { password } = JSON.parse(readFileSync(join(home, 'postgres', 'server.json'), 'utf8')) as { password: string }
    await query({ url: server.superuserUrl }, `ALTER ROLE ${ROLES.writer} PASSWORD '${password}'`)
    for (const user of ['terrane', ROLES.writer]) {
      const url = withUser(server.url, user, password)
      expect(await failureOf({ url })).toMatch(/no pg_hba\.conf entry .* no encryption/)
      const ca = readFileSync(join(certs, 'ca.crt'))
      expect(await failureOf({ url, ssl: { ca } })).toMatch(/requires a valid client certificate/)
    }
  })

  test('TLS before 1.2 is refused', async () => {
    const { ssl } = showing(certs, ROLES.writer)
    const old = { ...ssl, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    expect(await failureOf({ url: server.url, ssl: old })).toMatch(/protocol version|no protocols available/i)
    expect(await failureOf({ url: server.url, ssl: { ...ssl, maxVersion: 'TLSv1.2' } })).toBe('it let us in')
  })
})

describe('a data directory', () => {
  test('goes from passwords to certificates and back, and keeps everything', async () => {
    const dataDir = directories.create()
    const plain = await directories.start(dataDir)
    expect(await serveFrom(plain)).toMatchObject({ role: 'writer', tls: undefined })
    await query({ url: plain.adminUrl }, 'CREATE TABLE kept AS SELECT 42 AS n')
    await plain.stop()

    const secured = await directories.start(dataDir, MTLS)
    expect(secured.adopted).toBe(false)
    expect(await serveFrom(secured)).toMatchObject({ role: 'writer', tls: { protocol: 'TLSv1.3' } })
    expect(await query({ url: secured.adminUrl, ...certsOf(secured) }, 'SELECT n FROM kept')).toEqual([['42']])
    await expect(query({ url: plain.url }, 'SELECT 1')).rejects.toThrow(/no encryption|ECONNREFUSED/)
    await secured.stop()

    const again = await directories.start(dataDir)
    expect(again.url).toBe(plain.url)
    expect(await serveFrom(again)).toMatchObject({ role: 'writer', tls: undefined })
    expect(await query({ url: again.adminUrl }, 'SELECT n FROM kept')).toEqual([['42']])
  })

  test('of a version without roles starts, and its tables are handed to gateway_admin', async () => {
    const dataDir = directories.create()
    const first = await directories.start(dataDir)
    const asSuperuser = { url: first.superuserUrl }
    await query(
      asSuperuser,
      `DROP SCHEMA ${SCHEMA_RULES.map(({ schema }) => schema).join(', ')} CASCADE; CREATE SCHEMA public;
      DROP OWNED BY ${ROLES.admin}, ${ROLES.writer}, ${ROLES.reader};
      DROP ROLE ${ROLES.admin}, ${ROLES.writer}, ${ROLES.reader}`,
    )
    const old = await openPostgresStore(asSuperuser)
    await old.migrate(WORLD)
    await old.close()
    await query(asSuperuser, "INSERT INTO ships (id, speed, terrane_zone) VALUES ('a', 7, 'main')")
    await first.stop()
    const accessFile = join(dataDir, 'server.json')
    const { port, password } = JSON.parse(readFileSync(accessFile, 'utf8')) as { port: number; password: string }
    writeFileSync(accessFile, JSON.stringify({ port, password }))

    const server = await directories.start(dataDir)
    expect(await serveFrom(server)).toMatchObject({ role: 'writer' })
    expect(await query({ url: server.readerUrl }, 'SELECT id, speed FROM ships')).toEqual([['a', '7']])
    expect(
      await query(asSuperuser, "SELECT tableowner FROM pg_tables WHERE schemaname = 'terrane' GROUP BY 1"),
    ).toEqual([[ROLES.admin]])
    expect(JSON.parse(readFileSync(accessFile, 'utf8'))).toMatchObject({ port, password })
    expect(statSync(accessFile).mode & 0o777).toBe(0o600)
    await server.stop()
    expect((await directories.start(dataDir)).url).toBe(server.url)
  })

  test.runIf(HAS_IPV6)('can be served by IPv6 alone, with passwords', async () => {
    const server = await directories.start(directories.create(), { listen: ['::1'] })
    expect(server.url).toMatch(/^postgres:\/\/gateway_writer:[\w-]{32}@\[::1\]:\d+\/terrane$/)
    expect(await serveFrom(server)).toMatchObject({ addressFamily: 6, tls: undefined })
    const byIPv4 = new URL(server.url)
    byIPv4.hostname = '127.0.0.1'
    await expect(query({ url: byIPv4.href }, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/)
  })

  test('can be served by IPv4 alone, with certificates', async () => {
    const server = await directories.start(directories.create(), { ...MTLS, listen: ['127.0.0.1'] })
    expect(server.url).toMatch(/^postgres:\/\/gateway_writer@127\.0\.0\.1:\d+\/terrane$/)
    expect(await serveFrom(server)).toMatchObject({ addressFamily: 4, tls: { protocol: 'TLSv1.3' } })
  })
})

describe('after a kill of the parent', () => {
  test('the server is adopted, with new certificates when the old ones end soon', async () => {
    const dataDir = directories.create()
    const parent = directories.spawnParent(dataDir, MTLS)
    const handle = await parent.handle()
    await query({ url: handle.superuserUrl }, 'CREATE TABLE t AS SELECT 1 AS n')
    await parent.kill()
    const certs = join(dataDir, 'certs')
    await createCertificates({ dir: certs, rotate: true, leafDays: 29 })

    const server = await directories.start(dataDir, MTLS)
    expect(server).toMatchObject({ adopted: true, pid: handle.pid, superuserUrl: handle.superuserUrl })
    expect(await query({ url: server.superuserUrl }, 'SELECT n FROM t')).toEqual([['1']])
    for (const { daysLeft } of inspectCertificates(certs)) expect(daysLeft).toBeGreaterThan(300)
    await untilServed(server, newestEnd(certs))
  })

  test('the server is adopted although the certificates were lost, and takes the new ones', async () => {
    const dataDir = directories.create()
    const parent = directories.spawnParent(dataDir, MTLS)
    const handle = await parent.handle()
    await parent.kill()
    rmSync(join(dataDir, 'certs'), { recursive: true })
    const server = await directories.start(dataDir, MTLS)
    expect(server).toMatchObject({ adopted: true, pid: handle.pid })
    expect(await serveFrom(server)).toMatchObject({ role: 'writer', tls: { protocol: 'TLSv1.3' } })
  })

  test('a server that is reached otherwise is stopped and started anew', async () => {
    const dataDir = directories.create()
    const parent = directories.spawnParent(dataDir)
    const handle = await parent.handle()
    await query({ url: handle.superuserUrl }, 'CREATE TABLE t AS SELECT 1 AS n')
    await parent.kill()
    const server = await directories.start(dataDir, MTLS)
    expect(server.adopted).toBe(false)
    expect(server.pid).not.toBe(handle.pid)
    expect(await query({ url: server.superuserUrl }, 'SELECT n FROM t')).toEqual([['1']])
    await server.stop()
    expect(await processesOf(dataDir)).toEqual([])
  })
})

describe('certificates that end', () => {
  test('soon are replaced while the server runs, and connections stay', async () => {
    const server = await directories.start(directories.create(), MTLS)
    const certs = server.certs ?? ''
    await createCertificates({ dir: certs, rotate: true, leafDays: 20 })
    await withConnection({ url: server.url, certs }, 'test', async (session) => {
      await server.renewCertificates()
      expect(inspectCertificates(certs).at(-1)?.daysLeft).toBeGreaterThan(300)
      await untilServed(server, newestEnd(certs))
      expect((await session.query('SELECT 1')).rows).toEqual([['1']])
    })
    const before = newestEnd(certs)
    await server.renewCertificates()
    expect(newestEnd(certs)).toBe(before)
  })

  test('have ended, with their CA: the next start makes a new set', async () => {
    const dataDir = directories.create()
    await (await directories.start(dataDir, MTLS)).stop()
    const certs = join(dataDir, 'certs')
    rmSync(certs, { recursive: true })
    await createCertificates({ dir: certs, now: new Date(Date.now() - 20 * DAY_MS), caDays: 10, leafDays: 5 })
    const server = await directories.start(dataDir, MTLS)
    for (const { daysLeft } of inspectCertificates(certs)) expect(daysLeft).toBeGreaterThan(300)
    expect(await serveFrom(server)).toMatchObject({ role: 'writer', tls: { protocol: 'TLSv1.3' } })
  })
})

function certsOf({ certs }: EmbeddedPostgres): { certs?: string } {
  return certs === undefined ? {} : { certs }
}

/** When the server's certificate in a directory ends, milliseconds since 1970. */
function newestEnd(certs: string): number {
  return (
    inspectCertificates(certs)
      .find(({ file }) => file === 'node.crt')
      ?.notAfter.getTime() ?? 0
  )
}

/** Waits until new connections are answered with the certificate that ends then. */
async function untilServed(server: EmbeddedPostgres, notAfter: number): Promise<void> {
  const deadlineMs = performance.now() + 60_000
  for (;;) {
    const info = await serveFrom(server)
    if (info?.tls?.notAfter === notAfter) return
    if (performance.now() > deadlineMs) throw new Error(`the server's certificate still ends at ${info?.tls?.notAfter}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
