/** How the server is reached: addresses, port, and what a connection must show. */
import { createServer } from 'node:net'
import { join } from 'node:path'
import { assert } from '@terrane/core'
import type { RoleName } from '../roles/role-names.js'
import { clientFiles } from '../tls/certificate-files.js'
import { type Access, SUPERUSER } from './access.js'
import { dataArgument } from './cluster.js'
import { failure } from './failures.js'
import { AUTHENTICATION_FILES, CERTIFICATE_OF_SUPERUSER, TLS_FILES } from './server-files.js'

/** Ways to listen. `undefined` certificates: passwords, and no TLS. */
export interface Reach {
  /** Addresses of the loopback that this machine has. */
  readonly listen: readonly string[]
  /** Directory of the certificates that server and clients know each other by. */
  readonly certs: string | undefined
}

/** The server is ours alone: its rules of access admit nobody from elsewhere. */
const LOOPBACK = ['127.0.0.1', '::1'] as const
export type LoopbackAddress = (typeof LOOPBACK)[number]

const ATTEMPTS_MAX = 20

/** @param wanted undefined: all with certificates, IPv4 alone without, as it has always been */
export async function chooseReach(
  wanted: readonly LoopbackAddress[] | undefined,
  certs: string | undefined,
): Promise<Reach> {
  const addresses: readonly LoopbackAddress[] = wanted ?? (certs === undefined ? ['127.0.0.1'] : LOOPBACK)
  const listen: string[] = []
  for (const address of addresses) {
    assert(LOOPBACK.includes(address), `the embedded server listens on the loopback only, not on ${address}`)
    if ((await tryListen(0, address)) !== undefined) listen.push(address)
  }
  if (listen.length > 0) return { listen, certs }
  throw failure('embedded_start_failed', `this machine has none of the addresses ${addresses.join(', ')}`, {
    hint: 'bring the loopback interface up: ip link set lo up',
  })
}

/** What decides how the server is reached, as settings. */
export function reachSettings(reach: Reach, clusterDir: string): Record<string, string> {
  const base = { listen_addresses: reach.listen.join(',') }
  if (reach.certs === undefined) return { ...base, ssl: 'off' }
  const absolute = (file: string) => join(dataArgument(clusterDir), file)
  return {
    ...base,
    ssl: 'on',
    ssl_min_protocol_version: 'TLSv1.2',
    // Relative to the data directory.
    ssl_ca_file: TLS_FILES.ca,
    ssl_cert_file: TLS_FILES.cert,
    ssl_key_file: TLS_FILES.key,
    hba_file: absolute(AUTHENTICATION_FILES.hba),
    ident_file: absolute(AUTHENTICATION_FILES.ident),
  }
}

/**
 * Whether a running postmaster is reached like this. One that somebody started by hand says nothing of it on
 * its command line; whether it can be used without TLS shows when it is tried.
 */
export function isReachedLikeThis(command: readonly string[], reach: Reach): boolean {
  const listens = command.find((argument) => argument.startsWith('listen_addresses='))
  if (command.includes('ssl=on') !== (reach.certs !== undefined)) return false
  return listens === undefined || listens === `listen_addresses=${reach.listen.join(',')}`
}

/** For one of the roles: with its password, or for use with the certificates. */
export function roleUrl(access: Access, reach: Reach, role: RoleName, database: string): string {
  const user = reach.certs === undefined ? `${role}:${access.roles[role]}` : role
  return `postgres://${user}@${placeOf(access, reach)}/${database}`
}

/** Complete in itself: the superuser has no certificate by its own name, so the URL names the files. */
export function superuserUrl(access: Access, reach: Reach, database: string): string {
  if (reach.certs === undefined) {
    return `postgres://${SUPERUSER}:${access.password}@${placeOf(access, reach)}/${database}`
  }
  const url = new URL(`postgres://${SUPERUSER}@${placeOf(access, reach)}/${database}`)
  const { ca, cert, key } = clientFiles(reach.certs, CERTIFICATE_OF_SUPERUSER)
  url.search = new URLSearchParams({
    sslmode: 'verify-full',
    sslrootcert: ca,
    sslcert: cert,
    sslkey: key,
  }).toString()
  return url.href
}

/** IPv6 where there is one: it is what private networks between machines have. */
function placeOf({ port }: Access, { listen }: Reach): string {
  return listen.includes('::1') ? `[::1]:${port}` : `${listen[0]}:${port}`
}

/** `preferred` when it can be listened on at all addresses, else a port the system chooses. */
export async function freePort(preferred: number, listen: readonly string[]): Promise<number> {
  if (preferred > 0 && (await isFree(preferred, listen))) return preferred
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const port = await tryListen(0, listen[0] ?? LOOPBACK[0])
    if (port !== undefined && (await isFree(port, listen))) return port
  }
  throw failure('embedded_start_failed', `no port is free on ${listen.join(' and ')}`, {
    retry: 'later',
    hint: 'end programs that hold many ports, or widen net.ipv4.ip_local_port_range',
  })
}

async function isFree(port: number, listen: readonly string[]): Promise<boolean> {
  for (const address of listen) if ((await tryListen(port, address)) === undefined) return false
  return true
}

function tryListen(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(undefined))
    server.listen({ port, host, ipv6Only: true }, () => {
      const address = server.address()
      const found = typeof address === 'object' && address !== null ? address.port : undefined
      server.close(() => resolve(found))
    })
  })
}
