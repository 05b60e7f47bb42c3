import type { CheckpointStore, CommitLog, Store, ZoneDirectory } from '@terrane/engine'
import { PostgresCheckpoints } from './checkpoints/checkpoint-store.js'
import { DedicatedConnection } from './connection/dedicated.js'
import { ConnectionPool, type PoolStats } from './connection/pool.js'
import type { ConnectionSettings } from './connection/settings.js'
import { type AppendStatistics, PostgresLog } from './log/commit-log.js'
import { PostgresZones } from './zones/zone-directory.js'

export interface PostgresStatistics {
  readonly appends: Readonly<AppendStatistics>
  /** Whether the connection for appends is open; it opens at the first append. */
  readonly appendConnected: boolean
  readonly appendReconnects: number
  readonly pool: PoolStats
}

/**
 * The store on PostgreSQL 15+ or CockroachDB. Appends have a connection of their own; all else shares a
 * small pool. Connections open when first used, and again after a loss; a call during an outage fails
 * with `TransientStoreError` and its caller decides when to repeat it.
 */
export class PostgresStore implements Store {
  readonly log: CommitLog
  readonly checkpoints: CheckpointStore
  readonly zones: ZoneDirectory
  readonly #log: PostgresLog
  readonly #appends: DedicatedConnection
  readonly #pool: ConnectionPool
  #closing: Promise<void> | undefined

  constructor(settings: ConnectionSettings) {
    this.#appends = new DedicatedConnection(settings)
    this.#pool = new ConnectionPool(settings)
    this.#log = new PostgresLog(this.#appends, this.#pool)
    this.log = this.#log
    this.checkpoints = new PostgresCheckpoints(this.#pool)
    this.zones = new PostgresZones(this.#pool)
  }

  get statistics(): PostgresStatistics {
    return {
      appends: this.#log.statistics,
      appendConnected: this.#appends.connected,
      appendReconnects: this.#appends.reconnects,
      pool: this.#pool.stats,
    }
  }

  /** Asks the database for an answer; returns how many milliseconds it took. */
  async ping(): Promise<number> {
    const started = performance.now()
    await this.#pool.run('ping', (session) => session.query('SELECT 1'))
    return performance.now() - started
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      this.#appends.close()
      await this.#pool.close()
    })()
    return this.#closing
  }
}
