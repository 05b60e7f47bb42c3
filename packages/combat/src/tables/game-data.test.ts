import { describe, expect, test } from 'vitest'
import { SHIPPED, shippedTables } from '../test-data/shipped.js'
import { tinyTables } from '../test-data/tiny.js'
import { parseCsv } from './csv.js'
import { curveAt } from './curve.js'
import { buildGameData, parseGameData } from './game-data.js'
import { TABLES } from './schema.js'

const badData = (message: string | RegExp) =>
  expect.objectContaining({ code: 'bad_game_data', message: expect.stringMatching(message) })

/** The shipped tables with one text changed. */
function changed(table: string, from: string | RegExp, to: string): Record<string, string> {
  const tables = shippedTables()
  const text = (tables[table] ?? '').replace(from, to)
  expect(text).not.toBe(tables[table])
  return { ...tables, [table]: text }
}

describe('the shipped game data', () => {
  test('has the promised size', () => {
    expect(SHIPPED.specs.size).toBeGreaterThanOrEqual(4)
    expect(SHIPPED.spells.size).toBeGreaterThanOrEqual(60)
    expect(SHIPPED.items.size).toBeGreaterThanOrEqual(200)
    expect(Object.keys(shippedTables()).sort()).toEqual(Object.keys(TABLES).sort())
  })

  test('has a revision that follows its content, not the order of rows', () => {
    const [header, first, ...rest] = (shippedTables().items ?? '').trimEnd().split('\n')
    const turned = { ...shippedTables(), items: [header, ...rest, first].join('\n') }
    expect(parseGameData(turned).revision).toBe(SHIPPED.revision)
    expect(parseGameData(changed('items', ',480,', ',481,')).revision).not.toBe(SHIPPED.revision)
  })
})

describe('parsing names', () => {
  test('a missing table', () => {
    const { spells, ...others } = shippedTables()
    expect(spells).toBeDefined()
    expect(() => parseGameData(others)).toThrow(badData(/^the table spells \(spells\.csv\) is missing/))
  })

  test('a missing column', () => {
    const power = { ...shippedTables(), spell_power: 'spell_id,power_type\n' }
    expect(() => parseGameData(power)).toThrow(badData(/^spell_power\.csv has no column "cost"$/))
  })

  test('a renamed column', () => {
    const renamed = changed('spells', 'cast_ms', 'cast_time_ms')
    expect(() => parseGameData(renamed)).toThrow(badData('no column "cast_ms"; has it been renamed to "cast_time_ms"?'))
  })

  test('but not columns in another order, or more of them', () => {
    const power = (shippedTables().spell_power ?? '')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','))
    const text = power.map(([spell, type, cost]) => [cost, 'note', spell, type].join(',')).join('\r\n')
    const withHeader = text.replace('cost,note', 'cost,remark')
    expect(parseGameData({ ...shippedTables(), spell_power: withHeader }).costs).toEqual(SHIPPED.costs)
  })

  test.each([
    ['power_types', '100,50', 'NaN,50', /power_types\.csv:2: max is "NaN"/],
    ['power_types', '100,50', '1.5,50', /csv:2: max is "1\.5"/],
    ['power_types', ',0,0\n', ',0,yes\n', /csv:2: regen_hasted is "yes"/],
    ['items', 'epic', 'mythic', /items\.csv:2: quality is "mythic"/],
    ['spell_power', '101,2,250', '101,2', /csv:2: 2 fields where the header has 3/],
    ['spell_power', '101,2,250', '99,2,250', /spell_power\.csv: spell_id 99 leads nowhere/],
    ['curve_points', '1,0,1,20', '1,0,100,20', /curve 1 has points whose x does not ascend/],
  ])('a bad value in %s: %s → %s', (table, from, to, message) => {
    expect(() => parseGameData(changed(table, from, to))).toThrow(badData(message))
  })

  test('an id that is there twice', () => {
    const tables = tinyTables({ a: { effects: [] } })
    const twice = { ...tables, spells: [...tables.spells, ...tables.spells] }
    expect(() => buildGameData(twice)).toThrow(badData('spells.csv has two rows with id 1'))
  })
})

test('CSV as in RFC 4180', () => {
  expect(parseCsv('a,"b ""x"", y"\r\n"two\nlines",\n\n1,2', 'x.csv')).toEqual([
    { cells: ['a', 'b "x", y'], line: 1 },
    { cells: ['two\nlines', ''], line: 2 },
    { cells: ['1', '2'], line: 5 },
  ])
  expect(() => parseCsv('a\n"b', 'x.csv')).toThrow('x.csv:2: a quote is never closed')
  expect(() => parseCsv('a\nb"c', 'x.csv')).toThrow('x.csv:2: a quote stands inside')
})

test('curves: linear between their points, steps from point to point, level beyond their ends', () => {
  const points = { xs: [10, 20], ys: [100, 200] }
  const at = (interpolation: 'linear' | 'step') =>
    [5, 10, 15, 20, 99].map((x) => curveAt({ interpolation, ...points }, x))
  expect(at('linear')).toEqual([100, 100, 150, 200, 200])
  expect(at('step')).toEqual([100, 100, 100, 200, 200])
})
