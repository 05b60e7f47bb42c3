import type { AnyWorld } from '@terrane/engine'
import type { ConnectionSettings } from './connection/settings.js'
import { type MigrateOptions, migrate } from './migrations/migrator.js'
import { PostgresStore } from './postgres-store.js'
import type { ProfileName } from './profile.js'

export interface PostgresStoreOptions extends ConnectionSettings {
  /** Where migrations connect, as a role that may change tables; default: `url`. */
  readonly migrationUrl?: string
  /** Takes the database for this one, whatever it says of itself; for tests of a profile on the other database. */
  readonly profile?: ProfileName
  /** Receives one line per event, for a person to read. */
  readonly log?: (line: string) => void
}

export interface OpenedStore {
  readonly store: PostgresStore
  /** Brings the engine's tables up to date, and those of the world when one is given. */
  migrate(world?: AnyWorld, options?: MigrateOptions): Promise<void>
  /** Milliseconds that the database takes to answer; rejects when it does not. */
  ping(): Promise<number>
  close(): Promise<void>
}

/**
 * Connects to a database, so that a wrong address or password shows here. Throws `TransientStoreError`
 * when it cannot be reached, `database_refused` when it refuses.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<OpenedStore> {
  const store = new PostgresStore(options)
  try {
    await store.ping()
  } catch (error) {
    await store.close()
    throw error
  }
  const migrations = { ...options, url: options.migrationUrl ?? options.url }
  return {
    store,
    migrate: (world, migrateOptions = {}) => migrate(migrations, world, migrateOptions, options.log ?? (() => {})),
    ping: () => store.ping(),
    close: () => store.close(),
  }
}
