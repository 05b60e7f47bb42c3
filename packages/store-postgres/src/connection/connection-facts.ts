import type { Socket } from 'node:net'
import { type PeerCertificate, TLSSocket } from 'node:tls'
import type { Client } from 'pg'
import { PROFILES, type ProfileName } from '../profile.js'
import { ROLES } from '../roles/role-names.js'
import type { DatabaseUrl } from './database-url.js'

/** How a connection is encrypted, and by whom it is answered. */
export interface TlsFacts {
  /** `TLSv1.3` */
  readonly protocol: string
  readonly cipher: string
  /** Common names of the server's certificate and of its issuer. */
  readonly peerSubject: string | undefined
  readonly peerIssuer: string | undefined
  /** When the server's certificate runs out, milliseconds since 1970. */
  readonly notAfter: number | undefined
  /** The same of the certificate that we showed; undefined when we showed none. */
  readonly clientNotAfter: number | undefined
}

/** What is known of a connection once it stands: from the server's greeting and the socket, without a query. */
export interface ConnectionFacts {
  readonly user: string
  /** Which of Terrane's roles the user is; `superuser` for one, `other` for what is none of these. */
  readonly role: 'admin' | 'writer' | 'reader' | 'superuser' | 'other'
  readonly database: string
  /** `18.4`, or what CockroachDB calls itself. */
  readonly serverVersion: string
  readonly profile: ProfileName
  /** Undefined without TLS. */
  readonly tls: TlsFacts | undefined
  /** 4 or 6; undefined for a Unix socket. */
  readonly addressFamily: 4 | 6 | undefined
  /** As the URL says them. */
  readonly host: string
  readonly port: number
}

/** Parts of the driver's client that its types leave out. */
interface ClientInternals {
  readonly connection: {
    readonly stream: Socket
    on(event: 'parameterStatus', listener: (message: { parameterName: string; parameterValue: string }) => void): void
  }
}

/** Collects what the server says of itself while the connection opens, and when it changes. */
export function watchParameters(client: Client): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  const { connection } = client as unknown as ClientInternals
  connection.on('parameterStatus', ({ parameterName, parameterValue }) => parameters.set(parameterName, parameterValue))
  return parameters
}

/** @param parameters by `watchParameters`, from before the connection was opened */
export function factsOf(client: Client, url: DatabaseUrl, parameters: ReadonlyMap<string, string>): ConnectionFacts {
  const { stream } = (client as unknown as ClientInternals).connection
  const cockroachVersion = parameters.get('crdb_version')
  const user = parameters.get('session_authorization') ?? url.user
  const family = stream.remoteFamily
  return {
    user,
    role: parameters.get('is_superuser') === 'on' ? 'superuser' : roleOf(user),
    database: url.database,
    serverVersion: cockroachVersion ?? parameters.get('server_version') ?? '',
    profile: (cockroachVersion === undefined ? PROFILES.postgres : PROFILES.cockroach).name,
    tls: stream instanceof TLSSocket ? tlsFactsOf(stream) : undefined,
    addressFamily: family === 'IPv6' ? 6 : family === 'IPv4' ? 4 : undefined,
    host: url.host,
    port: url.port,
  }
}

/** All names and addresses that the server's certificate is for; empty without TLS. */
export function peerHostsOf(client: Client): string {
  const { stream } = (client as unknown as ClientInternals).connection
  return stream instanceof TLSSocket ? (stream.getPeerCertificate().subjectaltname ?? '') : ''
}

function roleOf(user: string): ConnectionFacts['role'] {
  switch (user) {
    case ROLES.admin:
      return 'admin'
    case ROLES.writer:
      return 'writer'
    case ROLES.reader:
      return 'reader'
    default:
      return 'other'
  }
}

function tlsFactsOf(socket: TLSSocket): TlsFacts {
  const certificate = socket.getPeerCertificate()
  return {
    protocol: socket.getProtocol() ?? '',
    cipher: socket.getCipher().name,
    peerSubject: nameOf(certificate.subject?.CN),
    peerIssuer: nameOf(certificate.issuer?.CN),
    notAfter: endOf(certificate),
    clientNotAfter: endOf(socket.getCertificate()),
  }
}

function endOf(certificate: object | PeerCertificate | null): number | undefined {
  const notAfter = certificate !== null && 'valid_to' in certificate ? Date.parse(certificate.valid_to) : Number.NaN
  return Number.isNaN(notAfter) ? undefined : notAfter
}

function nameOf(commonName: string | readonly string[] | undefined): string | undefined {
  return typeof commonName === 'string' ? commonName : commonName?.join(', ')
}
