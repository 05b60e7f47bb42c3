import type { ColumnSchema, ColumnType, KindChanges, KindSchema } from '@terrane/engine'
import fc from 'fast-check'

/**
 * The kinds that the store contract writes. An adapter with real tables creates them as these schemas
 * say, and proves with `kindSchemaOf` that its tables match.
 */
export const THINGS: KindSchema = kindOf('things', 'contract_things', 'log', [
  ['id', 'id', 'text', 'text', true],
  ['count', 'count', 'integer', 'integer', false],
  ['serial', 'serial_no', 'integer', 'bigint', false],
  ['weight', 'weight', 'float', 'double precision', false],
  ['label', 'Label here', 'text', 'varchar(200)', false],
  ['alive', 'alive', 'boolean', 'boolean', false],
  ['data', 'data', 'json', 'jsonb', false],
  ['raw', 'raw', 'json', 'json', false],
  ['seen', 'seen', 'date', 'timestamp with time zone', false],
  ['born', 'born', 'date', 'timestamp', false],
])

export const SLOTS: KindSchema = kindOf('slots', 'contract_slots', 'log', [
  ['slot', 'slot', 'integer', 'integer', true],
  ['note', 'note', 'text', 'text', false],
])

/** Written in the log's own transaction. */
export const SCORES: KindSchema = kindOf('scores', 'contract_scores', 'commit', [
  ['player', 'player', 'text', 'uuid', true],
  ['points', 'points', 'integer', 'integer', true],
])

export const CONTRACT_KINDS: readonly KindSchema[] = [THINGS, SLOTS, SCORES]

type ColumnTuple = readonly [name: string, sqlName: string, type: ColumnType, sqlType: string, notNull: boolean]

function kindOf(name: string, sqlName: string, persist: 'log' | 'commit', columns: readonly ColumnTuple[]): KindSchema {
  return {
    name,
    sqlName,
    keyColumn: 0,
    persist,
    columns: columns.map(
      ([column, sqlColumn, type, sqlType, notNull]): ColumnSchema => ({
        name: column,
        sqlName: sqlColumn,
        type,
        sqlType,
        notNull,
        hasDefault: false,
        defaultValue: undefined,
      }),
    ),
  }
}

/** Rows, each an array of values by column, as changes. */
export function changesOf(
  kind: KindSchema,
  rows: readonly (readonly unknown[])[],
  deleted: readonly (string | number)[] = [],
): KindChanges {
  return { kind, columns: kind.columns.map((_, c) => rows.map((row) => row[c])), deleted }
}

/** Collects what `rows` yields, as rows by key. */
export async function collectRows(chunks: AsyncIterable<KindChanges>): Promise<Map<unknown, unknown[]>> {
  const rows = new Map<unknown, unknown[]>()
  for await (const { kind, columns } of chunks) {
    for (let r = 0; r < (columns[0]?.length ?? 0); r++) {
      const row = columns.map((column) => column[r])
      if (rows.has(row[kind.keyColumn])) throw new Error(`the key ${String(row[kind.keyColumn])} came twice`)
      rows.set(row[kind.keyColumn], row)
    }
  }
  return rows
}

/** Any text that SQL can hold: everything but NUL and lone surrogates. */
const anyText = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      '',
      ' ',
      'NULL',
      'null',
      '{}',
      '"',
      '\\',
      "'",
      '\\"',
      '{a,b}',
      ',',
      '\n\t',
      '\\N',
      '🚀 é',
      '\u{10ffff}',
    ),
  )
  .map((text) => text.replaceAll('\0', ''))

/** -0 has no JSON, `__proto__` no plain equality, and jsonb no NUL. */
const anyJson = fc
  .jsonValue({ maxDepth: 3 })
  .filter((value) => value !== null && !/\\u0000|__proto__/.test(JSON.stringify(value)))
  .map((value) => JSON.parse(JSON.stringify(value)) as unknown)

const anyDate = fc.oneof(
  fc.date({ min: new Date('-004000-01-01T00:00:00Z'), max: new Date('+200000-01-01T00:00:00Z'), noInvalidDate: true }),
  fc.date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true }),
)

const orNull = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null, freq: 6 })

/** Rows of `THINGS` with distinct keys and every kind of value. */
export const anyThings: fc.Arbitrary<unknown[][]> = fc.uniqueArray(
  fc
    .tuple(
      anyText,
      orNull(fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff })),
      orNull(fc.maxSafeInteger()),
      orNull(fc.double()),
      orNull(anyText),
      orNull(fc.boolean()),
      orNull(anyJson),
      orNull(anyJson),
      orNull(anyDate),
      orNull(anyDate),
    )
    .map((row): unknown[] => row),
  { selector: (row) => row[0], maxLength: 30 },
)
