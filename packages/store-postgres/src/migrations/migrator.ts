import { createRequire } from 'node:module'
import { TerraneError } from '@terrane/core'
import type { AnyWorld } from '@terrane/engine'
import { withConnection } from '../connection/one-connection.js'
import type { Session } from '../connection/session.js'
import type { ConnectionSettings } from '../connection/settings.js'
import { sqlStateOf } from '../errors.js'
import { PROFILES, type Profile, type ProfileName, profileOf } from '../profile.js'
import { BOOTSTRAP, ENGINE_MIGRATIONS, type EngineMigration } from './engine-migrations.js'
import { migrateWorld, worldIsCurrent } from './world-migration.js'

export interface MigrateOptions {
  /** Carries out migrations that lose data: dropped tables and columns, changed types. Default false. */
  readonly allowDestructive?: boolean
}

export interface MigrationSettings extends ConnectionSettings {
  /** Which database this is; default: what `SELECT version()` says. */
  readonly profile?: ProfileName
}

export interface MigrationContext {
  readonly session: Session
  readonly profile: Profile
  /** Of this build, for the record. */
  readonly terraneVersion: string
  readonly log: (line: string) => void
}

const TERRANE_VERSION = (createRequire(import.meta.url)('../../package.json') as { version: string }).version

/** Two processes that bootstrap at once meet in the catalogue's own indexes; the loser simply repeats. */
const CONCURRENT_DDL = ['23505', '42P06', '42P07', '42710', '40001', 'XX000']
const BOOTSTRAP_ATTEMPTS_MAX = 10

/**
 * Brings the engine's tables, and those of `world`, up to date. Does nothing but read when they are.
 * Processes that start together take turns: a second connection holds a row meanwhile, by deleting it and
 * never committing that. A crash gives the row back at once (a lease would have to run out, CockroachDB has
 * no advisory locks, and a lock of SELECT … FOR UPDATE does not outlive a change of the range's leaseholder).
 */
export async function migrate(
  settings: MigrationSettings,
  world: AnyWorld | undefined,
  options: MigrateOptions,
  log: (line: string) => void,
): Promise<void> {
  await withConnection(settings, 'migrate', async (session) => {
    const profile = await profileFor(settings, session)
    // drizzle-kit names tables without a schema, and a user called "terrane" would have ours searched first.
    await session.query('SET search_path = public')
    const context: MigrationContext = { session, profile, terraneVersion: TERRANE_VERSION, log }
    if (await isCurrent(session, world)) return
    await bootstrap(session)
    await withConnection(settings, 'migrate', (lock) =>
      lock.transaction(async () => {
        await lock.query('DELETE FROM terrane.migration_lock WHERE id = 1')
        await migrateEngine(context)
        if (world !== undefined) await migrateWorld(context, world, options)
        return { keep: false, result: undefined }
      }),
    )
  })
}

/** Whether there is nothing to migrate. Only reads, so any role may ask that may read. */
export async function isCurrent(session: Session, world: AnyWorld | undefined): Promise<boolean> {
  return (await engineIsCurrent(session)) && (world === undefined || (await worldIsCurrent(session, world)))
}

async function profileFor({ profile }: MigrationSettings, session: Session): Promise<Profile> {
  if (profile !== undefined) return PROFILES[profile]
  return profileOf((await session.query('SELECT version()')).rows[0]?.[0] ?? '')
}

async function engineIsCurrent(session: Session): Promise<boolean> {
  return (await versionOf(session)) === latestVersion()
}

function latestVersion(): number {
  return ENGINE_MIGRATIONS.at(-1)?.version ?? 0
}

/** The database's version; 0 when there is none. Throws `newer_data` when it is ahead of this build. */
async function versionOf(session: Session): Promise<number> {
  let row: readonly (string | null)[] | undefined
  try {
    const text = 'SELECT version, terrane_version FROM terrane.migrations ORDER BY version DESC LIMIT 1'
    row = (await session.query(text)).rows[0]
  } catch (error) {
    if (['42P01', '3F000'].includes(sqlStateOf(error) ?? '')) return 0
    throw error
  }
  const version = Number(row?.[0] ?? 0)
  if (version > latestVersion()) {
    throw new TerraneError(
      'newer_data',
      `the database has format ${version}, written by Terrane ${row?.[1]}; this is ${TERRANE_VERSION}, which knows up to ${latestVersion()}`,
      { hint: 'Run the newer Terrane, or restore a backup from before the upgrade.' },
    )
  }
  return version
}

async function bootstrap(session: Session): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      for (const statement of BOOTSTRAP) await session.query(statement)
      return
    } catch (error) {
      if (attempt === BOOTSTRAP_ATTEMPTS_MAX || !CONCURRENT_DDL.includes(sqlStateOf(error) ?? '')) throw error
    }
  }
}

async function migrateEngine(context: MigrationContext): Promise<void> {
  const version = await versionOf(context.session)
  for (const migration of ENGINE_MIGRATIONS) {
    if (migration.version > version) await applyMigration(context, migration)
  }
}

async function applyMigration(context: MigrationContext, migration: EngineMigration): Promise<void> {
  const { session, profile, log } = context
  log(`migration ${migration.version}: ${migration.name}`)
  const apply = async () => {
    for (const statement of migration.statements) await session.query(statement)
    const { unlessTable } = migration
    if (unlessTable !== undefined && !(await tableExists(session, unlessTable.schema, unlessTable.table))) {
      for (const statement of unlessTable.statements) await session.query(statement)
    }
    for (const statement of profile.afterMigration[migration.version] ?? []) await session.query(statement)
    await session.query(
      'INSERT INTO terrane.migrations (version, name, terrane_version) VALUES ($1, $2, $3) ON CONFLICT (version) DO NOTHING',
      [migration.version, migration.name, context.terraneVersion],
    )
    return { keep: true, result: undefined }
  }
  if (profile.transactionalDdl) await session.transaction(apply)
  else await apply()
}

async function tableExists(session: Session, schema: string, table: string): Promise<boolean> {
  const { rows } = await session.query(
    'SELECT table_name FROM information_schema.tables WHERE table_schema = $1 AND table_name = $2',
    [schema, table],
  )
  return rows.length > 0
}
