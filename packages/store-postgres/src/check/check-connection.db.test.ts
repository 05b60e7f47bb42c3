import { type ChildProcess, spawn } from 'node:child_process'
import dns from 'node:dns'
import { once } from 'node:events'
import { chownSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startFaultProxy } from '@terrane/testing/fault-proxy'
import { CAN_MOUNT, smallDisk } from '@terrane/testing/small-disk'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { withUser } from '../connection/database-url.js'
import { withConnection } from '../connection/one-connection.js'
import type { ConnectionSettings } from '../connection/settings.js'
import { recordStatements } from '../dialect/statement-recorder.js'
import { violationsOf } from '../dialect/statement-rules.js'
import { type EmbeddedPostgres, startEmbedded } from '../embedded/embedded.js'
import { openPostgresStore } from '../open.js'
import { ROLES } from '../roles/role-names.js'
import { clientFiles, nodeFiles } from '../tls/certificate-files.js'
import { createCertificates } from '../tls/create-certificates.js'
import { type ConnectionReport, checkConnection } from './check-connection.js'

const DAY_MS = 86_400_000
/** The target of the check, and the deadline that it sets itself. */
const DIAGNOSIS_MS_MAX = 5_000
const HAS_IPV6 = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === '::1'))

let home: string
let server: EmbeddedPostgres
let settings: ConnectionSettings & { readonly certs: string }
let host: string
let port: number

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'terrane-check-'))
  server = await startEmbedded({
    dataDir: join(home, 'postgres'),
    mtls: true,
    listen: HAS_IPV6 ? ['::1', '127.0.0.1'] : ['127.0.0.1'],
  })
  settings = { url: server.url, certs: server.certs ?? '' }
  const url = new URL(server.url)
  host = url.hostname.replace(/^\[|\]$/g, '')
  port = Number(url.port)
  await migrate(server)
})

afterAll(async () => {
  await server.stop('immediate')
  rmSync(home, { recursive: true, force: true })
})

async function migrate({ url, adminUrl, certs }: EmbeddedPostgres): Promise<void> {
  const opened = await openPostgresStore({ url, migrationUrl: adminUrl, ...(certs === undefined ? {} : { certs }) })
  await opened.migrate()
  await opened.close()
}

const asSuperuser = (sql: string) =>
  withConnection({ url: server.superuserUrl }, 'test', async (session) => (await session.query(sql)).rows)

/** The settings with a certificate directory that is a copy, changed. */
function withCerts(change: (dir: string) => Promise<void> | void): Promise<ConnectionSettings> {
  const dir = mkdtempSync(join(home, 'certs-'))
  cpSync(settings.certs, dir, { recursive: true })
  return Promise.resolve(change(dir)).then(() => ({ ...settings, certs: dir }))
}

function at(address: string, atPort = port): ConnectionSettings {
  const url = new URL(settings.url)
  url.hostname = address.includes(':') ? `[${address}]` : address
  url.port = String(atPort)
  return { ...settings, url: url.href }
}

/** The one thing that is wrong, with what else there is to say of it. */
function wrong({ criteria, figures }: ConnectionReport) {
  expect(figures.elapsedMs).toBeLessThanOrEqual(DIAGNOSIS_MS_MAX)
  const failed = criteria.filter(({ passed }) => !passed)
  expect(failed.length, JSON.stringify(criteria)).toBeGreaterThan(0)
  const { name, diagnosis } = failed[0] as (typeof failed)[0]
  return { name, stage: diagnosis?.stage, code: diagnosis?.code, text: `${diagnosis?.why} ${diagnosis?.next}` }
}

const check = (changed: ConnectionSettings = settings) => checkConnection({ settings: changed })

