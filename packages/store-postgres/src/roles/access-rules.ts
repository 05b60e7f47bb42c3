import { ZONE_COLUMN } from '../checkpoints/kind-sql.js'

/** What the writer and the reader may do with the tables of a schema; the admin owns them. */
export interface SchemaRule {
  readonly schema: string
  readonly writer: readonly string[]
  readonly reader: readonly string[]
}

const READ = ['SELECT']
const CHANGE_ROWS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']

/** A schema that a server must only read is one more line here, with `writer: READ`. */
export const SCHEMA_RULES: readonly SchemaRule[] = [
  { schema: 'terrane', writer: CHANGE_ROWS, reader: READ },
  { schema: 'public', writer: CHANGE_ROWS, reader: READ },
]

/**
 * A condition on pg_class `c` and pg_namespace `n`: a table of ours. The database may hold others' tables
 * in `public`, which are neither taken over nor opened up; a kind's table is known by its zone column.
 */
export const IS_OUR_TABLE =
  "c.relkind IN ('r', 'p') AND (n.nspname = 'terrane' OR (n.nspname = 'public' AND EXISTS (" +
  `SELECT 1 FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attname = '${ZONE_COLUMN}')))`
