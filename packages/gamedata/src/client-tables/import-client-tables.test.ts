import { CombatRunner, compileCombat, parseCombatConfig, type Row, type TableName } from '@terrane/combat'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { CLIENT_TABLES } from './client-columns.js'
import { type ClientImport, importClientTables } from './import-client-tables.js'
import { filesOf, inventedTexts } from './test-tables/files.js'

const TEXTS = inventedTexts()
let imported: ClientImport

beforeAll(async () => {
  imported = await importClientTables(filesOf(TEXTS))
})

function row<T extends TableName>(table: T, key: Partial<Row<T>>): Row<T> {
  const rows = imported.tables[table] as readonly Row<T>[]
  const found = rows.filter((each) =>
    Object.entries(key).every(([name, value]) => each[name as keyof Row<T>] === value),
  )
  expect(found).toHaveLength(1)
  return found[0] as Row<T>
}

describe('what is made of client tables', () => {
  test('powers, in the parts that players see', () => {
    expect(imported.tables.power_types).toEqual([
      { id: 1, token: 'mana', name: 'Mana', max: 10_000, start: 10_000, regen: 0, regenHasted: false },
      { id: 4, token: 'stride', name: 'Stride', max: 100, start: 100, regen: 10, regenHasted: true },
      { id: 5, token: 'gust_points', name: 'Gust Points', max: 5, start: 0, regen: 0, regenHasted: false },
      { id: 12, token: 'alternate', name: 'Alternate', max: 0, start: 0, regen: 0, regenHasted: false },
    ])
    expect(imported.tables.spell_power).toEqual([
      { spellId: 1001, powerType: 1, cost: 250 },
      { spellId: 2001, powerType: 4, cost: 35 },
      { spellId: 2002, powerType: 5, cost: 1 },
    ])
  })

  test('specs, with what they know', () => {
    expect(imported.tables.specs.map(({ token }) => token)).toEqual([
      'kilnborn_cinder',
      'kilnborn_ash',
      'stormfoot_gale',
    ])
    expect(row('specs', { id: 21 })).toMatchObject({
      ...{ className: 'Stormfoot', name: 'Gale', primaryStat: 'agility', powerType1: 4, powerType2: 5 },
      ...{ masteryCoefficient: 1, mainHandSpellId: 0 },
    })
    expect(row('specs', { id: 11 })).toMatchObject({ primaryStat: 'intellect', masteryCoefficient: 1.2, powerType1: 1 })
    const known = (spec: number) =>
      imported.tables.spec_spells.filter(({ specId }) => specId === spec).map(({ spellId }) => spellId)
    expect(known(11)).toEqual([1006, 1001, 1002, 1190])
    expect(known(12)).toEqual([1001, 1002, 1190])
    expect(known(21)).toEqual([2002, 2001, 2003, 2190])
  })

  test('talents of each spec that sees them, and what must be taken before', () => {
    const ofSpec = (spec: number) => imported.tables.specs_traits.filter(({ specId }) => specId === spec)
    expect(ofSpec(11).map(({ id, name }) => [id, name])).toEqual([
      [11_000_001, 'Molten Tempo'],
      [11_000_002, 'Surging Pyre'],
      [11_000_003, 'Glow, "the Bright"'],
    ])
    expect(row('specs_traits', { id: 11_000_002 })).toEqual({
      ...{ id: 11_000_002, specId: 11, token: 'surging_pyre', name: 'Surging Pyre', row: 3, position: 1 },
      ...{ maxRanks: 1, requiresTraitId: 11_000_001, spellId: 1003 },
    })
    // Its node needs one of two, and another only draws a line to it.
    expect(row('specs_traits', { id: 11_000_003 }).requiresTraitId).toBe(0)
    expect(ofSpec(12).map(({ spellId }) => spellId)).toEqual([1005, 1007, 1006])
    expect(ofSpec(21).map(({ spellId }) => spellId)).toEqual([2002, 1008])
  })

  test('spells that a character can come to have, and those that these set off', () => {
    const ids = imported.tables.spells.map(({ id }) => id)
    expect(ids).toContain(1004)
    expect(ids).not.toContain(9001)
    expect(row('spells', { id: 1001 })).toMatchObject({
      ...{ token: 'ember_lance', schoolMask: 4, gcdMs: 1_500, gcdHasted: true, castMs: 1_800, travelMs: 500 },
    })
    expect(row('spells', { id: 1002 })).toMatchObject({
      ...{ durationMs: 18_000, maxDurationMs: 24_000, refresh: 'pandemic', tickMs: 2_000 },
      ...{ ticksHasted: true, ticksMayCrit: true, tickOnApplication: false },
    })
    expect(row('spells', { id: 1003 })).toMatchObject({
      ...{ cooldownMs: 12_000, categoryId: 88, categoryCooldownMs: 3_000, durationMs: 0, requiredAuraId: 1005 },
      ...{ chargeCategoryId: 77, maxCharges: 2, chargeRecoveryMs: 9_000 },
    })
    expect(row('spells', { id: 1005 })).toMatchObject({ gcdMs: 0, maxStacks: 3, token: 'molten_tempo' })
    expect(row('spells', { id: 1007 })).toMatchObject({
      token: 'glow_the_bright',
      name: 'Glow, "the Bright"',
      passive: true,
    })
    expect(row('spells', { id: 2001 })).toMatchObject({ gcdMs: 1_000, gcdHasted: false, requiredAuraId: 0 })
    expect(row('spells', { id: 2003 })).toMatchObject({ channelMs: 3_000, tickMs: 500 })
    expect(row('spells', { id: 5001 })).toMatchObject({
      procChance: 0.15,
      procRppm: 0,
      procFlags: 1,
      procIcdMs: 45_000,
    })
    expect(row('spells', { id: 5002 }).itemScaled).toBe(true)
    expect(row('spells', { id: 6001 })).toMatchObject({ procChance: 0, procRppm: 1.5 })
  })

  test('effects for which the simulation has a word', () => {
    const of = (spell: number) =>
      imported.tables.spell_effects
        .filter(({ spellId }) => spellId === spell)
        .map(({ kind, base, coefficient, target }) => [kind, base, coefficient, target])
    expect(of(1001)).toEqual([['damage', 0, 0.92, 'target']])
    expect(of(1002)).toEqual([
      ['aura', 0, 0, 'target'],
      ['periodic_damage', 0, 0.18, 'target'],
    ])
    expect(row('spell_effects', { spellId: 1003 })).toMatchObject({ kind: 'trigger', triggerSpellId: 1004 })
    expect(row('spell_effects', { spellId: 1004 })).toMatchObject({ base: 120, target: 'all', maxTargets: 5 })
    expect(of(1005)).toEqual([
      ['aura', 0, 0, 'self'],
      ['mod_haste', 0.1, 0, 'self'],
    ])
    expect(of(1007)).toEqual([['mod_damage', 0.05, 0, 'self']])
    expect(row('spell_effects', { spellId: 2001, kind: 'damage' }).weaponCoefficient).toBe(1.5)
    expect(row('spell_effects', { spellId: 2001, kind: 'energize' })).toMatchObject({ powerType: 5, base: 1 })
    expect(row('spell_effects', { spellId: 2002 })).toMatchObject({ powerType: 4, base: 5 })
    // A channel's ticks are no aura.
    expect(of(2003)).toEqual([['damage', 0, 0.4, 'target']])
    expect(of(5002)).toEqual([['damage', 0.5, 0, 'target']])
  })

  test('items, with their stats, effects, sets and bonuses', () => {
    expect(row('items', { id: 3001 })).toEqual({
      ...{ id: 3001, token: 'kilnforged_hood', name: 'Kilnforged Hood', slot: 'head', quality: 'epic', itemLevel: 480 },
      ...{ primaryStat: 'intellect', weaponSpeedMs: 0, weaponCurveId: 0, setId: 60 },
    })
    expect(imported.tables.item_stats.filter(({ itemId }) => itemId === 3001)).toEqual([
      { itemId: 3001, stat: 'primary', allocation: 5_259 },
      { itemId: 3001, stat: 'crit', allocation: 4_200 },
      { itemId: 3001, stat: 'haste', allocation: 2_800 },
    ])
    expect(row('items', { id: 3002 })).toMatchObject({
      name: 'Band of "Quiet, Ash"',
      slot: 'finger',
      quality: 'superior',
    })
    expect(row('items', { id: 3005 })).toMatchObject({ slot: 'trinket', primaryStat: 'any' })
    const dps = (item: number, level: number) =>
      imported.tables.curve_points.find(
        ({ curveId, x }) => curveId === row('items', { id: item }).weaponCurveId && x === level,
      )?.y
    // One hand, epic; two hands of a caster, legendary; a wand, with the budget of rare items.
    expect([dps(3003, 500), dps(3004, 500), dps(3009, 500)]).toEqual([70, 300, 195])
    expect(imported.tables.items.map(({ slot }) => slot)).toContain('two_hand')
    expect(imported.tables.item_effects).toEqual([{ itemId: 3005, spellId: 5001 }])
    expect(imported.tables.item_sets).toEqual([{ setId: 60, pieces: 2, spellId: 6001 }])
    expect(imported.tables.item_bonuses).toEqual([
      { id: 51, kind: 'level', value: 13 },
      { id: 52, kind: 'level_curve', value: 700 },
    ])
  })

  test('scaling', () => {
    expect(imported.tables.curve_points.filter(({ curveId }) => curveId === 700)).toEqual([
      { curveId: 700, position: 0, x: 1, y: 400 },
      { curveId: 700, position: 1, x: 80, y: 620.5 },
    ])
    expect(row('rand_prop_points', { itemLevel: 500 })).toMatchObject({ epic0: 1_000, superior1: 807, good4: 360 })
    expect(row('combat_ratings', { level: 80 })).toEqual({
      ...{ level: 80, crit: 160, haste: 160, mastery: 160, versatility: 200, diminishingCurveId: 710 },
    })
    expect(row('combat_ratings_mult_by_ilvl', { itemLevel: 600 })).toMatchObject({ trinket: 0.9, jewelry: 1.5 })
  })

  test('can be fought with', () => {
    const config = parseCombatConfig({
      version: 'v1',
      spec: 'kilnborn_cinder',
      talents: [{ trait: 'molten_tempo', rank: 2 }, { trait: 'surging_pyre' }],
      gear: [
        { slot: 'head', item: 'kilnforged_hood', bonuses: [51] },
        { slot: 'trinket_1', item: 3005 },
        { slot: 'main_hand', item: 3004 },
      ],
      rotation: {
        actions: [
          { cast: 'kiln_brand', if: 'debuff.kiln_brand.remains < 3' },
          { cast: 'molten_tempo', if: 'buff.molten_tempo.stacks < 3' },
          { cast: 'pyre_surge' },
          { cast: 'ember_lance' },
        ],
      },
      encounter: { seconds: 60, enemies: 2 },
    })
    const result = new CombatRunner(compileCombat(imported.data, config)).run({ seed: 'client', first: 0, count: 20 })
    const damageOf = (id: number) => result.spells.find((spell) => spell.id === id)?.damage ?? 0
    for (const spell of [1001, 1002, 1004, 5002]) expect(damageOf(spell)).toBeGreaterThan(0)
  })
})

