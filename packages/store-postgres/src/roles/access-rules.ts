import { ZONE_COLUMN } from '../checkpoints/kind-sql.js'
import { JOBS_TABLES } from '../jobs/migration.js'

/** What the writer and the reader may do with the tables of a schema; the admin owns them. */
export interface SchemaRule {
  readonly schema: string
  readonly writer: readonly string[]
  readonly reader: readonly string[]
  /** Where an identity provider has made it already, it stays theirs. */
  readonly mayBeForeign?: boolean
}

const READ = ['SELECT']
const CHANGE_ROWS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']

export const SCHEMA_RULES: readonly SchemaRule[] = [
  { schema: 'terrane', writer: CHANGE_ROWS, reader: READ },
  { schema: 'public', writer: CHANGE_ROWS, reader: READ },
  { schema: 'game', writer: READ, reader: READ },
  { schema: 'auth', writer: READ, reader: [], mayBeForeign: true },
]

/**
 * A condition on pg_class `c` and pg_namespace `n`: a table of ours. The database may hold others' tables
 * in `public`, which are neither taken over nor opened up; a kind's table is known by its zone column. Identities may be
 * an identity provider's: they are read, and stay its own.
 */
export const IS_OUR_TABLE =
  "c.relkind IN ('r', 'p') AND (n.nspname IN ('terrane', 'game') OR (n.nspname = 'auth' AND c.relname = 'identities') OR (n.nspname = 'public' AND (" +
  `c.relname IN (${JOBS_TABLES.map((table) => `'${table}'`).join(', ')}) OR EXISTS (` +
  `SELECT 1 FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attname = '${ZONE_COLUMN}'))))`
