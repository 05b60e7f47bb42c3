import type { ColumnType } from '@terrane/engine'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../test-server/test-database.js'
import { arrayLiteral } from './array-literal.js'
import { timestampText } from './timestamp.js'

describe('array literals', () => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createTestDatabase()
  })

  afterAll(() => database.drop())

  /** What the server makes of a literal, element by element, as text. */
  async function elements(type: string, literal: string, output = 'u.e::text'): Promise<unknown[]> {
    const rows = await database.query(`SELECT ${output} AS e FROM unnest($1::${type}[]) AS u (e)`, [literal])
    return rows.map((row) => row.e)
  }

  async function roundTrip<T>(
    type: ColumnType,
    sqlType: string,
    values: fc.Arbitrary<T>,
    parse: (text: string) => unknown,
    output?: string,
  ): Promise<void> {
    const arrays = fc.array(fc.option(values, { nil: null }), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(arrays, async (array) => {
        const found = await elements(sqlType, arrayLiteral(type, array), output)
        expect(found.map((each) => (each === null ? null : parse(each as string)))).toEqual(array)
      }),
      { numRuns: 60 },
    )
  }

  test('text: any text, with quotes, backslashes, braces, commas, NULL and empty', async () => {
    const nasty = fc.constantFrom(
      '',
      'NULL',
      'null',
      '"',
      '\\',
      '\\"',
      '{',
      '}',
      '{}',
      ',',
      ' ',
      "'",
      '\n',
      '🚀',
      '\\N',
    )
    const text = fc.oneof(
      nasty,
      fc.string({ unit: 'binary' }),
      fc.array(nasty).map((parts) => parts.join('')),
    )
    await roundTrip(
      'text',
      'text',
      text.map((each) => each.replaceAll('\0', '')),
      (each) => each,
    )
  })

  test('integers up to 2⁵³', async () => {
    await roundTrip('integer', 'int8', fc.maxSafeInteger(), Number)
  })

  test('floats, with NaN, infinities, subnormals and -0', async () => {
    const special = fc.constantFrom(
      Number.NaN,
      Infinity,
      -Infinity,
      -0,
      0,
      5e-324,
      1.7976931348623157e308,
      0.1,
      1e21,
      1e-7,
    )
    await roundTrip('float', 'float8', fc.oneof(fc.double(), special), Number)
  })

  test('booleans', async () => {
    await roundTrip('boolean', 'bool', fc.boolean(), (text) => text === 'true')
  })

  test('JSON values', async () => {
    const json = fc
      .jsonValue()
      .filter((value) => value !== null && !/\\u0000|__proto__/.test(JSON.stringify(value)))
      .map((value) => JSON.parse(JSON.stringify(value)) as unknown)
    await roundTrip('json', 'text', json, (text) => JSON.parse(text), 'u.e::jsonb::text')
  })

  test('dates of any year that both sides know', async () => {
    const dates = fc.date({ min: new Date(-210_000_000_000_000), max: new Date(8.64e15), noInvalidDate: true })
    const edges = fc.constantFrom(
      '0000-01-01',
      '0001-01-01',
      '-000001-12-31',
      '9999-12-31',
      '+010000-01-01',
      '1969-12-31',
    )
    const any = fc.oneof(
      dates,
      edges.map((day) => new Date(`${day}T23:59:59.999Z`)),
    )
    const output = '((extract(epoch FROM u.e) * 1000)::int8)::text'
    await roundTrip('date', 'timestamptz', any, (text) => new Date(Number(text)), output)
  })

  test('bytes', async () => {
    const bytes = fc.uint8Array().map((array) => new Uint8Array(array))
    const parse = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))
    await roundTrip('bytes', 'text', bytes, parse, "encode(decode(u.e, 'hex'), 'hex')")
  })

  test('a part of an array; undefined is NULL', async () => {
    expect(arrayLiteral('integer', [1, 2, undefined, 4], 1, 3)).toBe('{2,NULL}')
    expect(arrayLiteral('text', [])).toBe('{}')
    expect(() => arrayLiteral('text', ['a'], 0, 2)).toThrow(/array literal/)
  })

  test('a value that is no date is refused', () => {
    expect(() => arrayLiteral('date', [new Date(Number.NaN)])).toThrow(/not a valid date/)
    expect(() => arrayLiteral('date', ['2024-01-01'])).toThrow(/not a valid date/)
  })

  test('years outside 0 to 9999 as PostgreSQL writes them', () => {
    expect(timestampText(0)).toBe('1970-01-01 00:00:00.000+00')
    expect(timestampText(Date.UTC(12345, 0, 2))).toBe('12345-01-02 00:00:00.000+00')
    expect(timestampText(new Date('-000001-03-04T05:06:07.008Z').getTime())).toBe('0002-03-04 05:06:07.008+00 BC')
  })
})
