import { describe, expect, test } from 'vitest'
import { importClientTables } from './import-client-tables.js'
import { filesOf, inventedTexts } from './test-tables/files.js'

const TEXTS = inventedTexts()

describe('what is wrong is named', () => {
  const withText = (name: string, from: string | RegExp, to: string) => {
    const text = TEXTS[name]?.replace(from, to)
    expect(text).not.toBe(TEXTS[name])
    return { ...TEXTS, [name]: text as string }
  }

  test.each([
    [
      'a renamed column',
      'SpellMisc.csv',
      'SchoolMask',
      'SchoolBits',
      'SpellMisc.csv has no column "SchoolMask"; has it been renamed to "SchoolBits"?',
    ],
    [
      'a column with an ending',
      'SpellEffect.csv',
      'EffectBasePointsF',
      'EffectBasePoints',
      'SpellEffect.csv has no column "EffectBasePointsF"; has it been renamed to "EffectBasePoints"?',
    ],
    ['a missing column', 'SpellPower.csv', 'PowerCostPct,', 'Q,', 'SpellPower.csv has no column "PowerCostPct"'],
    [
      'a renamed column of a game table',
      'CombatRatings.txt',
      'Mastery',
      'Mastery Rating',
      'CombatRatings.txt has no column "Mastery"; has it been renamed to "Mastery Rating"?',
    ],
    ['an empty file', 'Item.csv', /^.*$/s, '', 'Item.csv is empty: it has no header row'],
    [
      'a number beyond 32 bits',
      'SpellDuration.csv',
      '18000,',
      '18000000000,',
      'SpellDuration.csv:2: Duration is "18000000000"',
    ],
    ['a fraction for a whole number', 'SpellCastTimes.csv', '1800', '1.5', 'SpellCastTimes.csv:3: Base is "1.5"'],
    ['a float beyond 32 bits', 'CurvePoint.csv', '620.5', '1e39', 'CurvePoint.csv:2: Pos_1 is "1e39"'],
    ['no number', 'CurvePoint.csv', '620.5', 'NaN', 'CurvePoint.csv:2: Pos_1 is "NaN"'],
    ['infinity', 'CurvePoint.csv', '620.5', 'Infinity', 'CurvePoint.csv:2: Pos_1 is "Infinity"'],
    ['nothing for a number', 'SpellProcsPerMinute.csv', '1.5', '', 'SpellProcsPerMinute.csv:2: BaseProcRate is ""'],
    [
      'a number with spaces',
      'SpellProcsPerMinute.csv',
      '1.5',
      ' 1.5',
      'SpellProcsPerMinute.csv:2: BaseProcRate is " 1.5"',
    ],
    ['an id that is there twice', 'SpellName.csv', '1002,', '1001,', 'SpellName.csv:3: ID 1001 is in line 2 already'],
    [
      'an id twice, behind a field of two lines',
      'ItemSparse.csv',
      '3002,',
      '3001,',
      'ItemSparse.csv:4: ID 3001 is in line 2 already',
    ],
    [
      'a row that is cut off',
      'SpellName.csv',
      /\n9001.*/,
      '\n9001',
      'SpellName.csv:18: 1 fields where the header has 2',
    ],
    ['a quote that is never closed', 'SpellName.csv', 'Beast', '"Beast', 'SpellName.csv:18: a quote is never closed'],
    ['a NUL character', 'SpellName.csv', 'Gust', 'Gu\0st', 'SpellName.csv:12: Name_lang holds a NUL character'],
    [
      'a time that no fight can have',
      'SpellDuration.csv',
      '18000,',
      '3000000000,',
      'spells: id 1002: duration_ms is 3000000000',
    ],
    [
      'levels that are there twice',
      'CombatRatings.txt',
      '\n70\t',
      '\n60\t',
      'combat_ratings: level 60: level 60 is in another row already',
    ],
  ])('%s', async (_, name, from, to, message) => {
    await expect(importClientTables(filesOf(withText(name, from, to)))).rejects.toMatchObject({
      code: expect.stringMatching(/^(bad_game_data|bad_csv|runaway_game_data)$/),
      message: expect.stringContaining(message),
      hint: expect.stringMatching(/\w/),
    })
  })

  test('a missing file', async () => {
    const { 'SpellMisc.csv': misc, ...others } = TEXTS
    await expect(importClientTables(filesOf(others))).rejects.toMatchObject({
      code: 'bad_game_data',
      message: 'the client table SpellMisc is missing: there is no SpellMisc.csv',
    })
    await expect(importClientTables(filesOf({ ...others, 'SpellMisc2.csv': misc as string }))).rejects.toMatchObject({
      hint: 'If SpellMisc2.csv is that table, rename it.',
    })
  })

  test('the same table in two files', async () => {
    const twice = { ...TEXTS, 'SpellName.12.0.csv': TEXTS['SpellName.csv'] as string }
    await expect(importClientTables(filesOf(twice))).rejects.toThrow(
      'SpellName.12.0.csv and SpellName.csv are the same table',
    )
  })
})
