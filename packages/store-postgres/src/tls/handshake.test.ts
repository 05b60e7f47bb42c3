import { once } from 'node:events'
import { type AddressInfo, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { type ConnectionOptions, connect, createServer, type SecureVersion, type TLSSocket } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { CLIENT_USERS } from './certificate-files.js'
import { createCertificates } from './create-certificates.js'
import { readClientTls, readNodeTls, type TlsCredentials } from './read-certificates.js'
import { unusedPath } from './test-certificates/temporary-directory.js'

const YEAR_MS = 365 * 86_400_000
const loopbacks = Object.values(networkInterfaces()).flatMap((addresses = []) =>
  addresses.map(({ address }) => address),
)

interface Sets {
  readonly node: TlsCredentials
  readonly clients: ReadonlyMap<string, TlsCredentials>
}

async function makeSet(hosts?: readonly string[]): Promise<Sets> {
  const dir = unusedPath()
  await createCertificates({ dir, ...(hosts === undefined ? {} : { hosts }) })
  return readSet(dir)
}

function readSet(dir: string, now = new Date()): Sets {
  const clients = CLIENT_USERS.map((user) => [user, readClientTls(dir, user, { now })] as const)
  return { node: readNodeTls(dir, { now }), clients: new Map(clients) }
}

/** A set that has expired, and the one that followed it under the same CA. */
async function makeExpiredSet(): Promise<{ expired: Sets; renewed: Sets }> {
  const dir = unusedPath()
  const now = new Date(Date.now() - 2 * YEAR_MS)
  await createCertificates({ dir, now })
  const expired = readSet(dir, now)
  await createCertificates({ dir, rotate: true })
  return { expired, renewed: readSet(dir) }
}

/**
 * A server that wants a certificate, as `hostssl … cert` does, and tells the name that it read from it.
 * @param rejectUnauthorized false: it tells what it holds against the client, instead of hanging up silently
 */
async function serve(credentials: TlsCredentials, address: string, rejectUnauthorized = true): Promise<number> {
  const server = createServer({ ...credentials, requestCert: true, rejectUnauthorized }, (socket) => {
    socket.on('error', () => {})
    socket.end(
      socket.authorized ? String(socket.getPeerCertificate().subject.CN) : `refused: ${socket.authorizationError}`,
    )
  })
  // The client's view is what is tested.
  server.on('tlsClientError', () => {})
  server.listen(0, address)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

async function expectRefused(node: TlsCredentials, client: TlsCredentials, reason: string): Promise<void> {
  const port = await serve(node, '127.0.0.1')
  await expect(nameAt({ ...client, host: '127.0.0.1', port })).rejects.toThrow()
  const telling = await serve(node, '127.0.0.1', false)
  expect(await nameAt({ ...client, host: '127.0.0.1', port: telling })).toBe(`refused: ${reason}`)
}

/** @returns the name by which the server knows us; rejects with what ended the handshake, on either side */
function nameAt(options: ConnectionOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect(options)
    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      text += chunk
    })
    socket.on('error', reject)
    socket.on('end', () => (text === '' ? reject(new Error('closed without a name')) : resolve(text)))
  })
}

describe.each([
  ['127.0.0.1', 'TLSv1.3'],
  ['127.0.0.1', 'TLSv1.2'],
  ['::1', 'TLSv1.3'],
] as [string, SecureVersion][])('at %s with %s', (address, maxVersion) => {
  test.skipIf(!loopbacks.includes(address))('server and each user know each other', async () => {
    const { node, clients } = await makeSet()
    const port = await serve(node, address)
    for (const [user, credentials] of clients) {
      expect(await nameAt({ ...credentials, host: address, port, maxVersion })).toBe(user)
    }
    // As CockroachDB's nodes do among themselves.
    expect(await nameAt({ ...node, host: address, port, maxVersion })).toBe('node')
  })
})

test('a client knows the server by its DNS name', async () => {
  const { node, clients } = await makeSet(['db.internal', '*.zone.internal'])
  const port = await serve(node, '127.0.0.1')
  for (const servername of ['db.internal', 'a.zone.internal']) {
    expect(await nameAt({ ...writerOf(clients), host: '127.0.0.1', port, servername })).toBe('gateway_writer')
  }
})

test.each(['127.0.0.1', 'localhost', 'other.internal'])(
  'a server that was not made for %s is refused',
  async (host) => {
    const { node, clients } = await makeSet(['db.internal', '10.0.0.5'])
    const port = await serve(node, '127.0.0.1')
    const options = { ...writerOf(clients), host: '127.0.0.1', port, ...(isIP(host) ? {} : { servername: host }) }
    await expect(nameAt(options)).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  },
)

describe('refused', () => {
  test('a client without a certificate', async () => {
    const right = await makeSet()
    const port = await serve(right.node, '127.0.0.1')
    const answer = nameAt({ ca: right.node.ca, host: '127.0.0.1', port })
    await expect(answer).rejects.toMatchObject({ code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' })
  })

  test("a client with another CA's certificate of the same name", async () => {
    const right = await makeSet()
    const wrong = await makeSet()
    const client = { ...writerOf(wrong.clients), ca: right.node.ca }
    await expectRefused(right.node, client, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE')
  })

  test("a server with another CA's certificate", async () => {
    const right = await makeSet()
    const wrong = await makeSet()
    const port = await serve(wrong.node, '127.0.0.1')
    const answer = nameAt({ ...writerOf(right.clients), host: '127.0.0.1', port })
    await expect(answer).rejects.toThrow(/certificate/)
  })

  test('a client whose certificate has expired; its successor is let in', async () => {
    const { expired, renewed } = await makeExpiredSet()
    await expectRefused(renewed.node, writerOf(expired.clients), 'CERT_HAS_EXPIRED')
    const port = await serve(renewed.node, '127.0.0.1')
    expect(await nameAt({ ...writerOf(renewed.clients), host: '127.0.0.1', port })).toBe('gateway_writer')
  })

  test('a server whose certificate has expired', async () => {
    const { expired, renewed } = await makeExpiredSet()
    const port = await serve(expired.node, '127.0.0.1')
    const answer = nameAt({ ...writerOf(renewed.clients), host: '127.0.0.1', port })
    await expect(answer).rejects.toMatchObject({ code: 'CERT_HAS_EXPIRED' })
  })

  test("a user's certificate in the server's place", async () => {
    const right = await makeSet()
    const { cert, key } = writerOf(right.clients)
    const port = await serve({ ...right.node, cert, key }, '127.0.0.1')
    const answer = nameAt({ ...writerOf(right.clients), host: '127.0.0.1', port, checkServerIdentity: () => undefined })
    await expect(answer).rejects.toMatchObject({ code: 'INVALID_PURPOSE' })
  })
})

function writerOf(clients: ReadonlyMap<string, TlsCredentials>): TlsCredentials {
  const credentials = clients.get('gateway_writer')
  if (credentials === undefined) throw new Error('no credentials of gateway_writer')
  return credentials
}
