import type { GameData, GameTables } from '@terrane/combat'
import {
  GAME_TABLES,
  type GameDataFormat,
  type ImportReport,
  importClientTables,
  readFiles,
  recogniseFormat,
} from '@terrane/gamedata'
import type { Progress } from '../process/progress.js'
import { clientFiles, listTables, readCsvFiles } from './files.js'

export interface ReadDirectory {
  readonly format: GameDataFormat
  readonly tables: GameTables
  readonly data: GameData
  readonly report: ImportReport
}

/**
 * Reads and checks a directory of tables, Terrane's own or those of a game's client.
 * @param given undefined: whichever the files are
 * @throws TerraneError, CommandFailure
 */
export async function readDirectory(
  directory: string,
  given: GameDataFormat | undefined,
  progress: Progress,
): Promise<ReadDirectory> {
  const names = await listTables(directory)
  const format = given ?? recogniseFormat(names)
  if (format === 'client-tables') {
    const onRead = (file: string, rows: number) => {
      if (rows === 0) progress.step(`reading ${file}`)
      else progress.detail(`reading ${file}: ${rows} rows`)
    }
    return { format, ...(await importClientTables(clientFiles(directory, names), onRead)) }
  }
  const { tables, data } = readFiles(await readCsvFiles(directory), (table) => progress.step(`reading ${table}`))
  // Every row is one of ours already, or the import is refused.
  const counts = GAME_TABLES.map(({ name }) => [name, tables[name].length] as const)
  return {
    format,
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
