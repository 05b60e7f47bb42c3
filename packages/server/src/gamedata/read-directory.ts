import type { GameData, GameTables } from '@terrane/combat'
import {
  CLIENT_TABLE_NAMES,
  GAME_TABLES,
  type GameDataFormat,
  type ImportReport,
  importClientTables,
  readFiles,
} from '@terrane/gamedata'
import type { Progress } from '../process/progress.js'
import { clientFiles, listTables, readCsvFiles } from './files.js'

interface ReadDirectory {
  readonly tables: GameTables
  readonly data: GameData
  readonly report: ImportReport
}

/** Steps of reading: a file is one, and SpellEffect of client tables is read twice. */
export const STEPS: Readonly<Record<GameDataFormat, number>> = {
  terrane: GAME_TABLES.length,
  'client-tables': CLIENT_TABLE_NAMES.length + 1,
}

/** Reads and checks a directory of tables. @throws TerraneError, CommandFailure */
export async function readDirectory(
  directory: string,
  format: GameDataFormat,
  progress: Progress,
): Promise<ReadDirectory> {
  if (format === 'client-tables') {
    const onRead = (file: string, rows: number) => {
      if (rows === 0) progress.step(`reading ${file}`)
      else progress.detail(`reading ${file}: ${rows} rows`)
    }
    return await importClientTables(clientFiles(directory, await listTables(directory)), onRead)
  }
  const { tables, data } = readFiles(await readCsvFiles(directory), (table) => progress.step(`reading ${table}`))
  // Every row is one of ours already, or the import is refused.
  const counts = GAME_TABLES.map(({ name }) => [name, tables[name].length] as const)
  return {
    tables,
    data,
    report: {
      read: Object.fromEntries(counts.map(([name, rows]) => [`${name}.csv`, rows])),
      tables: Object.fromEntries(counts.map(([name, made]) => [name, { made, leftOut: {} }])),
    },
  }
}

/** What became of the rows, a line for each table and each reason. */
export function describeReport({ read, tables }: ImportReport): string {
  const rows = Object.values(read).reduce((sum, count) => sum + count, 0)
  const lines = [`${rows} rows read from ${Object.keys(read).length} files`]
  for (const [table, { made, leftOut }] of Object.entries(tables)) {
    lines.push(`${table}: ${made} rows`)
    for (const [why, count] of Object.entries(leftOut).sort(([, a], [, b]) => b - a)) {
      lines.push(`  ${count} left out: ${why}`)
    }
  }
  return `${lines.join('\n')}\n`
}
