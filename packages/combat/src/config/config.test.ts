import { describe, expect, test } from 'vitest'
import { resolveCharacter } from '../character/character.js'
import { compileCombat } from '../plan/compile.js'
import { profile, SHIPPED, SPECS } from '../test-data/shipped.js'
import { parseCombatConfig } from './config.js'

function compile(change: Record<string, unknown>) {
  return compileCombat(SHIPPED, parseCombatConfig({ ...profile('cinderwright'), ...change }))
}
const rotation = (...actions: unknown[]) => ({ rotation: { actions } })
const when = (condition: string) => rotation({ cast: 'ember_lance', if: condition })
const gear = (slot: string, item: string, more = {}) => ({ gear: [{ slot, item, ...more }] })

describe('what is wrong is named by its field', () => {
  test.each([
    ['unknown spec', { spec: 'pastrywright' }, 'spec: there is no spec "pastrywright"'],
    ['no version', { version: 'v2' }, 'version: '],
    ['NaN seconds', { encounter: { seconds: Number.NaN } }, 'encounter.seconds: '],
    ['endless fight', { encounter: { seconds: 1e9 } }, 'encounter.seconds: '],
    ['no enemies', { encounter: { seconds: 300, enemies: 0 } }, 'encounter.enemies: '],
    ['level', { level: 81 }, 'level: '],
    ['field that nobody knows', { sead: 1 }, 'sead'],
    ['unknown talent', { talents: [{ trait: 'x' }] }, 'talents[0].trait: there is no talent of this spec "x"'],
    ['too many ranks', { talents: [{ trait: 'heat_haze', rank: 3 }] }, 'talents[0].rank: Heat Haze has 2 ranks'],
    ['talent without the one before', { talents: [{ trait: 'molten_tempo' }] }, 'needs Heat Haze'],
    ['unknown item', gear('head', 'paper_hat'), 'gear[0].item: there is no item "paper_hat"'],
    ['item in the wrong slot', gear('feet', 'kilnforged_hood'), 'gear[0].slot: Kilnforged Hood goes into head'],
    ['item for another stat', gear('head', 'oathforged_hood'), 'gear[0].item: Oathforged Hood is made for strength'],
    ['unknown bonus', gear('head', 'kilnforged_hood', { bonuses: [999] }), 'gear[0].bonuses[0]: there is no bonus 999'],
    ['bonus without drop level', gear('head', 'kilnforged_hood', { bonuses: [4] }), 'gear[0].dropLevel: bonus 4'],
    ['empty rotation', { rotation: { actions: [] } }, 'rotation.actions: '],
    ['unknown spell', rotation({ cast: 'ember_dance' }), 'rotation.actions[0].cast: there is no spell'],
    ['passive spell', rotation({ cast: 'glassheart' }), 'rotation.actions[0].cast: '],
    ['unknown list', rotation({ call: 'opener' }), 'rotation.actions[0].call: there is no list "opener"'],
    ['inherited list', rotation({ call: 'constructor' }), 'rotation.actions[0].call: there is no list'],
    [
      'list that calls itself',
      { rotation: { actions: [{ call: 'a' }], lists: { a: [{ call: 'a' }] } } },
      'rotation.lists.a[0].call: the list "a" calls itself',
    ],
    ['unknown name', when('buff.ember.up'), 'rotation.actions[0].if: column 1: there is no buff "ember"'],
    ['buff for debuff', when('1 < 2 && buff.kiln_brand.up'), 'column 10: there is no buff "kiln_brand"'],
    ['unknown member', when('buff.white_heat.upp'), 'column 1: "buff.white_heat.upp" is unknown'],
    ['unknown talent in a condition', when('talent.x'), '"talent.x" is unknown'],
    ['half a condition', when('time >'), 'column 7: something is missing'],
    ['open parenthesis', when('(time'), 'a ")" is missing'],
    ['two values', when('time time'), 'column 6: "time" was not expected'],
    ['strange character', when('time $ 1'), 'column 6: "$" is not understood'],
    ['nested too deep', when(`${'('.repeat(40)}1${')'.repeat(40)}`), 'nested more than 32 deep'],
  ])('%s', (_, change, message) => {
    expect(() => compile(change)).toThrow(
      expect.objectContaining({ code: 'bad_combat_config', message: expect.stringContaining(message) }),
    )
  })

  test.each([[undefined], [null], [7], ['v1'], [[]]])('a config that is %j', (input) => {
    expect(() => parseCombatConfig(input)).toThrow(expect.objectContaining({ code: 'bad_combat_config' }))
  })
})

