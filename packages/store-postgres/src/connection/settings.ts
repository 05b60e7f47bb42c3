import type { ConnectionOptions } from 'node:tls'
import type { ClientConfig } from 'pg'
import type { DatabaseUrl } from './database-url.js'

export interface ConnectionSettings {
  /** `postgres://user:password@host:port/database?sslmode=…`; parameters mean what they mean to libpq. */
  readonly url: string
  /**
   * A directory as `cockroach --certs-dir` names its files: TLS with `ca.crt`, the server's name checked
   * (verify-full), as the URL's user with `client.<user>.crt`. Read anew for each connection.
   */
  readonly certs?: string
  /** Overrides single options of TLS: `servername` for one. Given alone it turns TLS on, as verify-full. */
  readonly ssl?: ConnectionOptions
  /** Connections beside the one for appends: checkpoints, loading, leases; default 4. */
  readonly poolSize?: number
  /** How long opening a connection may take, and waiting for one of the pool; default 5,000. */
  readonly connectTimeoutMs?: number
  /** After this the server gives a statement up; default 30,000. */
  readonly statementTimeoutMs?: number
}

export const DEFAULT_POOL_SIZE = 4
export const DEFAULT_CONNECT_TIMEOUT_MS = 5_000
const DEFAULT_STATEMENT_TIMEOUT_MS = 30_000

/**
 * A transaction whose client says nothing for so long is rolled back, and its connection ended. Its locks may be what a
 * successor needs: a process that is frozen after its INSERT holds the very position of the log that fences it.
 */
const IDLE_IN_TRANSACTION_MS = 1_000

/** How much longer than the server we wait for an answer before we hold the connection for dead. */
const ANSWER_GRACE_MS = 2_000

/** Dead peers are noticed by the operating system too, also on connections that wait for nothing. */
const KEEP_ALIVE_DELAY_MS = 10_000

const asText = (value: string) => value

/** Values arrive as the server's text: the two databases send integers with different types. */
const TEXT_TYPES = { getTypeParser: () => asText }

/**
 * For the driver. Everything that it would take from PG… variables of the environment otherwise is said,
 * but the password.
 * @param statementTimeoutMs 0: none, for migrations
 */
export function clientConfig(
  url: DatabaseUrl,
  settings: ConnectionSettings,
  ssl: ConnectionOptions | false,
  statementTimeoutMs?: number,
): ClientConfig {
  const timeoutMs = statementTimeoutMs ?? settings.statementTimeoutMs ?? DEFAULT_STATEMENT_TIMEOUT_MS
  return {
    host: url.host,
    port: url.port,
    user: url.user,
    database: url.database,
    application_name: url.applicationName ?? 'terrane',
    ssl,
    sslnegotiation: url.sslnegotiation ?? 'postgres',
    connectionTimeoutMillis: settings.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    types: TEXT_TYPES as unknown as NonNullable<ClientConfig['types']>,
    ...(url.password === undefined ? {} : { password: url.password }),
    ...(url.options === undefined ? {} : { options: url.options }),
    ...(timeoutMs === 0
      ? {}
      : {
          statement_timeout: timeoutMs,
          query_timeout: timeoutMs + ANSWER_GRACE_MS,
          idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
        }),
  }
}