describe('the report', () => {
  test('tells what was made, and of every row that was left out why', () => {
    const { read, tables } = imported.report
    expect(read).toMatchObject({ 'SpellEffect.csv': 26, 'ItemSparse.csv': 9, 'CombatRatings.txt': 4 })
    expect(Object.keys(read)).toHaveLength(Object.keys(CLIENT_TABLES).length)
    expect(tables.items).toEqual({
      made: 6,
      leftOut: {
        'not worn in fights': 1,
        'of a quality without stats: poor, common or other': 1,
        'is not in Item': 1,
      },
    })
    expect(tables.item_effects?.leftOut).toEqual({
      'twice on the same item': 1,
      'neither used nor while worn': 1,
      'for one spec only': 1,
      'of an item that is left out': 1,
      'is not in ItemEffect': 1,
      'its spell is not in SpellName': 1,
    })
    expect(tables.spell_effects?.leftOut).toMatchObject({
      'takes all haste, so that time stands still': 2,
      'triggers what triggers it again, at once': 1,
      'triggers a spell that is not in SpellName': 1,
      'ticks at another interval than another of its spell': 1,
      'changes the damage of some schools only': 1,
      'what its aura does is nothing that the simulation has': 2,
    })
    expect(tables.combat_ratings).toEqual({
      made: 3,
      leftOut: { 'a rating of 0, by which nothing can be divided': 1 },
    })
    expect(tables.specs?.leftOut).toEqual({
      'of no class, as those of pets': 1,
      'what a class is before it has one': 1,
    })
  })

  test('accounts for all items, effects and specs that were read', () => {
    const { read, tables } = imported.report
    const sum = (table: TableName) =>
      Object.values(tables[table]?.leftOut ?? {}).reduce((all, count) => all + count, tables[table]?.made ?? 0)
    expect(sum('items')).toBe(read['ItemSparse.csv'])
    expect(sum('specs')).toBe(read['ChrSpecialization.csv'])
    expect(sum('spell_power')).toBe(read['SpellPower.csv'])
  })
})

