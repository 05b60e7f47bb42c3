import { createReadStream } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf, TerraneError } from '@terrane/core'
import type { ClientFiles } from '@terrane/gamedata'
import { CommandFailure } from '../process/failure.js'

/** The tables that ship with Terrane. */
export function shippedDirectory(): string {
  return fileURLToPath(new URL('../game-data', import.meta.resolve('@terrane/combat')))
}

/** The names of a directory's CSV files, and of texts that game tables come as. Throws `CommandFailure`. */
export async function listTables(directory: string): Promise<string[]> {
  let names: string[]
  try {
    names = (await readdir(directory)).filter((file) => /\.(csv|txt)$/i.test(file)).sort()
  } catch (cause) {
    throw new CommandFailure('game_data_not_read', {
      what: `the game data in ${directory} cannot be read`,
      why: messageOf(cause),
      next: NEXT,
      cause,
    })
  }
  if (names.some((file) => /\.csv$/i.test(file))) return names
  throw new CommandFailure('game_data_not_read', {
    what: `there is no game data in ${directory}`,
    why: 'it holds no .csv file',
    next: NEXT,
  })
}

const NEXT =
  'name a directory with one CSV file per table: spells.csv, items.csv and so on, or client tables such as SpellName.csv'

/** The texts of a directory's CSV files, by their names without the ending. Throws `CommandFailure`. */
export async function readCsvFiles(directory: string): Promise<Record<string, string>> {
  const names = (await listTables(directory)).filter((file) => /\.csv$/i.test(file))
  const texts = await Promise.all(names.map(async (file) => [file, await readFile(join(directory, file), 'utf8')]))
  return Object.fromEntries(texts.map(([file = '', text = '']) => [file.replace(/\.csv$/i, ''), text]))
}

/** A directory's files as streams of text. @param names as `listTables` gave them */
export function clientFiles(directory: string, names: readonly string[]): ClientFiles {
  return { names, read: (name) => streamText(join(directory, name), name) }
}

async function* streamText(path: string, name: string): AsyncIterable<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (bytes?: Buffer) => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
    } catch (cause) {
      throw new TerraneError('bad_csv', `${name} is no UTF-8`, { hint: 'Save it as UTF-8, or export it again.', cause })
    }
  }
  for await (const bytes of createReadStream(path, { highWaterMark: 1 << 18 })) yield decode(bytes as Buffer)
  yield decode()
}
