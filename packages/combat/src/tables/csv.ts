import { TerraneError } from '@terrane/core'

/** A row of a CSV text. */
export interface CsvRow {
  readonly cells: readonly string[]
  /** Where it begins; the first is 1. */
  readonly line: number
}

/** In characters. No table has records like this: a longer one has a quote that is never closed. */
export const RECORD_LENGTH_MAX = 1 << 20

/**
 * Rows of a CSV text (RFC 4180: quotes, doubled quotes, LF or CRLF). Empty lines are left out.
 * Throws `bad_csv`, with the line, on a quote that is never closed or stands inside a bare field.
 */
export function parseCsv(text: string, name: string): CsvRow[] {
  const rows: CsvRow[] = []
  const parser = new CsvParser(name, (cells, line) => rows.push({ cells, line }))
  parser.push(text)
  parser.end()
  return rows
}

/**
 * The same for a text that comes in pieces, cut anywhere: it holds no more than the piece and one record. Cells may share
 * the memory of their piece, so that who keeps them for long should copy them.
 */
export class CsvParser {
  readonly #name: string
  readonly #onRow: (cells: readonly string[], line: number) => void
  readonly #separator: string
  #rest = ''
  #line = 1
  #isFirst = true

  /** @param separator of fields: one character */
  constructor(name: string, onRow: (cells: readonly string[], line: number) => void, separator = ',') {
    this.#name = name
    this.#onRow = onRow
    this.#separator = separator
  }

  push(piece: string): void {
    if (piece === '') return
    this.#rest = this.#parse(this.#rest + piece, false)
    if (this.#rest.length <= RECORD_LENGTH_MAX) return
    throw this.#bad(this.#line, `a record has more than ${RECORD_LENGTH_MAX} characters: a quote may never be closed`)
  }

  /** There are no more pieces. */
  end(): void {
    this.#rest = this.#parse(this.#rest, true)
  }

  /** Returns what is not a whole record yet. */
  #parse(text: string, isLast: boolean): string {
    let at = 0
    if (this.#isFirst && text !== '') {
      this.#isFirst = false
      // A byte order mark.
      if (text.charCodeAt(0) === 0xfeff) at = 1
    }
    let quote = text.indexOf('"', at)
    while (at < text.length) {
      const newline = text.indexOf('\n', at)
      if (newline < 0 && !isLast) break
      const end = newline < 0 ? text.length : newline
      if (quote >= 0 && quote < at) quote = text.indexOf('"', at)
      if (quote >= 0 && quote < end) {
        const next = this.#quotedRecord(text, at, isLast)
        if (next < 0) break
        at = next
      } else {
        this.#bareRecord(text.slice(at, text[end - 1] === '\r' && end > at ? end - 1 : end))
        at = end + 1
      }
    }
    return text.slice(at)
  }

  /** Most records hold no quote, and are one line. */
  #bareRecord(record: string): void {
    if (record.includes('\r')) throw this.#bad(this.#line, 'a carriage return stands without a line feed')
    if (record !== '') this.#onRow(record.split(this.#separator), this.#line)
    this.#line++
  }

  /** Returns where the next record begins; -1 when this one has not come to its end. */
  #quotedRecord(text: string, from: number, isLast: boolean): number {
    const cells: string[] = []
    let line = this.#line
    let at = from
    for (;;) {
      if (text[at] === '"') {
        const closed = this.#closingQuote(text, at, isLast, line)
        if (closed < 0) return -1
        const cell = text.slice(at + 1, closed)
        for (let i = cell.indexOf('\n'); i >= 0; i = cell.indexOf('\n', i + 1)) line++
        cells.push(cell.includes('"') ? cell.replaceAll('""', '"') : cell)
        at = closed + 1
      } else {
        const end = this.#endOfBare(text, at, line)
        cells.push(text.slice(at, end))
        at = end
      }
      if (text[at] === this.#separator) {
        at++
        continue
      }
      // More may come: the separator, the rest of CRLF or of a bare field.
      if (!isLast && (at >= text.length || (text[at] === '\r' && at + 1 >= text.length))) return -1
      if (text[at] === '\r') at++
      if (at < text.length && text[at] !== '\n') throw this.#bad(line, 'there is text behind a closing quote')
      if (cells.length > 1 || cells[0] !== '') this.#onRow(cells, this.#line)
      this.#line = line + 1
      return at + 1
    }
  }

  /** -1: it may be in a piece that comes. */
  #closingQuote(text: string, from: number, isLast: boolean, line: number): number {
    let at = from + 1
    for (;;) {
      const quote = text.indexOf('"', at)
      if (quote < 0 && isLast) throw this.#bad(line, 'a quote is never closed')
      if (quote < 0 || (quote + 1 === text.length && !isLast)) return -1
      if (text[quote + 1] !== '"') return quote
      at = quote + 2
    }
  }

  #endOfBare(text: string, from: number, line: number): number {
    let end = from
    while (end < text.length && text[end] !== this.#separator && text[end] !== '\n' && text[end] !== '\r') {
      if (text[end] === '"') throw this.#bad(line, 'a quote stands inside a field that does not begin with one')
      end++
    }
    return end
  }

  #bad(line: number, what: string): TerraneError {
    return new TerraneError('bad_csv', `${this.#name}:${line}: ${what}`, {
      hint: 'Write it as RFC 4180 says: fields with commas or quotes in quotes, and each quote in them twice.',
    })
  }
}
