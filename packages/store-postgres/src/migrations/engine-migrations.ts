import { GAME_STATEMENTS } from '../game/migration.js'
import { IDENTITIES_STATEMENTS, JOBS_STATEMENTS, PAUSE_STATEMENTS, STANDING_STATEMENTS } from '../jobs/migration.js'
import { MAP_STATEMENTS } from '../zones/map-migration.js'

/** A numbered step of the engine's own tables. The list is append-only: a published step never changes. */
export interface EngineMigration {
  readonly version: number
  readonly name: string
  /** Each repeatable (IF NOT EXISTS): CockroachDB commits them one by one. */
  readonly statements: readonly string[]
  /** Statements that are left out where somebody else has made the table already. */
  readonly unlessTable?: { readonly schema: string; readonly table: string; readonly statements: readonly string[] }
}

/** What must exist before migrations can be counted and locked. */
export const BOOTSTRAP: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS terrane',
  `CREATE TABLE IF NOT EXISTS terrane.migrations (
    version int8 PRIMARY KEY,
    name text NOT NULL,
    terrane_version text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`,
  'CREATE TABLE IF NOT EXISTS terrane.migration_lock (id int8 PRIMARY KEY)',
  'INSERT INTO terrane.migration_lock (id) VALUES (1) ON CONFLICT (id) DO NOTHING',
]

export const ENGINE_MIGRATIONS: readonly EngineMigration[] = [
  {
    version: 1,
    name: 'commit log, zones, streams, world schema',
    statements: [
      `CREATE TABLE IF NOT EXISTS terrane.commit_log (
        zone_id text NOT NULL,
        seq int8 NOT NULL,
        epoch int8 NOT NULL,
        payload bytea NOT NULL,
        written_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (zone_id, seq)
      )`,
      `CREATE TABLE IF NOT EXISTS terrane.zones (
        zone_id text PRIMARY KEY,
        epoch int8 NOT NULL,
        owner text,
        lease_until timestamptz,
        checkpoint_seq int8 NOT NULL DEFAULT 0,
        checkpoint_at timestamptz
      )`,
      `CREATE TABLE IF NOT EXISTS terrane.streams (
        zone_id text NOT NULL,
        stream text NOT NULL,
        last_input int8 NOT NULL,
        at_ms float8 NOT NULL,
        PRIMARY KEY (zone_id, stream)
      )`,
      `CREATE TABLE IF NOT EXISTS terrane.world_schema (
        world text PRIMARY KEY,
        fingerprint text NOT NULL,
        snapshot jsonb NOT NULL,
        pending jsonb,
        terrane_version text NOT NULL,
        migrated_at timestamptz NOT NULL DEFAULT now()
      )`,
    ],
  },
  {
    version: 2,
    name: 'zone numbers, ops between zones',
    statements: [
      'ALTER TABLE terrane.zones ADD COLUMN IF NOT EXISTS number int8',
      `CREATE TABLE IF NOT EXISTS terrane.zone_numbers (
        id int8 PRIMARY KEY,
        last int8 NOT NULL
      )`,
      'INSERT INTO terrane.zone_numbers (id, last) VALUES (1, 0) ON CONFLICT (id) DO NOTHING',
      `CREATE TABLE IF NOT EXISTS terrane.op_outbox (
        terrane_zone text NOT NULL,
        id int8 NOT NULL,
        destination text NOT NULL,
        sent_at int8 NOT NULL,
        payload bytea NOT NULL,
        PRIMARY KEY (terrane_zone, id)
      )`,
      `CREATE TABLE IF NOT EXISTS terrane.op_mailbox (
        terrane_zone text NOT NULL,
        id int8 NOT NULL,
        state bytea NOT NULL,
        PRIMARY KEY (terrane_zone, id)
      )`,
      `CREATE TABLE IF NOT EXISTS terrane.op_dead_letters (
        terrane_zone text NOT NULL,
        id text NOT NULL,
        sender text NOT NULL,
        op text NOT NULL,
        args text NOT NULL,
        code text NOT NULL,
        reason text NOT NULL,
        died_at int8 NOT NULL,
        PRIMARY KEY (terrane_zone, id)
      )`,
    ],
  },
  {
    version: 3,
    name: 'rows that a check of the connection writes',
    statements: [
      `CREATE TABLE IF NOT EXISTS terrane.connection_check (
        run_id text NOT NULL,
        number int8 NOT NULL,
        written_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (run_id, number)
      )`,
    ],
  },
  {
    version: 4,
    name: 'simulation jobs and nodes',
    statements: JOBS_STATEMENTS,
    unlessTable: { schema: 'auth', table: 'identities', statements: IDENTITIES_STATEMENTS },
  },
  { version: 5, name: 'zone map', statements: MAP_STATEMENTS },
  { version: 6, name: 'game data', statements: GAME_STATEMENTS },
  { version: 7, name: 'what is known of nodes', statements: STANDING_STATEMENTS },
  { version: 8, name: 'nodes that are paused', statements: PAUSE_STATEMENTS },
]
