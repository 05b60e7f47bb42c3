import { messageOf, TerraneError } from '@terrane/core'
import type { AnyWorld } from '@terrane/engine'
import { parseDatabaseUrl, withUser } from './connection/database-url.js'
import { withConnection } from './connection/one-connection.js'
import type { ConnectionSettings } from './connection/settings.js'
import { tlsOptions } from './connection/tls-options.js'
import { isMissingPrivilege, startErrorOf } from './errors.js'
import { isCurrent, type MigrateOptions, migrate } from './migrations/migrator.js'
import { PostgresStore } from './postgres-store.js'
import type { ProfileName } from './profile.js'
import { ROLES } from './roles/role-names.js'

export interface PostgresStoreOptions extends ConnectionSettings {
  /**
   * Where migrations connect, as a role that may change tables. Default: with `certs` the same URL as
   * gateway_admin, else `url`.
   */
  readonly migrationUrl?: string
  /** Takes the database for this one, whatever it says of itself; for tests of a profile on the other database. */
  readonly profile?: ProfileName
  /** Receives one line per event, for a person to read. */
  readonly log?: (line: string) => void
}

export interface OpenedStore {
  readonly store: PostgresStore
  /**
   * Brings the engine's tables up to date, and those of the world when one is given. Whether there is
   * anything to do is read through `url`; only then is a connection to `migrationUrl` made, and closed again.
   * Throws `migration_needs_admin` when that may not change tables.
   */
  migrate(world?: AnyWorld, options?: MigrateOptions): Promise<void>
  /** Throws when the role of `url` may do more than a server should, or less than it needs: `checkRole`. */
  checkRole(): Promise<void>
  /** Milliseconds that the database takes to answer; rejects when it does not. */
  ping(): Promise<number>
  close(): Promise<void>
}

/**
 * Connects to a database, so that a wrong address or password shows here. Throws `TransientStoreError`
 * when it cannot be reached, `database_refused` when it refuses, `invalid_database_url` and what `tlsOptions`
 * throws when it cannot be asked.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<OpenedStore> {
  tlsOptions(parseDatabaseUrl(options.url), options, options.log)
  const store = new PostgresStore(options)
  try {
    await store.ping()
  } catch (error) {
    await store.close()
    throw startErrorOf(error)
  }
  return {
    store,
    migrate: async (world, migrateOptions = {}) => {
      if (await withConnection(options, 'migrate', (session) => isCurrent(session, world))) return
      await migrateAsAdmin(options, world, migrateOptions)
    },
    checkRole: () => store.checkRole(),
    ping: () => store.ping(),
    close: () => store.close(),
  }
}

async function migrateAsAdmin(
  options: PostgresStoreOptions,
  world: AnyWorld | undefined,
  migrateOptions: MigrateOptions,
): Promise<void> {
  const settings = { ...options, url: options.migrationUrl ?? defaultAdminUrl(options) }
  const { user } = parseDatabaseUrl(settings.url)
  const example = withUser(options.url, ROLES.admin, options.certs === undefined ? 'PASSWORD' : '')
  const needsAdmin = (why: string, cause: unknown) =>
    new TerraneError('migration_needs_admin', `the database's tables are not up to date, and ${why}`, {
      hint:
        `give the URL of ${ROLES.admin}, which is used for this only: DATABASE_ADMIN_URL=${example}\n` +
        'when the roles do not exist yet, make them first: npx terrane db roles --url <URL of a superuser>',
      cause,
    })
  if (settings.certs !== undefined) {
    try {
      tlsOptions(parseDatabaseUrl(settings.url), settings)
    } catch (error) {
      throw needsAdmin(`the certificate of "${user}" cannot be used: ${messageOf(error)}`, error)
    }
  }
  try {
    await migrate(settings, world, migrateOptions, options.log ?? (() => {}))
  } catch (error) {
    throw isMissingPrivilege(error) ? needsAdmin(`"${user}" may not change them (${messageOf(error)})`, error) : error
  }
}

function defaultAdminUrl({ url, certs }: PostgresStoreOptions): string {
  return certs === undefined ? url : withUser(url, ROLES.admin)
}
