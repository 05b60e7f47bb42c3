import { connect, createServer, type Server, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import { readNodeTls } from '../tls/read-certificates.js'

/** What a client asks first when it wants TLS: length 8, code 80877103. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

/** What the relay saw of a client that came by TLS. */
interface SeenClient {
  /** Of the client's certificate. */
  readonly user: string | undefined
  readonly serial: string | undefined
  /** The name that the client asked for; undefined for none. */
  readonly serverName: string | undefined
}

export interface TlsRelay {
  readonly port: number
  /** Clients that came by TLS, in order. */
  readonly clients: readonly SeenClient[]
  close(): Promise<void>
}

/**
 * A database server's TLS in front of one that has none: PostgreSQL's request for TLS, a certificate from
 * `certs`, read for each connection, and a client certificate demanded. Also lets through who asks for none.
 * @param certs undefined: it has no TLS, and says so
 */
export async function startTlsRelay(
  target: { host: string; port: number },
  certs: string | undefined,
  host = '127.0.0.1',
): Promise<TlsRelay> {
  const clients: SeenClient[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.once('data', (first) => {
      if (!first.equals(SSL_REQUEST)) {
        pipe(socket, target, first)
        return
      }
      socket.pause()
      socket.write(certs === undefined ? 'N' : 'S')
      if (certs !== undefined) secure(socket, certs, target, clients)
    })
  })
  const port = await listen(server, host)
  return {
    port,
    clients,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function secure(socket: Socket, certs: string, target: { host: string; port: number }, clients: SeenClient[]): void {
  const secured = new TLSSocket(socket, {
    isServer: true,
    requestCert: true,
    rejectUnauthorized: false,
    secureContext: createSecureContext(readNodeTls(certs)),
  })
  secured.on('error', () => socket.destroy())
  secured.once('secure', () => {
    const certificate = secured.getPeerX509Certificate()
    const serverName = (secured as TLSSocket & { servername?: string | false | null }).servername
    clients.push({
      user: /^CN=(.*)$/m.exec(certificate?.subject ?? '')?.[1],
      serial: certificate?.serialNumber,
      serverName: typeof serverName === 'string' ? serverName : undefined,
    })
    pipe(secured, target)
  })
}

function pipe(client: Socket, target: { host: string; port: number }, first?: Buffer): void {
  const upstream = connect(target)
  const end = () => {
    client.destroy()
    upstream.destroy()
  }
  upstream.on('error', end).on('close', end)
  client.on('close', end)
  if (first !== undefined) upstream.write(first)
  client.pipe(upstream)
  upstream.pipe(client)
}

function listen(server: Server, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, () => resolve((server.address() as { port: number }).port))
  })
}
