/** Waiting for a server to take connections, and making sure that our database is there. */
import { setTimeout as delay } from 'node:timers/promises'
import { assert, messageOf, TerraneError } from '@terrane/core'
import { DatabaseClient } from '../connection/client.js'
import { type Postmaster, readPidFile } from './postmaster.js'

/** Recovery replays at most about 2 GB of WAL; a server that is alive and not ready after this is stuck. */
const READY_MS_MAX = 600_000
const POLL_MS = 30
/** After this long, a server that still starts is reported to be recovering. */
const RECOVERING_AFTER_MS = 2_000
const CONNECT_MS_MAX = 5_000
/** A server that was told of new certificates takes a moment to read them; one that still has others will not. */
const DISTRUST_MS_MAX = 10_000

export type Readiness =
  | { ready: true }
  /** `refused`: it runs and does not accept us, or we do not trust it, or it is not reachable for another lasting reason. */
  | { ready: false; cause: 'ended' | 'refused' | 'timeout'; why: string }

/**
 * Never rejects for a reason that lies in the server.
 * @param url of the superuser, in the database `postgres`
 */
export async function waitUntilReady(
  postmaster: Postmaster,
  clusterDir: string,
  url: string,
  onRecovering: () => void,
): Promise<Readiness> {
  const startMs = performance.now()
  let reported = false
  let distrustedAtMs: number | undefined
  for (;;) {
    // The pid file first: it says 'ready' only once this very server listens, and somebody else may have the port.
    const file = await readPidFile(clusterDir)
    const isReady = file?.status === 'ready' && file.pid === postmaster.process.pid
    const answer: Answer = isReady ? await tryConnect(url) : { outcome: 'wait', why: 'it is still starting' }
    const ended = postmaster.endedWhy()
    if (ended !== undefined) return { ready: false, cause: 'ended', why: ended }
    if (answer.outcome === 'ok') return { ready: true }
    if (answer.outcome === 'refused') return { ready: false, cause: 'refused', why: answer.why }
    const nowMs = performance.now()
    const elapsedMs = nowMs - startMs
    distrustedAtMs = answer.outcome === 'distrust' ? (distrustedAtMs ?? nowMs) : undefined
    if (distrustedAtMs !== undefined && nowMs - distrustedAtMs > DISTRUST_MS_MAX) {
      return { ready: false, cause: 'refused', why: answer.why }
    }
    if (elapsedMs > READY_MS_MAX) return { ready: false, cause: 'timeout', why: answer.why }
    if (elapsedMs > RECOVERING_AFTER_MS && !reported) {
      reported = true
      onRecovering()
    }
    await delay(POLL_MS)
  }
}

type Answer = { outcome: 'ok' } | { outcome: 'wait' | 'refused' | 'distrust'; why: string }

async function tryConnect(url: string): Promise<Answer> {
  try {
    await withClient(url, (client) => client.query('SELECT 1'))
    return { outcome: 'ok' }
  } catch (error) {
    return { outcome: outcomeOf(error), why: messageOf(error) }
  }
}

function outcomeOf(error: unknown): 'wait' | 'refused' | 'distrust' {
  const code = String((error as { code?: unknown }).code ?? '')
  // 28: wrong password, no certificate, or no such user; SASL is the driver's word for a server that proves nothing.
  if (code.startsWith('28') || /SASL/.test(messageOf(error)) || error instanceof TerraneError) return 'refused'
  // Node's codes for a certificate that it does not take, OpenSSL's for one that the other side does not take.
  if (/^(CERT_|ERR_TLS_|ERR_SSL_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_)/.test(code)) return 'distrust'
  return 'wait'
}

/** Creates `database` unless it is there. @param url of the superuser, in the database `postgres` */
export async function ensureDatabase(url: string, database: string): Promise<void> {
  assertDatabaseName(database)
  await withClient(url, async (client) => {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database])
    if (found.rowCount === 0) await client.query(`CREATE DATABASE "${database}"`)
  })
}

export function assertDatabaseName(database: string): void {
  assert(/^[a-z_][a-z0-9_]{0,62}$/.test(database), `not a database name we create: ${database}`)
}

async function withClient<T>(url: string, use: (client: DatabaseClient) => Promise<T>): Promise<T> {
  const client = new DatabaseClient({ url, connectTimeoutMs: CONNECT_MS_MAX, statementTimeoutMs: READY_MS_MAX })
  // Without a listener a lost connection would end our process; the query reports it anyway.
  client.on('error', () => {})
  try {
    await client.connect()
  } catch (error) {
    client.abandon()
    throw error
  }
  try {
    return await use(client)
  } finally {
    await client.end().catch(() => {})
  }
}