describe('a connection in order', () => {
  test('meets every criterion, with its figure, and leaves nothing behind', async () => {
    const steps: string[] = []
    const { criteria, figures, floors } = await checkConnection({ settings, progress: (step) => steps.push(step) })
    expect(criteria.filter(({ passed }) => !passed)).toEqual([])
    expect(figures).toMatchObject({
      connected: 1,
      addressFamily: HAS_IPV6 ? 6 : 4,
      mtls: 1,
      protocol: 'TLSv1.3',
      cipher: expect.stringMatching(/^TLS_/),
      peer: 'node',
      peerHosts: expect.stringContaining('localhost'),
      clientCertificate: expect.stringContaining(`CN=${ROLES.writer}`),
      user: ROLES.writer,
      writer: 1,
      adminSessions: 0,
      changesOfRows: 4,
      changesOfTablesRefused: 4,
      writes: 100,
      sessions: 1,
      preparedStatements: 0,
    })
    expect(floors.map(({ figure }) => figure)).toContain('visibleMs')
    expect(figures.visibleMs).toBeGreaterThan(0)
    expect(figures).toMatchObject({ rowsLeft: 0, peerNotAfter: expect.stringMatching(/^20/) })
    expect(steps).toHaveLength(10)
    expect(await asSuperuser('SELECT count(*) FROM terrane.connection_check')).toEqual([['0']])
    expect(await asSuperuser("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'connection_check_%'")).toEqual([
      ['0'],
    ])
  })

  test('what it writes and reads for it is in the dialect of CockroachDB', async () => {
    const recorder = recordStatements()
    await check()
    recorder.stop()
    // What must be refused is no statement of a server; the catalogue is asked in each database's own way.
    const texts = new Set(
      recorder.statements
        .map(({ text }) => text)
        .filter(
          (text) =>
            !/^(CREATE|ALTER|DROP|TRUNCATE) |pg_catalog|pg_backend_pid|current_user|has_\w+_privilege/.test(text),
        ),
    )
    expect(texts.size).toBeGreaterThanOrEqual(6)
    expect((await Promise.all([...texts].map(violationsOf))).flat()).toEqual([])
  })

  test('without TLS it passes only when that is said to be right', async () => {
    const directory = mkdtempSync(join(home, 'plain-'))
    const plain = await startEmbedded({ dataDir: join(directory, 'postgres') })
    onTestFinished(() => plain.stop('immediate'))
    await migrate(plain)
    const refused = await checkConnection({ settings: { url: plain.url } })
    expect(wrong(refused)).toMatchObject({ name: 'mTLS', stage: 'TLS', code: 'no_tls' })
    const allowed = await checkConnection({ settings: { url: plain.url }, allowPlaintext: true })
    expect(allowed.criteria.filter(({ passed }) => !passed)).toEqual([])
    expect(allowed.figures.mtls).toBe(0)
  })
})

