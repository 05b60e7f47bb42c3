import { describe, expect, test } from 'vitest'
import { parseCombatConfig } from '../config/config.js'
import { findRunaway } from '../tables/check-values.js'
import { buildGameData, type GameTables } from '../tables/game-data.js'
import { type TinySpell, tinyPlan, tinyTables } from '../test-data/tiny.js'
import { compileCombat } from './compile.js'

const haste = (base: number, spell: Partial<TinySpell> = {}): TinySpell => ({
  name: 'Tempo',
  durationMs: 5_000,
  effects: [
    { kind: 'aura', target: 'self' },
    { kind: 'mod_haste', base },
  ],
  ...spell,
})
const ticks = (spell: Partial<TinySpell> = {}): TinySpell => ({
  ...{ name: 'Brand', durationMs: 5_000, tickMs: 1_000, ticksHasted: true },
  effects: [{ kind: 'aura' }, { kind: 'periodic_damage', base: 1 }],
  ...spell,
})
const problemOf = (tables: GameTables) => {
  const problem = findRunaway(tables)
  return problem && `${problem.table} ${problem.index}: ${problem.what}`
}

describe('tables that no fight could end with', () => {
  test('are none of those that ship with tests', () => {
    expect(problemOf(tinyTables({ tempo: haste(0.3), brand: ticks() }))).toBe(undefined)
  })

  test.each([
    ['all haste is taken', haste(-1), 'spell_effects 1: base is -1: no haste is left'],
    ['more than all', haste(-1.5), 'spell_effects 1: base is -1.5: no haste is left'],
    [
      'by stacks',
      haste(-0.25, { maxStacks: 4 }),
      'spell_effects 1: base is -0.25, 4 times with all its stacks and ranks',
    ],
    ['no time between ticks', ticks({ tickMs: 0 }), 'spells 0: tick_ms is 0, and the spell has periodic effects'],
    ['a time below 0', ticks({ castMs: -1 }), 'spells 0: cast_ms is -1'],
    ['a time of more than 32 bits', ticks({ cooldownMs: 2 ** 31 }), 'spells 0: cooldown_ms is 2147483648'],
  ])('%s', (_, spell, problem) => {
    expect(problemOf(tinyTables({ spell }))).toContain(problem)
  })

  test('just enough haste is left', () => {
    expect(problemOf(tinyTables({ spell: haste(-0.24, { maxStacks: 4 }) }))).toBe(undefined)
  })

  test('by ranks of a talent', () => {
    const tables = tinyTables({ spell: haste(-0.5, { passive: true }) })
    const trait = { id: 1, specId: 1, token: 't', name: 'T', row: 1, position: 1, requiresTraitId: 0, spellId: 1 }
    expect(problemOf({ ...tables, specs_traits: [{ ...trait, maxRanks: 2 }] })).toContain('2 times with all its stacks')
    expect(problemOf({ ...tables, specs_traits: [{ ...trait, maxRanks: 1 }] })).toBe(undefined)
  })

  test('ratings that are divided by 0, and diminished to no haste', () => {
    const tables = tinyTables({ brand: ticks() })
    const [ratings] = tables.combat_ratings
    if (ratings === undefined) throw new Error('there are ratings')
    expect(problemOf({ ...tables, combat_ratings: [{ ...ratings, haste: 0 }] })).toBe('combat_ratings 0: haste is 0')
    const points = [...tables.curve_points, { curveId: ratings.diminishingCurveId, position: 9, x: 200, y: -100 }]
    expect(problemOf({ ...tables, curve_points: points })).toContain('curve_points 3: y is -100')
  })
})

describe('configurations are refused', () => {
  const plan = (spells: Readonly<Record<string, TinySpell>>) =>
    tinyPlan(spells, [{ cast: Object.keys(spells)[0] as string }], { seconds: 10 })

  test('when haste can fall to 0 or below', () => {
    expect(() => plan({ tempo: haste(-1) })).toThrow('spell_effects.csv: Tempo (1), position 1: it leaves 0 of haste')
    expect(() => plan({ tempo: haste(-0.5, { maxStacks: 3 }) })).toThrow('it leaves -0.5 of haste')
    expect(() => plan({ tempo: haste(-2, { passive: true }) })).toThrow('it leaves -1 of haste')
    expect(() => plan({ tempo: haste(Number.NaN) })).toThrow('it leaves NaN of haste')
    expect(plan({ tempo: haste(-0.5) }).durationMs).toBe(10_000)
  })

  test('when ticks can follow each other within a millisecond, whatever makes them', () => {
    const both = (base: number, brand: Partial<TinySpell>) => plan({ brand: ticks(brand), tempo: haste(base) })
    expect(() => both(1_000, {})).toThrow('spells.csv: Brand (1): it ticks every 1000 ms, which is less than 1 ms')
    expect(both(1_000, { ticksHasted: false }).durationMs).toBe(10_000)
    expect(both(900, {}).durationMs).toBe(10_000)
  })

  test('with the code that says so', () => {
    expect(() => plan({ tempo: haste(-1) })).toThrow(
      expect.objectContaining({ code: 'runaway_game_data', hint: expect.stringContaining('above -1') }),
    )
  })

  test('when the stats of gear scale with nothing', () => {
    const tables = { ...tinyTables({ brand: ticks() }), combat_ratings_mult_by_ilvl: [] }
    const config = parseCombatConfig({
      ...{ version: 'v1', spec: 'tester', rotation: { actions: [{ cast: 'brand' }] }, encounter: { seconds: 10 } },
    })
    expect(() => compileCombat(buildGameData(tables), config)).toThrow(
      expect.objectContaining({ code: 'bad_game_data' }),
    )
  })
})
