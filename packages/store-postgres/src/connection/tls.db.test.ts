import { randomBytes } from 'node:crypto'
import dns from 'node:dns'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { TransientStoreError } from '@terrane/engine'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type EmbeddedPostgres, startEmbedded } from '../embedded/embedded.js'
import { openPostgresStore, type PostgresStoreOptions } from '../open.js'
import { ensureRoles } from '../roles/ensure-roles.js'
import { ROLES } from '../roles/role-names.js'
import { startTlsRelay, type TlsRelay } from '../test-server/tls-relay.js'
import { clientFiles } from '../tls/certificate-files.js'
import { createCertificates } from '../tls/create-certificates.js'
import { withUser } from './database-url.js'
import { connectHintOf } from './failures.js'
import { withConnection } from './one-connection.js'

const PASSWORD = randomBytes(12).toString('hex')
const HAS_IPV6 = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === '::1'))

let home: string
let server: EmbeddedPostgres
let direct: { host: string; port: number }
/** Certificates for localhost and ::1, and not for 127.0.0.1. */
let certs: string
/** Of another authority. */
let strangers: string
const relays: TlsRelay[] = []

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'terrane-tls-'))
  certs = join(home, 'certs')
  strangers = join(home, 'strangers')
  await createCertificates({ dir: certs, hosts: ['localhost', '::1'] })
  await createCertificates({ dir: strangers, hosts: ['localhost', '127.0.0.1'] })
  server = await startEmbedded({ dataDir: join(home, 'postgres') })
  const passwords = { [ROLES.writer]: PASSWORD }
  await withConnection({ url: server.superuserUrl }, 'test', (session) => ensureRoles(session, { passwords }))
  const { hostname, port } = new URL(server.superuserUrl)
  direct = { host: hostname, port: Number(port) }
})

afterEach(async () => {
  for (const relay of relays.splice(0)) await relay.close()
})

afterAll(async () => {
  await server.stop('immediate')
  await rm(home, { recursive: true, force: true })
})

async function relay(directory: string | undefined, host?: string): Promise<TlsRelay> {
  const started = await startTlsRelay(direct, directory, host)
  relays.push(started)
  return started
}

function urlOf(host: string, { port }: { port: number }, parameters = ''): string {
  const url = new URL(withUser(server.superuserUrl, ROLES.writer, PASSWORD))
  url.host = `${host}:${port}`
  return `${url.href}${parameters}`
}

async function infoOf(options: PostgresStoreOptions) {
  const opened = await openPostgresStore(options)
  await opened.close()
  return opened.store.connectionInfo()
}

const failureOf = (options: PostgresStoreOptions) =>
  infoOf(options).then(
    () => undefined,
    (error: unknown) => error,
  )

describe('with a certificate directory', () => {
  test("the server is checked, the writer's certificate is shown, and both can be seen", async () => {
    const seen = await relay(certs)
    expect(await infoOf({ url: urlOf('localhost', seen), certs })).toMatchObject({
      user: ROLES.writer,
      role: 'writer',
      profile: 'postgres',
      serverVersion: expect.stringMatching(/^\d+\.\d+/),
      host: 'localhost',
      port: seen.port,
      addressFamily: 4,
      tls: {
        protocol: 'TLSv1.3',
        cipher: expect.stringMatching(/^TLS_/),
        peerSubject: 'node',
        peerIssuer: 'Terrane Database CA',
        notAfter: expect.toSatisfy((at: number) => at > Date.now()),
      },
    })
    expect(seen.clients).toMatchObject([{ user: ROLES.writer, serverName: 'localhost' }])
  })

  test.runIf(HAS_IPV6)('an IPv6 address in brackets works, is checked, and is not sent as a name', async () => {
    const seen = await relay(certs, '::1')
    expect(await infoOf({ url: urlOf('[::1]', seen), certs })).toMatchObject({ host: '::1', addressFamily: 6 })
    expect(seen.clients).toMatchObject([{ user: ROLES.writer, serverName: undefined }])
  })

  test.runIf(HAS_IPV6)('a name behind which there is IPv6 only works', async () => {
    const name = 'database.internal'
    const named = join(home, 'named')
    await createCertificates({ dir: named, hosts: [name] })
    const seen = await relay(named, '::1')
    // What a private network's name server answers: AAAA records, and no A records.
    const answer = ((_name: string, _options: object, callback: (...args: unknown[]) => void) =>
      callback(null, [{ address: '::1', family: 6 }])) as unknown as typeof dns.lookup
    const lookup = vi.spyOn(dns, 'lookup').mockImplementation(answer)
    onTestFinished(() => lookup.mockRestore())
    expect(await infoOf({ url: urlOf(name, seen), certs: named })).toMatchObject({ host: name, addressFamily: 6 })
    expect(lookup).toHaveBeenCalledWith(name, expect.objectContaining({ all: true }), expect.any(Function))
    expect(seen.clients).toMatchObject([{ serverName: name }])
  })

  test('a server with another name is refused', async () => {
    const error = await failureOf({ url: urlOf('127.0.0.1', await relay(certs)), certs })
    expect(error).toBeInstanceOf(TransientStoreError)
    expect(connectHintOf(error)).toContain('for other names')
  })

  test('a server of another authority is refused', async () => {
    const error = await failureOf({ url: urlOf('localhost', await relay(strangers)), certs })
    expect(error).toBeInstanceOf(TransientStoreError)
    expect(connectHintOf(error)).toContain('Who signed')
  })

  test('a server without TLS is refused, and never gets the password', async () => {
    const error = await failureOf({ url: urlOf('localhost', await relay(undefined)), certs })
    expect(error).toMatchObject({ message: expect.stringContaining('does not support SSL') })
    expect(connectHintOf(error)).toContain('Turn TLS on')
  })

  test.each([
    ['?sslmode=require', 'sslmode=require'],
    ['?sslrootcert=/ca.crt', 'both the URL and a certificate directory'],
  ])('a URL that says otherwise is refused: %s', async (parameters, message) => {
    expect(await failureOf({ url: urlOf('localhost', direct, parameters), certs })).toMatchObject({
      code: 'contradicting_tls',
      message: expect.stringContaining(message),
    })
  })

  test('a certificate that is missing at the start is told as it is', async () => {
    const url = withUser(urlOf('localhost', direct), 'nobody')
    expect(await failureOf({ url, certs })).toMatchObject({ code: 'missing_certificate' })
  })

  test('without the certificate of the admin, migrations say what to do', async () => {
    const opened = await openPostgresStore({ url: urlOf('localhost', await relay(certs)), certs })
    const { cert } = clientFiles(certs, ROLES.admin)
    await rename(cert, `${cert}.away`)
    await expect(opened.migrate()).rejects.toMatchObject({
      code: 'migration_needs_admin',
      message: expect.stringContaining('gateway_admin'),
    })
    await rename(`${cert}.away`, cert)
    await opened.close()
  })

  test('rotated certificates serve from the next connection on; one that is away for a while is waited for', async () => {
    const rotating = join(home, 'rotating')
    await createCertificates({ dir: rotating, hosts: ['localhost'] })
    const seen = await relay(rotating)
    const opened = await openPostgresStore({ url: urlOf('localhost', seen), certs: rotating, poolSize: 2 })
    const both = () => Promise.all([opened.ping(), opened.ping()])
    const before = opened.store.connectionInfo()?.tls?.notAfter
    await createCertificates({ dir: rotating, rotate: true, leafDays: 100 })
    // One of the two finds the connection of before busy, and opens another.
    await both()
    expect(seen.clients).toHaveLength(2)
    expect(seen.clients[1]?.serial).not.toBe(seen.clients[0]?.serial)
    expect(opened.store.connectionInfo()?.tls?.notAfter).not.toBe(before)

    const { key } = clientFiles(rotating, ROLES.writer)
    await rename(key, `${key}.away`)
    const append = () => opened.store.log.append([{ zone: 'z', seq: 1, epoch: 1, payload: new Uint8Array(1) }])
    await expect(append()).rejects.toBeInstanceOf(TransientStoreError)
    await rename(`${key}.away`, key)
    // There are no tables: the statement has reached the database.
    await expect(append()).rejects.toMatchObject({ code: 'database_refused' })
    await opened.close()
  })
})

