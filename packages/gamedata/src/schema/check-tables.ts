import { findRunaway, type GameTables, runaway } from '@terrane/combat'
import { TerraneError } from '@terrane/core'
import { GAME_TABLES, type GameTable, propertyOf } from './game-schema.js'

type Rows = readonly Readonly<Record<string, unknown>>[]
/** Where a person finds a row. */
export interface Places {
  /** `spells.csv:12` */
  of(table: GameTable, index: number): string
  /** The same within its table: `line 12`. */
  within(table: GameTable, index: number): string
}

/**
 * Checks what holds between rows, and what no fight could end with.
 * @throws TerraneError `bad_game_data` for keys that are there twice and references that lead nowhere,
 *   `runaway_game_data` for times and haste that make time stand still or run away
 */
export function checkTables(tables: GameTables, places: Places): void {
  const rowsOf = (name: string) => tables[name as keyof GameTables] as Rows
  for (const table of GAME_TABLES) {
    checkRows(table, rowsOf(table.name), places)
    checkReferences(table, rowsOf, places)
  }
  const problem = findRunaway(tables)
  if (problem === undefined) return
  const table = GAME_TABLES.find(({ name }) => name === problem.table) as GameTable
  throw runaway(places.of(table, problem.index), problem)
}

function checkRows(table: GameTable, rows: Rows, places: Places): void {
  const { key, columns } = table
  const seen = new Map<string, number>()
  const properties = key.map(propertyOf)
  const texts = columns.filter(({ type }) => type === 'text')
  for (const [index, row] of rows.entries()) {
    const value = properties.map((property) => row[property]).join(', ')
    const before = seen.get(value)
    if (before !== undefined) {
      throw bad(
        `${places.of(table, index)}: ${key.join(', ')} ${value} is in ${places.within(table, before)} already`,
        'Remove one of them.',
      )
    }
    seen.set(value, index)
    for (const { name, property } of texts) {
      if (!String(row[property]).includes('\0')) continue
      throw bad(
        `${places.of(table, index)}: ${name} holds a NUL character`,
        'Remove it: no database stores one in a text.',
      )
    }
  }
}

function checkReferences(table: GameTable, rowsOf: (table: string) => Rows, places: Places): void {
  for (const { column, target, isOptional } of table.references) {
    const ids = new Set(rowsOf(target).map(({ id }) => id))
    const property = propertyOf(column)
    const rows = rowsOf(table.name)
    const lost = rows.findIndex((row) => !(isOptional && row[property] === 0) && !ids.has(row[property]))
    if (lost < 0) continue
    throw bad(
      `${places.of(table, lost)}: ${column} ${rows[lost]?.[property]} is in no row of ${target}.csv`,
      'Add that row, or correct it.',
    )
  }
}

function bad(message: string, hint: string): TerraneError {
  return new TerraneError('bad_game_data', message, { hint })
}