describe('what is broken is told by its step, its cause and what to do:', () => {
  test('another CA', async () => {
    const other = join(home, 'other-ca')
    await createCertificates({ dir: other, hosts: ['localhost', '::1', '127.0.0.1'] })
    const stranger = await withCerts((dir) => copyFileSync(join(other, 'ca.crt'), join(dir, 'ca.crt')))
    expect(wrong(await check(stranger))).toMatchObject({
      stage: 'TLS',
      text: expect.stringMatching(/CA/),
    })
    // All of them of another CA: the server is right not to be trusted, and so is the client.
    expect(wrong(await check({ ...settings, certs: other }))).toMatchObject({ stage: 'TLS' })
  })

  test("a client's certificate of another CA, though the server's is trusted", async () => {
    const other = join(home, 'other-client')
    await createCertificates({ dir: other, hosts: ['localhost'] })
    const files = clientFiles(other, ROLES.writer)
    const stranger = await withCerts((dir) => {
      copyFileSync(files.cert, clientFiles(dir, ROLES.writer).cert)
      copyFileSync(files.key, clientFiles(dir, ROLES.writer).key)
    })
    expect(wrong(await check(stranger))).toMatchObject({ stage: 'TLS', text: expect.stringMatching(/certificate/) })
  })

  test("an expired leaf of the client's", async () => {
    const expired = await withCerts((dir) =>
      createCertificates({ dir, rotate: true, leafDays: 1, now: new Date(Date.now() - 3 * DAY_MS) }).then(() => {}),
    )
    expect(wrong(await check(expired))).toMatchObject({ stage: 'TLS', text: expect.stringMatching(/expired/) })
  })

  test("an expired leaf of the server's, and one for other hosts", async () => {
    for (const [change, code] of [
      [{ leafDays: 1, now: new Date(Date.now() - 3 * DAY_MS) }, 'CERT_HAS_EXPIRED'],
      [{ hosts: ['db.elsewhere.example'] }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ] as const) {
      const fresh = await withCerts((dir) => createCertificates({ dir, rotate: true, ...change }).then(() => {}))
      const { cert, key } = nodeFiles(fresh.certs ?? '')
      await serving(cert, key, async () => {
        await eventually(async () => expect(wrong(await check())).toMatchObject({ stage: 'TLS', code }))
      })
    }
  })

  test.each([
    ['admin', () => server.adminUrl],
    ['reader', () => server.readerUrl],
    ['root', () => withUser(settings.url, 'root')],
  ])('the role %s instead of the writer', async (user, url) => {
    const found = wrong(await check({ ...settings, url: url() }))
    if (user === 'root') expect(found).toMatchObject({ stage: 'authentication', code: '28000' })
    else expect(found).toMatchObject({ name: 'admin not used', stage: 'authorisation', code: 'wrong_role' })
  })

  test("another role's certificate", async () => {
    const mixed = await withCerts((dir) => {
      copyFileSync(clientFiles(dir, ROLES.reader).cert, clientFiles(dir, ROLES.writer).cert)
      copyFileSync(clientFiles(dir, ROLES.reader).key, clientFiles(dir, ROLES.writer).key)
    })
    expect(wrong(await check(mixed))).toMatchObject({ stage: 'authentication', code: 'wrong_certificate_user' })
  })

  test('a revoked grant', async () => {
    await asSuperuser(`REVOKE INSERT ON terrane.commit_log FROM ${ROLES.writer}`)
    onTestFinished(() => asSuperuser(`GRANT INSERT ON terrane.commit_log TO ${ROLES.writer}`).then(() => {}))
    expect(wrong(await check())).toMatchObject({
      stage: 'authorisation',
      code: 'role_lacks_privileges',
      text: expect.stringMatching(/commit_log.*GRANT INSERT/s),
    })
  })

  test('a grant too many', async () => {
    await asSuperuser(`GRANT TRUNCATE ON terrane.connection_check TO ${ROLES.writer}`)
    onTestFinished(() => asSuperuser(`REVOKE TRUNCATE ON terrane.connection_check FROM ${ROLES.writer}`).then(() => {}))
    const report = await check()
    expect(wrong(report)).toMatchObject({ stage: 'authorisation', code: 'role_too_strong' })
    expect(report.criteria).toContainEqual(expect.objectContaining({ passed: false, seen: 'not refused: TRUNCATE' }))
  })

  test.runIf(HAS_IPV6)('IPv4 only', async () => {
    const proxy = await startFaultProxy({ target: { host, port } })
    onTestFinished(() => proxy.close())
    const found = wrong(await check(at('::1', proxy.port)))
    expect(found).toMatchObject({ stage: 'TCP', code: 'WRONG_FAMILY', text: expect.stringMatching(/IPv4 only/) })
  })

  test('a closed port', async () => {
    const proxy = await startFaultProxy({ target: { host, port } })
    await proxy.close()
    expect(wrong(await check(at('127.0.0.1', proxy.port)))).toMatchObject({ stage: 'TCP', code: 'ECONNREFUSED' })
  })

  test('a host that is not known', async () => {
    expect(wrong(await check(at('database.invalid')))).toMatchObject({ stage: 'name resolution' })
  })

  test('a name service that does not answer', async () => {
    const silent = (() => {}) as unknown as typeof dns.lookup
    const lookup = vi.spyOn(dns, 'lookup').mockImplementation(silent)
    onTestFinished(() => lookup.mockRestore())
    expect(wrong(await check(at('database.internal')))).toMatchObject({ stage: 'name resolution', code: 'ETIMEDOUT' })
  })

  test('a black hole that accepts connections', async () => {
    const proxy = await startFaultProxy({ target: { host, port } })
    onTestFinished(() => proxy.close())
    proxy.blackHole()
    expect(wrong(await check(at('127.0.0.1', proxy.port)))).toMatchObject({
      stage: 'TCP',
      text: expect.stringMatching(/accepted and then nothing answered/),
    })
  })

  test.runIf(process.platform === 'linux')('a black hole that swallows even the first packet', async () => {
    const hole = await stoppedListener()
    expect(wrong(await check(at('127.0.0.1', hole)))).toMatchObject({ stage: 'TCP', code: 'ETIMEDOUT' })
  })

  test('a server that falls silent after the connection stands', async () => {
    const proxy = await startFaultProxy({ target: { host, port } })
    onTestFinished(() => proxy.close())
    const report = await checkConnection({
      settings: at('127.0.0.1', proxy.port),
      progress: (step) => {
        if (step === 'rows may be changed') proxy.halfOpen()
      },
    })
    expect(wrong(report)).toMatchObject({ name: 'rows may be changed', stage: 'TCP' })
    expect(report.criteria.at(-1)).toMatchObject({ passed: false, seen: expect.stringMatching(/^not examined/) })
  })

  test('a table that somebody holds locked', async () => {
    await withConnection({ url: server.superuserUrl }, 'test', async (session) => {
      await session.query('BEGIN')
      await session.query('LOCK TABLE terrane.connection_check IN ACCESS EXCLUSIVE MODE')
      expect(wrong(await check())).toMatchObject({ stage: 'SQL', code: '57014', text: expect.stringMatching(/locks/) })
    })
  })

  test('a CA in the URL verifies the server, a name that looks like it does not', async () => {
    const { ca, cert, key } = clientFiles(settings.certs, ROLES.writer)
    const url = new URL(settings.url)
    for (const [name, value] of Object.entries({ sslrootcert: ca, sslcert: cert, sslkey: key })) {
      url.searchParams.set(name, value)
    }
    url.searchParams.delete('sslmode')
    expect((await check({ url: url.href })).criteria.filter(({ passed }) => !passed)).toEqual([])
    url.searchParams.set('sslmode', 'verify-ca')
    const disguised = `${url.href}&application_name=sslmode=verify-full`
    expect(wrong(await check({ url: disguised }))).toMatchObject({ stage: 'TLS', code: 'server_not_verified' })
  })

  test('tables that were never made', async () => {
    await asSuperuser('ALTER TABLE terrane.connection_check RENAME TO away')
    onTestFinished(() => asSuperuser('ALTER TABLE terrane.away RENAME TO connection_check').then(() => {}))
    expect(wrong(await check())).toMatchObject({
      stage: 'SQL',
      code: '42P01',
      text: expect.stringMatching(/migrations/),
    })
  })

  test('a server in recovery', async () => {
    const dataDir = join(mkdtempSync(join(home, 'standby-')), 'postgres')
    const primary = await startEmbedded({ dataDir, mtls: true })
    await migrate(primary)
    const { superuserUrl } = primary
    await primary.stop('fast')
    const cluster = join(dataDir, 'cluster')
    const { uid, gid } = statSync(cluster)
    writeFileSync(join(cluster, 'standby.signal'), '')
    chownSync(join(cluster, 'standby.signal'), uid, gid)
    const standby = await startEmbedded({ dataDir, mtls: true }).catch((error: Error) => error)
    if (!(standby instanceof Error)) onTestFinished(() => standby.stop('immediate'))
    else throw standby
    expect(
      await withConnection(
        { url: superuserUrl },
        'test',
        async (s) => (await s.query('SELECT pg_is_in_recovery()')).rows,
      ),
    ).toEqual([['t']])
    const found = wrong(await check({ url: standby.url, certs: standby.certs ?? '' }))
    expect(found).toMatchObject({ stage: 'SQL', code: '25006', text: expect.stringMatching(/recovery/) })
  })

  test.runIf(CAN_MOUNT)('a full disk', async () => {
    const disk = smallDisk('256k')
    const place = join(disk.path, 'space')
    mkdirSync(place)
    const { uid, gid } = statSync(join(home, 'postgres', 'cluster'))
    chownSync(place, uid, gid)
    await asSuperuser(`CREATE TABLESPACE small LOCATION '${place}'`)
    // A table that keeps pages of earlier rows could take new ones without asking the disk for room.
    await asSuperuser('TRUNCATE terrane.connection_check')
    await asSuperuser('ALTER TABLE terrane.connection_check SET TABLESPACE small')
    onTestFinished(async () => {
      disk.free()
      await asSuperuser('ALTER TABLE terrane.connection_check SET TABLESPACE pg_default')
      await asSuperuser('DROP TABLESPACE small')
    })
    disk.fill()
    expect(wrong(await check())).toMatchObject({ stage: 'SQL', code: '53100', text: expect.stringMatching(/disk/) })
  })
})

/** The server reads its files when it gets round to it. */
const eventually = (holds: () => Promise<void>) => vi.waitFor(holds, { timeout: 30_000, interval: 100 })

/** The server presents other files meanwhile. */
async function serving(cert: string, key: string, work: () => Promise<void>): Promise<void> {
  const rows = await asSuperuser(
    "SELECT setting FROM pg_settings WHERE name IN ('ssl_cert_file', 'ssl_key_file') ORDER BY name",
  )
  const [ownCert, ownKey] = rows.map(([path]) => join(home, 'postgres', 'cluster', path ?? '')) as [string, string]
  const put = async (from: string, to: string) => {
    const { uid, gid, mode } = statSync(to)
    copyFileSync(from, to)
    chownSync(to, uid, gid)
    return mode
  }
  const backup = mkdtempSync(join(home, 'node-'))
  copyFileSync(ownCert, join(backup, 'crt'))
  copyFileSync(ownKey, join(backup, 'key'))
  const reload = () => process.kill(server.pid, 'SIGHUP')
  try {
    await put(cert, ownCert)
    await put(key, ownKey)
    reload()
    await work()
  } finally {
    await put(join(backup, 'crt'), ownCert)
    await put(join(backup, 'key'), ownKey)
    reload()
    await eventually(async () => expect((await check()).figures.connected).toBe(1))
  }
}

/** A port whose queue of new connections is full and that nobody empties: the system drops what comes. */
async function stoppedListener(): Promise<number> {
  const script =
    "require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 0 }, function () { console.log(this.address().port) })"
  const child: ChildProcess = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [text] = (await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data')) as [Buffer]
  child.kill('SIGSTOP')
  const fillers: Socket[] = []
  onTestFinished(() => {
    for (const socket of fillers) socket.destroy()
  })
  for (;;) {
    const socket = connect({ host: '127.0.0.1', port: Number(text) })
    socket.on('error', () => {})
    fillers.push(socket)
    const isIn = await Promise.race([once(socket, 'connect').then(() => true), delay(300).then(() => false)])
    if (!isIn) return Number(text)
  }
}
