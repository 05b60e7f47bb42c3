import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CsvParser, parseCsv, RECORD_LENGTH_MAX } from './csv.js'

/** All rows of a text that comes in pieces of these lengths, again and again. */
function inPieces(text: string, lengths: readonly number[]): (readonly string[])[] {
  const rows: (readonly string[])[] = []
  const parser = new CsvParser('x.csv', (cells) => rows.push(cells))
  for (let at = 0, i = 0; at < text.length; i++) {
    const length = lengths[i % lengths.length] ?? 1
    parser.push(text.slice(at, at + length))
    at += length
  }
  parser.end()
  return rows
}

function written(cell: string, isQuoted: boolean): string {
  return isQuoted || /[",\r\n]/.test(cell) || cell.startsWith('\ufeff') ? `"${cell.replaceAll('"', '""')}"` : cell
}

const cell = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', '\r', ' ', '7', '\ufeff', '🜂'), maxLength: 8 })
const table = fc.array(fc.array(fc.tuple(cell, fc.boolean()), { minLength: 1, maxLength: 5 }), { maxLength: 6 })
const pieces = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 })

describe('what is written as RFC 4180 says', () => {
  test('is read back, wherever its pieces are cut and however its lines end', () => {
    fc.assert(
      fc.property(
        table,
        pieces,
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.boolean(),
        (rows, lengths, end, bom, last) => {
          const lines = rows.map((row) => row.map(([text, isQuoted]) => written(text, isQuoted)).join(','))
          const text = (bom ? '\ufeff' : '') + lines.join(end) + (last ? end : '')
          // A line with nothing in it is no row.
          const cells = rows
            .map((row) => row.map(([content]) => content))
            .filter((row) => row.length > 1 || row[0] !== '')
          expect(inPieces(text, lengths)).toEqual(cells)
          expect(parseCsv(text, 'x.csv').map((row) => row.cells)).toEqual(cells)
        },
      ),
    )
  })

  test('has its rows on the lines that an editor shows', () => {
    fc.assert(
      fc.property(table, (rows) => {
        const lines = rows.map((row) => row.map(([text]) => written(text, true)).join(','))
        const text = lines.join('\n')
        let line = 1
        const expected = rows.flatMap((row, i) => {
          const at = line
          line += (lines[i] as string).split('\n').length
          return row.length > 1 || row[0]?.[0] !== '' ? [at] : []
        })
        expect(parseCsv(text, 'x.csv').map((row) => row.line)).toEqual(expected)
      }),
    )
  })

  test('and anything else is read the same in pieces as in one, or refused the same', () => {
    const outcome = (read: () => readonly (readonly string[])[]) => {
      try {
        return read()
      } catch (error) {
        return String(error)
      }
    }
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r'), maxLength: 30 }),
        pieces,
        (text, lengths) => {
          const whole = outcome(() => parseCsv(text, 'x.csv').map((row) => row.cells))
          expect(outcome(() => inPieces(text, lengths))).toEqual(whole)
        },
      ),
    )
  })
})

test('a quote that is never closed ends before the memory does', () => {
  const parser = new CsvParser('x.csv', () => {})
  const piece = 'a\n'.repeat(RECORD_LENGTH_MAX / 4)
  parser.push('"')
  parser.push(piece)
  expect(() => {
    parser.push(piece)
    parser.push(piece)
  }).toThrow(/^x\.csv:1: a record has more than 1048576 characters/)
})

test('other separators', () => {
  const rows: (readonly string[])[] = []
  const parser = new CsvParser('x.txt', (cells) => rows.push(cells), '\t')
  parser.push('a\tb, c\n1\t"2\t3"')
  parser.end()
  expect(rows).toEqual([
    ['a', 'b, c'],
    ['1', '2\t3'],
  ])
})
