import type { CheckpointStore, CommitLog, Store, ZoneDirectory, ZoneMapStore } from '@terrane/engine'
import { PostgresCheckpoints } from './checkpoints/checkpoint-store.js'
import type { ConnectionFacts } from './connection/connection-facts.js'
import { DedicatedConnection } from './connection/dedicated.js'
import { ConnectionPool, type PoolStats } from './connection/pool.js'
import type { ConnectionSettings } from './connection/settings.js'
import { type AppendStatistics, PostgresLog } from './log/commit-log.js'
import { checkRole } from './roles/check-role.js'
import { PostgresZones } from './zones/zone-directory.js'
import { PostgresMap } from './zones/zone-map-store.js'

export interface PostgresStatistics {
  readonly appends: Readonly<AppendStatistics>
  /** Whether the connection for appends is open; it opens at the first append. */
  readonly appendConnected: boolean
  readonly appendReconnects: number
  readonly pool: PoolStats
}

/** How the store is connected: facts of the connection that was opened last, and the state of all. */
export interface ConnectionInfo extends ConnectionFacts {
  readonly pool: PoolStats
  /** Whether the connection for appends is open; it opens at the first append. */
  readonly appendConnected: boolean
  /** Times that the connection for appends was opened anew after a loss. */
  readonly reconnects: number
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
  readonly map: ZoneMapStore
  readonly #log: PostgresLog
  readonly #appends: DedicatedConnection
  readonly #pool: ConnectionPool
  #facts: ConnectionFacts | undefined
  #closing: Promise<void> | undefined

  constructor(settings: ConnectionSettings) {
    const onConnected = (facts: ConnectionFacts) => {
      this.#facts = facts
    }
    this.#appends = new DedicatedConnection(settings, onConnected)
    this.#pool = new ConnectionPool(settings, onConnected)
    this.#log = new PostgresLog(this.#appends, this.#pool)
    this.log = this.#log
    this.checkpoints = new PostgresCheckpoints(this.#pool)
    this.zones = new PostgresZones(this.#pool)
    this.map = new PostgresMap(this.#pool)
  }

  get statistics(): PostgresStatistics {
    return {
      appends: this.#log.statistics,
      appendConnected: this.#appends.connected,
      appendReconnects: this.#appends.reconnects,
      pool: this.#pool.stats,
    }
  }

  /** Undefined until a connection has been opened. */
  connectionInfo(): ConnectionInfo | undefined {
    return (
      this.#facts && {
        ...this.#facts,
        pool: this.#pool.stats,
        appendConnected: this.#appends.connected,
        reconnects: this.#appends.reconnects,
      }
    )
  }

  /** Throws when the role may do more than a server should, or less than it needs: `checkRole`. */
  checkRole(): Promise<void> {
    return this.#pool.run('checkRole', checkRole)
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
