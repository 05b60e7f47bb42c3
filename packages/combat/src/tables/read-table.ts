import { TerraneError } from '@terrane/core'
import { parseCsv } from './csv.js'
import { type ColumnType, type Row, TABLES, type TableName } from './schema.js'

/**
 * The rows of a table's CSV text. Columns may stand in any order and more than are needed may be there. Throws
 * `bad_game_data`, naming file, line and column, for a missing or renamed column and for a value of another type.
 */
export function readTable<T extends TableName>(table: T, text: string): Row<T>[] {
  return readTableLines(table, text).map(({ row }) => row)
}

/** The same, with the line of the file on which each row begins. */
export function readTableLines<T extends TableName>(table: T, text: string): { row: Row<T>; line: number }[] {
  const file = `${table}.csv`
  const [first, ...rows] = parseCsv(text, file)
  const header = first?.cells
  if (header === undefined) throw bad(`${file} is empty: it has no header row`, `Its columns are ${columnsOf(table)}.`)
  const columns = Object.entries(TABLES[table] as Record<string, ColumnType>).map(([name, type]) => {
    const index = header.indexOf(name)
    if (index < 0) throw missing(table, name, header)
    return { name, key: camel(name), type, index }
  })
  return rows.map(({ cells, line }) => {
    const place = `${file}:${line}`
    if (cells.length !== header.length) {
      throw bad(`${place}: ${cells.length} fields where the header has ${header.length}`, 'Give each column a value.')
    }
    const row: Record<string, unknown> = {}
    for (const { name, key, type, index } of columns) row[key] = read(cells[index] ?? '', type, `${place}: ${name}`)
    return { row: row as Row<T>, line }
  })
}

function read(cell: string, type: ColumnType, place: string): unknown {
  if (type === 'text') return cell
  if (typeof type !== 'string') {
    if (type.includes(cell)) return cell
    throw bad(`${place} is "${cell}"`, `It is one of ${type.join(', ')}.`)
  }
  const value = cell.trim() === '' ? Number.NaN : Number(cell)
  if (type === 'flag') {
    if (value === 0 || value === 1) return value === 1
    throw bad(`${place} is "${cell}"`, 'It is 0 or 1.')
  }
  if (type === 'int' ? Number.isSafeInteger(value) : Number.isFinite(value)) return value
  throw bad(`${place} is "${cell}"`, type === 'int' ? 'It is a whole number.' : 'It is a number.')
}

function missing(table: TableName, column: string, header: readonly string[]): TerraneError {
  const strangers = header.filter((name) => !(name in TABLES[table]))
  const near = strangers.find((name) => isNear(name, column)) ?? (strangers.length === 1 ? strangers[0] : undefined)
  return bad(
    `${table}.csv has no column "${column}"${near === undefined ? '' : `; has it been renamed to "${near}"?`}`,
    `Its columns are ${columnsOf(table)}.`,
  )
}

/** The one holds the other, or half of their words are the same. */
function isNear(left: string, right: string): boolean {
  if (left.includes(right) || right.includes(left)) return true
  const words = left.toLowerCase().split(/[^a-z0-9]+/)
  const shared = right.split('_').filter((word) => words.includes(word))
  return shared.length > 0 && 2 * shared.length >= Math.max(words.length, right.split('_').length)
}

function columnsOf(table: TableName): string {
  return Object.keys(TABLES[table]).join(', ')
}

function camel(name: string): string {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
}

export function bad(message: string, hint: string): TerraneError {
  return new TerraneError('bad_game_data', message, { hint })
}
