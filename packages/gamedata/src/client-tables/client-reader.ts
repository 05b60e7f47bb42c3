import { CsvParser } from '@terrane/combat'
import { CLIENT_TABLES, type ClientRow, type ClientTable, type ClientType } from './client-columns.js'
import { type ClientFiles, filesOfTables } from './client-files.js'
import { badData } from './errors.js'
import type { ImportCounts } from './import-report.js'
import { nearest } from './nearest.js'

/** Rows between two notices of progress. */
const ROWS_PER_NOTICE = 100_000

interface Column {
  readonly name: string
  readonly type: ClientType
  readonly index: number
}

/** Reads client tables row by row: of a file nothing is kept but what the caller keeps. */
export class ClientReader {
  readonly #files: ClientFiles
  readonly #paths: ReadonlyMap<ClientTable, string>
  readonly #counts: ImportCounts
  readonly #onRead: (file: string, rows: number) => void

  /**
   * @param onRead called when a file is begun and every 100,000 rows after that
   * @throws TerraneError `bad_game_data` for a table that no file holds, or that two hold
   */
  constructor(files: ClientFiles, counts: ImportCounts, onRead: (file: string, rows: number) => void = () => {}) {
    this.#files = files
    this.#paths = filesOfTables(files.names)
    this.#counts = counts
    this.#onRead = onRead
  }

  has(table: ClientTable): boolean {
    return this.#paths.has(table)
  }

  /**
   * Every row of a table; none of an optional one that is not there.
   * @throws TerraneError `bad_game_data`, `bad_csv`: file, line and column of what is wrong
   */
  async each<T extends ClientTable>(table: T, onRow: (row: ClientRow<T>) => void): Promise<void> {
    const file = this.#paths.get(table)
    if (file === undefined) return
    this.#onRead(file, 0)
    const types = Object.entries(CLIENT_TABLES[table]) as [string, ClientType][]
    const lines = types.some(([name]) => name === 'ID') ? new Map<number, number>() : undefined
    let header: { readonly columns: readonly Column[]; readonly width: number } | undefined
    let rows = 0
    const read = (cells: readonly string[], line: number) => {
      if (header === undefined) {
        header = { columns: columnsOf(table, file, types, cells), width: cells.length }
        return
      }
      rows++
      if (rows % ROWS_PER_NOTICE === 0) this.#onRead(file, rows)
      if (cells.length !== header.width) {
        throw badData(`${file}:${line}: ${cells.length} fields where the header has ${header.width}`, DAMAGED)
      }
      const row: Record<string, string | number> = {}
      for (const column of header.columns)
        row[column.name] = cellValue(cells[column.index] as string, column, file, line)
      if (lines !== undefined) checkUnique(lines, row.ID as number, file, line)
      onRow(row as ClientRow<T>)
    }
    const parser = new CsvParser(file, read, /\.txt$/i.test(file) ? '\t' : ',')
    for await (const piece of this.#files.read(file)) parser.push(piece)
    parser.end()
    if (header === undefined) {
      throw badData(
        `${file} is empty: it has no header row`,
        `Its columns are ${types.map(([name]) => name).join(', ')}.`,
      )
    }
    this.#counts.read(file, rows)
  }

  /** The rows of a table by a column, in which no value stands twice. @param keep undefined: all */
  async index<T extends ClientTable>(
    table: T,
    column: keyof ClientRow<T>,
    keep?: { has(key: number): boolean },
  ): Promise<Map<number, ClientRow<T>>> {
    const rows = new Map<number, ClientRow<T>>()
    await this.each(table, (row) => {
      const key = row[column] as number
      if (keep === undefined || keep.has(key)) rows.set(key, row)
    })
    return rows
  }

  /** All rows of a table. For small ones. */
  async all<T extends ClientTable>(table: T): Promise<ClientRow<T>[]> {
    const rows: ClientRow<T>[] = []
    await this.each(table, (row) => rows.push(row))
    return rows
  }
}

const DAMAGED = 'The file may be cut off or damaged: export it again.'

function columnsOf(
  table: ClientTable,
  file: string,
  types: readonly [string, ClientType][],
  header: readonly string[],
): Column[] {
  return types.map(([name, type]) => {
    const index = type === 'first' ? 0 : header.indexOf(name)
    if (index >= 0) return { name, type, index }
    const strangers = header.filter((each) => !(each in CLIENT_TABLES[table]))
    const near = nearest(name, strangers)
    throw badData(
      `${file} has no column "${name}"${near === undefined ? '' : `; has it been renamed to "${near}"?`}`,
      `Of this table Terrane reads ${types.map(([each]) => each).join(', ')}. Rename the column in the header, or export the table of a build that has it.`,
    )
  })
}

const INT_MIN = -(2 ** 31)
const INT_MAX = 2 ** 32 - 1
const NUMBER_MAX = 3.4028235e38

function cellValue(cell: string, { name, type }: Column, file: string, line: number): string | number {
  if (type === 'text') {
    if (cell.includes('\0')) throw badData(`${file}:${line}: ${name} holds a NUL character`, DAMAGED)
    return copyOf(cell)
  }
  const value = cell === '' || cell.trim() !== cell ? Number.NaN : Number(cell)
  if (type === 'number') {
    if (Math.abs(value) <= NUMBER_MAX) return value
    throw badData(`${file}:${line}: ${name} is ${shown(cell)}`, 'It is a number of 32 bits.')
  }
  if (Number.isInteger(value) && value >= INT_MIN && value <= INT_MAX) return value
  throw badData(`${file}:${line}: ${name} is ${shown(cell)}`, 'It is a whole number of 32 bits, with or without sign.')
}

function shown(cell: string): string {
  return JSON.stringify(cell.length > 40 ? `${cell.slice(0, 40)}…` : cell)
}

/** A part of a text keeps all of it in memory, so that a thousand names would keep the whole file. */
function copyOf(part: string): string {
  return part.length === 0 ? part : ` ${part}`.slice(1)
}

function checkUnique(lines: Map<number, number>, id: number, file: string, line: number): void {
  const before = lines.get(id)
  if (before !== undefined) {
    throw badData(
      `${file}:${line}: ID ${id} is in line ${before} already`,
      'Remove one of the rows, or export it again.',
    )
  }
  lines.set(id, line)
}