test.each(SPECS)('the shipped profile of %s compiles', (spec) => {
  expect(compileCombat(SHIPPED, parseCombatConfig(profile(spec))).spec).toBe(spec)
})

test('the order of fields does not change the fingerprint, their values do', () => {
  const config = profile('cinderwright')
  const turned = Object.fromEntries(Object.entries(config).reverse())
  expect(compile(turned).fingerprint).toBe(compile({}).fingerprint)
  expect(compile({ level: 79 }).fingerprint).not.toBe(compile({}).fingerprint)
})

describe('gear', () => {
  const totals = (change: Record<string, unknown>) =>
    resolveCharacter(SHIPPED, parseCombatConfig({ ...profile('cinderwright'), talents: [], gear: [], ...change }))

  test('a naked character has its base: 1800 at level 80, and 675 halfway from 60 (450) to 70 (900)', () => {
    expect(totals({}).power).toBe(1_800)
    expect(totals({ level: 65 }).power).toBe(675)
    expect(totals({}).crit).toBe(0.05)
  })

  test('an epic head of level 480 gives 52.59 % of its budget as the primary stat', () => {
    const budget = SHIPPED.randPropPoints.find(({ itemLevel }) => itemLevel === 480)?.epic0 ?? Number.NaN
    expect(totals(gear('head', 'kilnforged_hood')).power).toBe(1_800 + Math.round(0.5259 * budget))
  })

  test('bonuses raise the item level, between rows of the table linearly', () => {
    const [low, high] = [480, 490].map(
      (level) => SHIPPED.randPropPoints.find((row) => row.itemLevel === level)?.epic0 ?? 0,
    )
    // Bonus 1 adds six levels.
    const budget = (low as number) + 0.6 * ((high as number) - (low as number))
    expect(totals(gear('head', 'kilnforged_hood', { bonuses: [1] })).power).toBe(1_800 + Math.round(0.5259 * budget))
  })

  test('a bonus by drop level replaces the item level: 440 for a drop at 70', () => {
    const budget = SHIPPED.randPropPoints.find(({ itemLevel }) => itemLevel === 440)?.epic0 ?? Number.NaN
    const dropped = gear('head', 'kilnforged_hood', { bonuses: [4], dropLevel: 70 })
    expect(totals(dropped).power).toBe(1_800 + Math.round(0.5259 * budget))
  })

  test('two pieces of a set are worth its first bonus', () => {
    const two = [
      { slot: 'head', item: 'kilnforged_hood' },
      { slot: 'legs', item: 'kilnforged_leggings' },
    ]
    expect(totals({ gear: two.slice(0, 1) }).spells.map(({ spellId }) => spellId)).not.toContain(600)
    expect(totals({ gear: two }).spells.map(({ spellId }) => spellId)).toContain(600)
  })
})

test('points of a stat add to those of the gear, and never fall below nothing', () => {
  const haste = (points: number) =>
    resolveCharacter(SHIPPED, parseCombatConfig({ ...profile('cinderwright'), stats: { haste: points } })).haste
  expect(haste(0)).toBe(resolveCharacter(SHIPPED, parseCombatConfig(profile('cinderwright'))).haste)
  expect(haste(500)).toBeGreaterThan(haste(0))
  expect(haste(-1_000_000)).toBe(0)
  expect(compile({ stats: { crit: 1 } }).fingerprint).not.toBe(compile({}).fingerprint)
})
