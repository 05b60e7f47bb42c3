import { buildGameData, type GameData, type GameTables, readTableLines } from '@terrane/combat'
import { TerraneError } from '@terrane/core'
import { GAME_TABLES, type GameTable, propertyOf } from './game-schema.js'

interface NumberedRow {
  readonly row: Readonly<Record<string, unknown>>
  readonly line: number
}

type NumberedTables = ReadonlyMap<string, readonly NumberedRow[]>

export interface ReadFiles {
  readonly tables: GameTables
  readonly data: GameData
}

/**
 * Reads and checks the CSV texts of all tables (`spells` for spells.csv).
 * @param onTable called before each
 * @throws TerraneError `bad_game_data`, `bad_csv`: what is wrong, with file, line and column
 */
export function readFiles(files: Readonly<Record<string, string>>, onTable?: (table: string) => void): ReadFiles {
  const numbered = new Map<string, readonly NumberedRow[]>()
  for (const { name } of GAME_TABLES) {
    onTable?.(name)
    const text = files[name]
    if (text === undefined) throw bad(`the table ${name} (${name}.csv) is missing`, hintOfMissing(name, files))
    numbered.set(name, readTableLines(name, text))
  }
  for (const table of GAME_TABLES) checkTable(table, numbered)
  const tables = Object.fromEntries(
    [...numbered].map(([name, rows]) => [name, rows.map(({ row }) => row)]),
  ) as unknown as GameTables
  return { tables, data: buildGameData(tables) }
}

function checkTable({ name, columns, key, references }: GameTable, tables: NumberedTables): void {
  const rows = tables.get(name) ?? []
  const seen = new Map<string, number>()
  const properties = key.map(propertyOf)
  const texts = columns.filter(({ type }) => type === 'text').map((column) => [column.name, propertyOf(column.name)])
  for (const { row, line } of rows) {
    const value = properties.map((property) => row[property]).join(', ')
    const before = seen.get(value)
    if (before !== undefined) {
      throw bad(`${name}.csv:${line}: ${key.join(', ')} ${value} is in line ${before} already`, 'Remove one of them.')
    }
    seen.set(value, line)
    for (const [column = '', property = ''] of texts) {
      if (!String(row[property]).includes('\0')) continue
      throw bad(`${name}.csv:${line}: ${column} holds a NUL character`, 'Remove it: no database stores one in a text.')
    }
  }
  for (const { column, target, isOptional } of references) {
    const ids = new Set((tables.get(target) ?? []).map(({ row }) => row.id))
    const lost = rows.find(({ row }) => {
      const id = row[propertyOf(column)]
      return !(isOptional && id === 0) && !ids.has(id)
    })
    if (lost === undefined) continue
    const id = lost.row[propertyOf(column)]
    throw bad(`${name}.csv:${lost.line}: ${column} ${id} is in no row of ${target}.csv`, 'Add that row, or correct it.')
  }
}

function hintOfMissing(name: string, files: Readonly<Record<string, string>>): string {
  const letters = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '')
  const near = Object.keys(files).find((file) => letters(file) === letters(name))
  return near === undefined
    ? `Its columns are ${GAME_TABLES.find((table) => table.name === name)
        ?.columns.map((column) => column.name)
        .join(', ')}.`
    : `Rename ${near}.csv to ${name}.csv.`
}

function bad(message: string, hint: string): TerraneError {
  return new TerraneError('bad_game_data', message, { hint })
}
