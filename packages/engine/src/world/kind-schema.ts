import { assert, TerraneError } from '@terrane/core'
import type { WireType } from '@terrane/protocol'
import { getTableColumns, getTableName, is, SQL, type Table } from 'drizzle-orm'

/** How a column's values look in memory, in the log and on the wire. `bytes` are for the engine's own kinds only. */
export type ColumnType = 'integer' | 'float' | 'text' | 'boolean' | 'json' | 'date' | 'bytes'

export interface ColumnSchema {
  /** Property name in rows. */
  readonly name: string
  /** Name in SQL. */
  readonly sqlName: string
  readonly type: ColumnType
  /** PostgreSQL's type name, for casts: `integer`, `text`, `jsonb`, … */
  readonly sqlType: string
  readonly notNull: boolean
  readonly hasDefault: boolean
  /** The literal default, when there is one. Defaults that SQL computes do not reach memory. */
  readonly defaultValue: unknown
}

/** A kind as the stores see it: a table's name, columns in order, and which column is the key. */
export interface KindSchema {
  readonly name: string
  readonly sqlName: string
  /** Where the engine's own kinds live; those of worlds are in `public`. */
  readonly sqlSchema?: 'terrane'
  readonly columns: readonly ColumnSchema[]
  /** Index of the primary key in `columns`. */
  readonly keyColumn: number
  /** `log`: durable through the commit log; `commit`: the SQL row is written in the log's transaction too. */
  readonly persist: 'log' | 'commit'
}

/** Columns per kind. Change masks are 31-bit integers, which V8 keeps unboxed. */
export const COLUMNS_MAX = 31

const TYPES: Record<string, ColumnType> = {
  PgInteger: 'integer',
  PgSmallInt: 'integer',
  PgBigInt53: 'integer',
  PgReal: 'float',
  PgDoublePrecision: 'float',
  PgText: 'text',
  PgVarchar: 'text',
  PgUUID: 'text',
  PgBoolean: 'boolean',
  PgJson: 'json',
  PgJsonb: 'json',
  PgTimestamp: 'date',
}

/** Reads a Drizzle table; throws `invalid_world` for what the engine cannot hold. */
export function kindSchemaOf(name: string, table: Table, persist: 'log' | 'commit'): KindSchema {
  const columns: ColumnSchema[] = []
  let keyColumn = -1
  for (const [property, column] of Object.entries(getTableColumns(table))) {
    const type = TYPES[column.columnType]
    if (type === undefined) {
      throw invalid(
        `kind "${name}": column "${property}" has the unsupported type ${column.getSQLType()}`,
        'Use integer, smallint, bigint({ mode: "number" }), real, doublePrecision, text, varchar, uuid, boolean, json, jsonb or timestamp.',
      )
    }
    if (column.primary) {
      if (keyColumn !== -1) throw invalid(`kind "${name}" has two primary key columns`, 'Use one column as the key.')
      if (type !== 'text' && type !== 'integer') {
        throw invalid(`kind "${name}": the key "${property}" must be text or an integer`, 'Use text() or integer().')
      }
      keyColumn = columns.length
    }
    columns.push({
      name: property,
      sqlName: column.name,
      type,
      sqlType: column.getSQLType(),
      notNull: column.notNull,
      hasDefault: column.hasDefault,
      defaultValue: is(column.default, SQL) ? undefined : column.default,
    })
  }
  if (keyColumn === -1) throw invalid(`kind "${name}" has no primary key`, 'Mark one column with .primaryKey().')
  if (columns.length > COLUMNS_MAX) {
    throw invalid(`kind "${name}" has ${columns.length} columns, the limit is ${COLUMNS_MAX}`, 'Split it in two kinds.')
  }
  return { name, sqlName: getTableName(table), columns, keyColumn, persist }
}

/** A column's type as clients know it. */
export function wireTypeOf(column: ColumnSchema): WireType {
  assert(column.type !== 'bytes', 'no client sees bytes')
  const type = column.type !== 'float' ? column.type : column.sqlType === 'real' ? 'real' : 'double'
  return column.notNull ? type : `${type}?`
}

function invalid(message: string, hint: string): TerraneError {
  return new TerraneError('invalid_world', message, { hint })
}

/** Kinds in the order in which clients number them: the world's own, then copies of rows that other zones own. */
export function schemasForClients(world: {
  readonly schemas: readonly KindSchema[]
  readonly replicaSchemas: readonly KindSchema[]
}): readonly KindSchema[] {
  return [...world.schemas, ...world.replicaSchemas]
}
