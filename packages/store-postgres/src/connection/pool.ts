import { TransientStoreError } from '@terrane/engine'
import { Pool, type PoolClient } from 'pg'
import { breaksConnection, connectErrorOf } from '../errors.js'
import { DatabaseClient } from './client.js'
import type { ConnectionFacts } from './connection-facts.js'
import { runRetrying } from './retry.js'
import { Session } from './session.js'
import { type ConnectionSettings, DEFAULT_CONNECT_TIMEOUT_MS, DEFAULT_POOL_SIZE } from './settings.js'

const IDLE_TIMEOUT_MS = 60_000

export interface PoolStats {
  readonly size: number
  readonly open: number
  readonly idle: number
  /** Calls that wait for a connection. */
  readonly waiting: number
}

/** A bounded pool for everything but appends. */
export class ConnectionPool {
  readonly #pool: Pool
  readonly #size: number
  readonly #held = new Set<PoolClient>()
  #closed = false

  constructor(settings: ConnectionSettings, onConnected?: (facts: ConnectionFacts) => void) {
    this.#size = settings.poolSize ?? DEFAULT_POOL_SIZE
    const options = onConnected && { onConnected }
    this.#pool = new Pool({
      Client: class extends DatabaseClient {
        constructor() {
          super(settings, options)
        }
      },
      max: this.#size,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      connectionTimeoutMillis: settings.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    })
    // An idle connection that is lost has left the pool already; without a listener it would end the process.
    this.#pool.on('error', () => {})
  }

  get stats(): PoolStats {
    const { totalCount, idleCount, waitingCount } = this.#pool
    // Who is given an idle one in this very turn is counted by the driver too.
    return { size: this.#size, open: totalCount, idle: idleCount, waiting: Math.max(0, waitingCount - idleCount) }
  }

  /** Holds a connection while `work` runs. Throws the port's errors. */
  async run<T>(call: string, work: (session: Session) => Promise<T>): Promise<T> {
    if (this.#closed) throw new TransientStoreError(`${call}: the store is closed`)
    let client: PoolClient
    try {
      client = await this.#pool.connect()
    } catch (error) {
      throw connectErrorOf(error, call)
    }
    this.#held.add(client)
    const ignore = () => {}
    client.on('error', ignore)
    let broken = false
    try {
      const session = new Session(client)
      return await runRetrying(call, session, () => work(session))
    } catch (error) {
      broken = breaksConnection(error instanceof Error ? (error.cause ?? error) : error)
      throw error
    } finally {
      this.#held.delete(client)
      client.off('error', ignore)
      client.release(broken || this.#closed)
    }
  }

  /** Ends all connections; statements under way fail. */
  async close(): Promise<void> {
    this.#closed = true
    // `end` of a client with a statement under way destroys its socket.
    for (const client of this.#held) void (client as PoolClient & { end(): Promise<void> }).end().catch(() => {})
    await this.#pool.end()
  }
}