describe('files', () => {
  test('may be cut into pieces anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 200 }), async (length) => {
        expect((await importClientTables(filesOf(TEXTS, length))).tables).toEqual(imported.tables)
      }),
      { numRuns: 10 },
    )
  })

  test('may end their lines with CRLF, and begin with a byte order mark', async () => {
    const saved = Object.entries(TEXTS).map(([name, text]) => [
      name,
      `\ufeff${text.replace(/^\ufeff/, '').replaceAll('\n', '\r\n')}`,
    ])
    expect((await importClientTables(filesOf(Object.fromEntries(saved), 7))).tables).toEqual(imported.tables)
  })

  test('may be named after their build, in any case, and have columns in any order', async () => {
    const texts = Object.fromEntries(
      Object.entries(TEXTS).map(([name, text]) => [
        name.toLowerCase().replace(/\.csv$/, '.12.0.5.66529.csv'),
        name === 'SpellCastTimes.csv' ? 'Minimum,Base,More,ID\n0,0,,1\n0,1800,,5\n' : text,
      ]),
    )
    expect((await importClientTables(filesOf(texts))).tables).toEqual(imported.tables)
  })

  test('tell how far they have been read', async () => {
    const names = Array.from({ length: 200_001 }, (_, i) => `${20_000 + i},Name ${i}`).join('\n')
    const notices: [string, number][] = []
    await importClientTables(
      filesOf({ ...TEXTS, 'SpellName.csv': `${TEXTS['SpellName.csv']}${names}\n` }, 1 << 16),
      (...notice) => notices.push(notice),
    )
    expect(notices.filter(([file]) => file === 'SpellName.csv')).toEqual([
      ['SpellName.csv', 0],
      ['SpellName.csv', 100_000],
      ['SpellName.csv', 200_000],
    ])
  })

  test('without the two game tables can be read, and are no good for fights', async () => {
    const { 'CombatRatings.txt': ratings, 'CombatRatingsMultByILvl.txt': multipliers, ...texts } = TEXTS
    expect([ratings, multipliers]).not.toContain(undefined)
    const { tables, data } = await importClientTables(filesOf(texts))
    expect(tables.combat_ratings).toEqual([])
    expect(tables.spells).toEqual(imported.tables.spells)
    const config = parseCombatConfig({
      version: 'v1',
      spec: 'kilnborn_ash',
      rotation: { actions: [{ cast: 'ember_lance' }] },
      encounter: { seconds: 10 },
    })
    expect(() => compileCombat(data, config)).toThrow(/^combat_ratings, .* has no rows/)
  })
})
