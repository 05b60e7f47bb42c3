import { TerraneError } from '@terrane/core'

/** A row of a CSV text. */
export interface CsvRow {
  readonly cells: readonly string[]
  /** Where it begins; the first is 1. */
  readonly line: number
}

/**
 * Rows of a CSV text (RFC 4180: quotes, doubled quotes, LF or CRLF). Empty lines are left out.
 * Throws `bad_csv`, with the line, on a quote that is never closed or stands inside a bare field.
 */
export function parseCsv(text: string, name: string): CsvRow[] {
  const rows: CsvRow[] = []
  let row: string[] = []
  let line = 1
  let firstLine = 1
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0
  while (at < text.length) {
    const [field, end] = text[at] === '"' ? quoted(text, at, name, line) : bare(text, at, name, line)
    row.push(field)
    for (let i = at; i < end; i++) if (text[i] === '\n') line++
    at = end
    if (text[at] === ',') {
      at++
      if (at < text.length) continue
      row.push('')
    }
    if (text[at] === '\r') at++
    if (at < text.length && text[at] !== '\n') throw bad(name, line, 'there is text behind a closing quote')
    at++
    line++
    if (row.length > 1 || row[0] !== '') rows.push({ cells: row, line: firstLine })
    row = []
    firstLine = line
  }
  return rows
}

function bare(text: string, from: number, name: string, line: number): [field: string, end: number] {
  let end = from
  while (end < text.length && text[end] !== ',' && text[end] !== '\n' && text[end] !== '\r') {
    if (text[end] === '"') throw bad(name, line, 'a quote stands inside a field that does not begin with one')
    end++
  }
  return [text.slice(from, end), end]
}

function quoted(text: string, from: number, name: string, line: number): [field: string, end: number] {
  let field = ''
  let at = from + 1
  for (;;) {
    const end = text.indexOf('"', at)
    if (end < 0) throw bad(name, line, 'a quote is never closed')
    field += text.slice(at, end)
    if (text[end + 1] !== '"') return [field, end + 1]
    field += '"'
    at = end + 2
  }
}

function bad(name: string, line: number, what: string): TerraneError {
  return new TerraneError('bad_csv', `${name}:${line}: ${what}`, {
    hint: 'Write it as RFC 4180 says: fields with commas or quotes in quotes, and each quote in them twice.',
  })
}
