import type { ColumnSchema, ColumnType, KindSchema } from '@terrane/engine'

/**
 * The hidden first column of every kind's table. The primary key is (zone, declared key), so that each
 * zone owns one contiguous range of every table.
 */
export const ZONE_COLUMN = 'terrane_zone'

/** The statements that read and write one kind. */
export interface KindSql {
  /** Parameters: zone, then one array per column. */
  readonly upsert: string
  /** The same for rows of several zones: array of zones, then one array per column. */
  readonly upsertOfZones: string
  /** Parameters: zone, array of keys. */
  readonly remove: string
  /** Parameters: zone, limit. */
  readonly firstPage: string
  /** Parameters: zone, limit, the last key of the page before. */
  readonly nextPage: string
}

const known = new WeakMap<KindSchema, KindSql>()

export function kindSqlOf(kind: KindSchema): KindSql {
  let sql = known.get(kind)
  if (sql === undefined) {
    sql = buildKindSql(kind)
    known.set(kind, sql)
  }
  return sql
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Element types of the arrays in which values travel: few, and all known to both databases. */
const ARRAY_TYPES: Readonly<Record<ColumnType, string>> = {
  integer: 'int8',
  float: 'float8',
  text: 'text',
  boolean: 'bool',
  // CockroachDB has no arrays of jsonb.
  json: 'text',
  date: 'timestamptz',
  // Nor arrays of bytes that come as text: they travel as hexadecimal digits.
  bytes: 'text',
}

function buildKindSql(kind: KindSchema): KindSql {
  const table = `${kind.sqlSchema ?? 'public'}.${quoteName(kind.sqlName)}`
  const names = kind.columns.map((column) => quoteName(column.sqlName))
  const keyName = names[kind.keyColumn] as string
  const keyColumn = kind.columns[kind.keyColumn] as ColumnSchema
  const arrays = kind.columns.map((column, c) => `$${c + 2}::${ARRAY_TYPES[column.type]}[]`)
  const inputs = kind.columns.map((column, c) => toColumn(`u.c${c}`, column))
  const updates = names.filter((_, c) => c !== kind.keyColumn).map((name) => `${name} = excluded.${name}`)
  const outputs = kind.columns.map((column, c) => fromColumn(names[c] as string, column)).join(', ')
  const page = (condition: string) =>
    `SELECT ${outputs} FROM ${table} WHERE ${ZONE_COLUMN} = $1${condition} ORDER BY ${ZONE_COLUMN}, ${keyName} LIMIT $2`
  const elements = kind.columns.map((_, c) => `c${c}`)
  const upsert = (zone: string, from: readonly string[], elementsOf: readonly string[]) =>
    `INSERT INTO ${table} (${ZONE_COLUMN}, ${names.join(', ')}) SELECT ${zone}, ${inputs.join(', ')} ` +
    `FROM unnest(${from.join(', ')}) AS u (${elementsOf.join(', ')}) ` +
    `ON CONFLICT (${ZONE_COLUMN}, ${keyName}) DO ${updates.length === 0 ? 'NOTHING' : `UPDATE SET ${updates.join(', ')}`}`
  return {
    upsert: upsert('$1::text', arrays, elements),
    upsertOfZones: upsert('u.z', ['$1::text[]', ...arrays], ['z', ...elements]),
    remove: `DELETE FROM ${table} WHERE ${ZONE_COLUMN} = $1 AND ${keyName} = ANY($2::${keyArrayType(keyColumn)}[])`,
    firstPage: page(''),
    nextPage: page(` AND ${keyName} > $3`),
  }
}

/** Keys are compared in the column's own type, so that the primary key's index serves. */
function keyArrayType(column: ColumnSchema): string {
  if (column.type === 'integer') return 'int8'
  return column.sqlType === 'uuid' ? 'uuid' : 'text'
}

/** An array's element as the column takes it: where no assignment cast exists, an explicit one. */
function toColumn(element: string, column: ColumnSchema): string {
  if (column.type === 'json' || column.sqlType === 'uuid') return `${element}::${column.sqlType}`
  if (column.type === 'bytes') return `decode(${element}, 'hex')`
  if (column.type === 'date' && !hasTimeZone(column)) return `${element} AT TIME ZONE 'UTC'`
  return element
}

/** A column as text that we can parse whatever the session's settings: dates as milliseconds since 1970. */
function fromColumn(name: string, column: ColumnSchema): string {
  if (column.type === 'bytes') return `encode(${name}, 'hex')`
  if (column.type === 'date') return `(extract(epoch FROM ${name}) * 1000)::int8`
  return name
}

function hasTimeZone(column: ColumnSchema): boolean {
  return /with time zone|timestamptz/.test(column.sqlType)
}
