import { buildGameData, type GameData, type GameTables, readTableLines } from '@terrane/combat'
import { TerraneError } from '@terrane/core'
import { checkTables } from './check-tables.js'
import { GAME_TABLES } from './game-schema.js'

export interface ReadFiles {
  readonly tables: GameTables
  readonly data: GameData
}

/**
 * Reads and checks the CSV texts of all tables (`spells` for spells.csv).
 * @param onTable called before each
 * @throws TerraneError `bad_game_data`, `runaway_game_data`, `bad_csv`: what is wrong, with file, line and column
 */
export function readFiles(files: Readonly<Record<string, string>>, onTable?: (table: string) => void): ReadFiles {
  const lines = new Map<string, readonly number[]>()
  const entries = GAME_TABLES.map(({ name }) => {
    onTable?.(name)
    const text = files[name]
    if (text === undefined) {
      throw new TerraneError('bad_game_data', `the table ${name} (${name}.csv) is missing`, {
        hint: hintOfMissing(name, files),
      })
    }
    const rows = readTableLines(name, text)
    lines.set(
      name,
      rows.map(({ line }) => line),
    )
    return [name, rows.map(({ row }) => row)]
  })
  const tables = Object.fromEntries(entries) as unknown as GameTables
  const lineOf = (name: string, index: number) => lines.get(name)?.[index]
  checkTables(tables, {
    of: ({ name }, index) => `${name}.csv:${lineOf(name, index)}`,
    within: ({ name }, index) => `line ${lineOf(name, index)}`,
  })
  return { tables, data: buildGameData(tables) }
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
