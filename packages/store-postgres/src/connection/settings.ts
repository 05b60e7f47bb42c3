import type { ConnectionOptions } from 'node:tls'
import type { ClientConfig } from 'pg'

export interface ConnectionSettings {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string
  /** TLS, when the URL does not say it all: certificates, `servername`. */
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

/** How much longer than the server we wait for an answer before we hold the connection for dead. */
const ANSWER_GRACE_MS = 2_000

/** Dead peers are noticed by the operating system too, also on connections that wait for nothing. */
const KEEP_ALIVE_DELAY_MS = 10_000

const asText = (value: string) => value

/** Values arrive as the server's text: the two databases send integers with different types. */
const TEXT_TYPES = { getTypeParser: () => asText }

/** @param statementTimeoutMs 0: none, for migrations */
export function clientConfig(settings: ConnectionSettings, statementTimeoutMs?: number): ClientConfig {
  const timeoutMs = statementTimeoutMs ?? settings.statementTimeoutMs ?? DEFAULT_STATEMENT_TIMEOUT_MS
  return {
    connectionString: settings.url,
    application_name: 'terrane',
    connectionTimeoutMillis: settings.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    types: TEXT_TYPES as unknown as NonNullable<ClientConfig['types']>,
    ...(settings.ssl === undefined ? {} : { ssl: settings.ssl }),
    ...(timeoutMs === 0 ? {} : { statement_timeout: timeoutMs, query_timeout: timeoutMs + ANSWER_GRACE_MS }),
  }
}
