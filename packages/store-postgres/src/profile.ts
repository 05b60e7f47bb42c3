/**
 * The two databases that Terrane runs on, and every difference between them that our SQL knows of. All
 * other statements are common to both, and written so that they mean the same in both:
 *
 * - No LISTEN, advisory lock, SKIP LOCKED, temporary table, trigger or DO block outside of this file; one change of
 *   rows per statement; no named prepared statement (CockroachDB keeps those in a session's memory).
 * - Transactions may be told to start again (40001), always so on CockroachDB, whose default isolation is
 *   SERIALIZABLE: whatever runs in one can be repeated.
 * - A lock that must hold is a changed row, never SELECT … FOR UPDATE: under SERIALIZABLE CockroachDB
 *   forgets the latter when a range changes hands.
 * - Values arrive as text and are parsed by us, because CockroachDB's `integer` has 64 bits; columns of
 *   JSON travel as arrays of text, because it reads no arrays of JSON from a text.
 *
 * `dialect/` holds each statement that the tests send under the profile `cockroach` to a list of what its
 * manual documents. docs/decisions/0006-two-profiles.md has the differences with their sources.
 */
import { NOTIFY_PENDING_JOB } from './jobs/migration.js'
import { type AccessProfile, COCKROACH_ACCESS, POSTGRES_ACCESS } from './roles/access-profiles.js'
import { ROLES } from './roles/role-names.js'

export type ProfileName = 'postgres' | 'cockroach'

export interface Profile {
  readonly name: ProfileName
  /**
   * Whether schema changes and the record of them can share a transaction. PostgreSQL: yes, so that a
   * migration happens whole or not at all. CockroachDB: no (a table changed in a transaction cannot be
   * used in it, and some changes finish after COMMIT), so that each statement commits by itself and a
   * migration that was interrupted is repeated, its statements that already took effect skipped.
   */
  readonly transactionalDdl: boolean
  /** Statements that only this database understands, run once after the engine migration of that number. */
  readonly afterMigration: Readonly<Record<number, readonly string[]>>
  /** Whether LISTEN hears what triggers NOTIFY. */
  readonly hasNotices: boolean
  /** What `terrane db check` asks of the server about its own connection. */
  readonly connection: ConnectionQueries
  /** Roles: how to make them, and who may do what. */
  readonly access: AccessProfile
}

interface ConnectionQueries {
  /** One value that no other session has. */
  readonly session: string
  /** The name in the certificate that the client showed, null for none; undefined where the server does not tell. */
  readonly clientName: string | undefined
  /** How many sessions gateway_admin has in this database; undefined where only an administrator may know. */
  readonly adminSessions: string | undefined
}

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  postgres: {
    name: 'postgres',
    transactionalDdl: true,
    afterMigration: {
      // Payloads are packed already: not compressing them again halves an append (75 KB: 2.1 → 1.2 ms).
      1: ['ALTER TABLE terrane.commit_log ALTER COLUMN payload SET STORAGE EXTERNAL'],
      4: NOTIFY_PENDING_JOB,
    },
    hasNotices: true,
    connection: {
      session: 'SELECT pg_backend_pid()',
      clientName: 'SELECT client_dn FROM pg_catalog.pg_stat_ssl WHERE pid = pg_backend_pid()',
      adminSessions: `SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE usename = '${ROLES.admin}' AND datname = current_database()`,
    },
    access: POSTGRES_ACCESS,
  },
  cockroach: {
    name: 'cockroach',
    transactionalDdl: false,
    afterMigration: {},
    hasNotices: false,
    connection: { session: 'SHOW session_id', clientName: undefined, adminSessions: undefined },
    access: COCKROACH_ACCESS,
  },
}

/** Tells the databases apart by what `SELECT version()` returns. */
export function profileOf(version: string): Profile {
  return version.startsWith('CockroachDB') ? PROFILES.cockroach : PROFILES.postgres
}