describe('sslmode', () => {
  const ca = (directory: string) => `sslrootcert=${encodeURIComponent(join(directory, 'ca.crt'))}`
  const cases: [string, () => string, () => string, string, 'TLS' | 'none' | RegExp][] = [
    ['nothing said: no TLS', () => certs, () => '', 'localhost', 'none'],
    ['disable: no TLS', () => certs, () => '?sslmode=disable', 'localhost', 'none'],
    ['require: whoever answers', () => strangers, () => '?sslmode=require', '127.0.0.1', 'TLS'],
    ['require with a root: its signature', () => certs, () => `?sslmode=require&${ca(certs)}`, '127.0.0.1', 'TLS'],
    [
      'require with a root: not another',
      () => strangers,
      () => `?sslmode=require&${ca(certs)}`,
      '127.0.0.1',
      /self-signed|unable/,
    ],
    ['verify-ca: any name', () => certs, () => `?sslmode=verify-ca&${ca(certs)}`, '127.0.0.1', 'TLS'],
    [
      'verify-ca: not another authority',
      () => strangers,
      () => `?sslmode=verify-ca&${ca(certs)}`,
      'localhost',
      /self-signed|unable/,
    ],
    ['verify-full', () => certs, () => `?sslmode=verify-full&${ca(certs)}`, 'localhost', 'TLS'],
    ['verify-full: not another name', () => certs, () => `?sslmode=verify-full&${ca(certs)}`, '127.0.0.1', /altnames/],
    [
      'verify-full without a root: a public authority only',
      () => certs,
      () => '?sslmode=verify-full',
      'localhost',
      /self-signed|unable/,
    ],
    ['a root alone: verify-full', () => certs, () => `?${ca(certs)}`, '127.0.0.1', /altnames/],
  ]
  test.each(cases)('%s', async (_, directory, parameters, host, expected) => {
    const seen = await relay(directory())
    const url = urlOf(host, seen, parameters())
    if (expected instanceof RegExp) {
      expect(await failureOf({ url })).toMatchObject({ message: expect.stringMatching(expected) })
    } else {
      expect((await infoOf({ url }))?.tls?.protocol).toBe(expected === 'TLS' ? 'TLSv1.3' : undefined)
      expect(seen.clients).toHaveLength(expected === 'TLS' ? 1 : 0)
    }
  })

  test('a certificate that the URL names is shown', async () => {
    const { ca: root, cert, key } = clientFiles(certs, ROLES.reader)
    const seen = await relay(certs)
    await infoOf({ url: urlOf('localhost', seen, `?sslrootcert=${root}&sslcert=${cert}&sslkey=${key}`) })
    expect(seen.clients).toMatchObject([{ user: ROLES.reader }])
  })

  test('a file that the URL names and that is not there is told as it is', async () => {
    expect(await failureOf({ url: urlOf('localhost', direct, '?sslrootcert=/nowhere/ca.crt') })).toMatchObject({
      code: 'unreadable_certificate',
      message: expect.stringContaining('/nowhere/ca.crt'),
    })
  })
})
