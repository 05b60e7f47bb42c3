import { TABLE_NAMES } from '@terrane/combat'
import { CLIENT_TABLE_NAMES, type ClientTable, OPTIONAL_TABLES } from './client-columns.js'
import { badData } from './errors.js'
import { nearest } from './nearest.js'

/** What a directory of game data holds: Terrane's own tables, or those of a game's client. */
export type GameDataFormat = 'terrane' | 'client-tables'

/** The files of a directory of client tables. */
export interface ClientFiles {
  /** Of all that may be tables, with their endings. */
  readonly names: readonly string[]
  /** The text of one, in pieces. */
  read(name: string): AsyncIterable<string>
}

/** `SpellName.csv`, `spellname.csv` and `SpellName.12.0.5.66529.csv` are all the table SpellName. */
function tableOfFile(file: string): string {
  return file
    .replace(/\.(csv|txt)$/i, '')
    .replace(/([._-]\d+)+$/, '')
    .toLowerCase()
}

/** By the names of the files, whichever more of them belong to. @throws TerraneError `bad_game_data` when none do */
export function recogniseFormat(names: readonly string[]): GameDataFormat {
  const tables = names.map(tableOfFile)
  const count = (known: readonly string[]) => {
    const lower = new Set(known.map((name) => name.toLowerCase()))
    return tables.filter((table) => lower.has(table)).length
  }
  const own = count(TABLE_NAMES)
  const client = count(CLIENT_TABLE_NAMES)
  if (own !== client) return own > client ? 'terrane' : 'client-tables'
  throw badData(
    own === 0
      ? `none of the ${names.length} files is a table that is known: ${names.slice(0, 5).join(', ')}`
      : `there are as many of Terrane's own tables as of a client's: ${own}`,
    'Name a directory that holds spells.csv, items.csv and so on, or SpellName.csv, ItemSparse.csv and so on; or say which it is with --format.',
  )
}

/**
 * Which file holds each table.
 * @throws TerraneError `bad_game_data` for a table that no file holds, or that two hold
 */
export function filesOfTables(names: readonly string[]): ReadonlyMap<ClientTable, string> {
  const byTable = new Map<string, string>()
  for (const name of [...names].sort()) {
    const table = tableOfFile(name)
    const other = byTable.get(table)
    const known = CLIENT_TABLE_NAMES.some((each) => each.toLowerCase() === table)
    if (known && other !== undefined) throw badData(`${other} and ${name} are the same table`, 'Remove one of them.')
    byTable.set(table, name)
  }
  const files = new Map<ClientTable, string>()
  for (const table of CLIENT_TABLE_NAMES) {
    const file = byTable.get(table.toLowerCase())
    if (file !== undefined) files.set(table, file)
    else if (!OPTIONAL_TABLES.includes(table)) throw missing(table, names)
  }
  return files
}

function missing(table: ClientTable, names: readonly string[]) {
  const others = names.filter((name) => !CLIENT_TABLE_NAMES.some((known) => known.toLowerCase() === tableOfFile(name)))
  const near = nearest(table, others, (name) => name.replace(/\..*$/, ''))
  return badData(
    `the client table ${table} is missing: there is no ${table}.csv`,
    near === undefined ? 'Export it too, from the same build.' : `If ${near} is that table, rename it.`,
  )
}
