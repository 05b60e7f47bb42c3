import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf } from '@terrane/core'
import { CommandFailure } from '../process/failure.js'

/** The tables that ship with Terrane. */
export function shippedDirectory(): string {
  return fileURLToPath(new URL('../game-data', import.meta.resolve('@terrane/combat')))
}

/** The texts of a directory's CSV files, by their names without the ending. Throws `CommandFailure`. */
export async function readCsvFiles(directory: string): Promise<Record<string, string>> {
  let names: string[]
  try {
    names = (await readdir(directory)).filter((file) => /\.csv$/i.test(file)).sort()
  } catch (cause) {
    throw new CommandFailure('game_data_not_read', {
      what: `the game data in ${directory} cannot be read`,
      why: messageOf(cause),
      next: 'name a directory with one CSV file per table: spells.csv, items.csv and so on',
      cause,
    })
  }
  if (names.length === 0) {
    throw new CommandFailure('game_data_not_read', {
      what: `there is no game data in ${directory}`,
      why: 'it holds no .csv file',
      next: 'name a directory with one CSV file per table: spells.csv, items.csv and so on',
    })
  }
  const texts = await Promise.all(names.map(async (file) => [file, await readFile(join(directory, file), 'utf8')]))
  return Object.fromEntries(texts.map(([file = '', text = '']) => [file.replace(/\.csv$/i, ''), text]))
}
