import { assert } from '@terrane/core'
import type { KindSchema } from '@terrane/engine'
import maglev from '@terrane/world-maglev'
import type { Query } from './stage.js'

export type KindName = keyof (typeof maglev)['kinds']

export function schemaOf(kind: KindName): KindSchema {
  const schema = maglev.schemas.find(({ name }) => name === kind)
  assert(schema !== undefined, `maglev has no kind ${kind}`)
  return schema
}

/** A kind's rows as the database has them, each value as text; those of one zone, or all. */
export async function storedRows(read: Query, kind: KindName, zone?: string): Promise<ReadonlyMap<string, StoredRow>> {
  const { sqlName, columns, keyColumn } = schemaOf(kind)
  const list = columns.map((column) => `"${column.sqlName}"`).join(', ')
  const where = zone === undefined ? '' : ' WHERE terrane_zone = $1'
  const rows = await read(`SELECT ${list} FROM "${sqlName}"${where}`, zone === undefined ? [] : [zone])
  return new Map(
    rows.map((values) => [
      values[keyColumn] as string,
      Object.fromEntries(columns.map(({ name }, i) => [name, values[i] ?? null])),
    ]),
  )
}

export type StoredRow = Readonly<Record<string, string | null>>

/** Whether a row that a client shows is the stored one, in the columns given; default: all of the stored one. */
export function isStored(
  shown: Readonly<Record<string, unknown>> | undefined,
  stored: StoredRow | undefined,
  columns: readonly string[] = Object.keys(stored ?? {}),
): boolean {
  if (shown === undefined || stored === undefined) return shown === stored
  return columns.every((column) => textOf(shown[column]) === stored[column])
}

function textOf(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value)
}
