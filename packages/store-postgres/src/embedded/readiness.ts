/** Waiting for a server to take connections, and making sure that our database is there. */
import { setTimeout as delay } from 'node:timers/promises'
import { assert, messageOf } from '@terrane/core'
import { Client } from 'pg'
import { type Access, LOOPBACK, SUPERUSER } from './access.js'
import { type Postmaster, readPidFile } from './postmaster.js'

/** Recovery replays at most about 2 GB of WAL; a server that is alive and not ready after this is stuck. */
const READY_MS_MAX = 600_000
const POLL_MS = 30
/** After this long, a server that still starts is reported to be recovering. */
const RECOVERING_AFTER_MS = 2_000
const CONNECT_MS_MAX = 5_000

export type Readiness =
  | { ready: true }
  /** `refused`: it runs and does not accept our password, or is not reachable for another lasting reason. */
  | { ready: false; cause: 'ended' | 'refused' | 'timeout'; why: string }

/** Never rejects for a reason that lies in the server. */
export async function waitUntilReady(
  postmaster: Postmaster,
  clusterDir: string,
  access: Access,
  onRecovering: () => void,
): Promise<Readiness> {
  const startMs = performance.now()
  let reported = false
  for (;;) {
    // The pid file first: it says 'ready' only once this very server listens, and somebody else may have the port.
    const file = await readPidFile(clusterDir)
    const isReady = file?.status === 'ready' && file.pid === postmaster.process.pid
    const answer: Answer = isReady ? await tryConnect(access) : { outcome: 'wait', why: 'it is still starting' }
    const ended = postmaster.endedWhy()
    if (ended !== undefined) return { ready: false, cause: 'ended', why: ended }
    if (answer.outcome === 'ok') return { ready: true }
    if (answer.outcome === 'refused') return { ready: false, cause: 'refused', why: answer.why }
    const elapsedMs = performance.now() - startMs
    if (elapsedMs > READY_MS_MAX) return { ready: false, cause: 'timeout', why: answer.why }
    if (elapsedMs > RECOVERING_AFTER_MS && !reported) {
      reported = true
      onRecovering()
    }
    await delay(POLL_MS)
  }
}

type Answer = { outcome: 'ok' } | { outcome: 'wait' | 'refused'; why: string }

async function tryConnect(access: Access): Promise<Answer> {
  try {
    await withClient(access, 'postgres', (client) => client.query('SELECT 1'))
    return { outcome: 'ok' }
  } catch (error) {
    const code = (error as { code?: unknown }).code
    // 28: wrong password or no such user; SASL is the driver's word for a server that proves nothing.
    const refused = (typeof code === 'string' && code.startsWith('28')) || /SASL/.test(messageOf(error))
    return { outcome: refused ? 'refused' : 'wait', why: messageOf(error) }
  }
}

/** Creates `database` unless it is there. */
export async function ensureDatabase(access: Access, database: string): Promise<void> {
  assertDatabaseName(database)
  await withClient(access, 'postgres', async (client) => {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database])
    if (found.rowCount === 0) await client.query(`CREATE DATABASE "${database}"`)
  })
}

export function assertDatabaseName(database: string): void {
  assert(/^[a-z_][a-z0-9_]{0,62}$/.test(database), `not a database name we create: ${database}`)
}

async function withClient<T>(access: Access, database: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    host: LOOPBACK,
    port: access.port,
    user: SUPERUSER,
    password: access.password,
    database,
    ssl: false,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    query_timeout: READY_MS_MAX,
  })
  // Without a listener a lost connection would end our process; the query reports it anyway.
  client.on('error', () => {})
  try {
    await client.connect()
    return await use(client)
  } finally {
    await client.end().catch(() => {})
  }
}
