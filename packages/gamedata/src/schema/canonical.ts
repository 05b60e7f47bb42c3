import type { GameTables } from '@terrane/combat'
import { GAME_TABLES, type GameColumn, type GameTable, propertyOf } from './game-schema.js'

type Row = Readonly<Record<string, unknown>>

/**
 * The tables as CSV texts that depend on nothing but their content: columns as documented, rows by their key. So the
 * same data has the same text, whether it was read from files in any order or from a database.
 */
export function canonicalTexts(tables: GameTables): Record<string, string> {
  const texts = [...GAME_TABLES]
    .sort((a, b) => compare(a.name, b.name))
    .map((table) => [table.name, textOf(table, tables)])
  return Object.fromEntries(texts)
}

/** SHA-256 of the canonical texts as one JSON object, in hexadecimal digits. */
export async function checksumOf(tables: GameTables): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(canonicalTexts(tables)))
  const digest = await crypto.subtle.digest('SHA-256', bytes)
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * The tables with their rows by key, whatever order they came in: sums of fractions depend on the order, and the same data
 * must give the same results to the last bit.
 */
export function canonicalTables(tables: GameTables): GameTables {
  return Object.fromEntries(GAME_TABLES.map((table) => [table.name, rowsOf(table, tables)])) as unknown as GameTables
}

function rowsOf(table: GameTable, tables: GameTables): Row[] {
  const keys = table.key.map(propertyOf)
  return [...(tables[table.name] as readonly Row[])].sort((a, b) => {
    for (const key of keys) {
      const order = compare(a[key] as string | number, b[key] as string | number)
      if (order !== 0) return order
    }
    return 0
  })
}

function textOf(table: GameTable, tables: GameTables): string {
  const lines = rowsOf(table, tables).map((row) => table.columns.map((column) => cellOf(column, row)).join(','))
  return `${[table.columns.map(({ name }) => name).join(','), ...lines].join('\n')}\n`
}

function cellOf({ property, type }: GameColumn, row: Row): string {
  const value = row[property]
  if (type === 'bool') return value ? '1' : '0'
  if (typeof value === 'number') return String(value)
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function compare<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}
