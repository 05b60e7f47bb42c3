import { parseCombatConfig, type RotationAction } from '../config/config.js'
import { compileCombat } from '../plan/compile.js'
import type { CombatPlan } from '../plan/plan.js'
import { buildGameData, type GameTables, type Spell, type SpellEffect } from '../tables/game-data.js'
import { type Row, TABLES, type TableName } from '../tables/schema.js'

/** A row with 0, '' or the first word in every column that is not given. */
function row<T extends TableName>(table: T, given: Partial<Row<T>>): Row<T> {
  const columns = Object.entries(TABLES[table]).map(([name, type]) => {
    const key = name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
    const empty = type === 'flag' ? false : type === 'text' ? '' : typeof type === 'string' ? 0 : type[0]
    return [key, empty]
  })
  return { ...Object.fromEntries(columns), ...given } as Row<T>
}

export interface TinySpell extends Partial<Omit<Spell, 'id'>> {
  readonly effects: readonly (Partial<SpellEffect> & Pick<SpellEffect, 'kind'>)[]
  readonly cost?: number
}

/**
 * One spec with power 100, no gear, and the given spells (numbered from 1, by token), so that results can be computed
 * by hand. Its power type holds 100 and regenerates 10 a second.
 */
export function tinyTables(spells: Readonly<Record<string, TinySpell>>): GameTables {
  const entries = Object.entries(spells).map(([token, spell], index) => ({ id: index + 1, token, ...spell }))
  return {
    power_types: [row('power_types', { id: 1, token: 'zeal', max: 100, start: 100, regen: 10 })],
    specs: [row('specs', { id: 1, token: 'tester', primaryCurveId: 1, masteryCoefficient: 1, powerType1: 1 })],
    spec_spells: entries.map(({ id }) => ({ specId: 1, spellId: id })),
    specs_traits: [],
    spells: entries.map(({ effects, cost, ...spell }) => row('spells', { maxStacks: 1, refresh: 'reset', ...spell })),
    spell_power: entries.flatMap(({ id, cost }) => (cost === undefined ? [] : [{ spellId: id, powerType: 1, cost }])),
    spell_effects: entries.flatMap(({ id, effects }) =>
      effects.map((effect, position) => row('spell_effects', { spellId: id, position, ...effect })),
    ),
    items: [],
    item_stats: [],
    item_effects: [],
    item_bonuses: [],
    item_sets: [],
    rand_prop_points: [row('rand_prop_points', { itemLevel: 1 })],
    combat_ratings: [
      row('combat_ratings', { level: 1, crit: 1, haste: 1, mastery: 1, versatility: 1, diminishingCurveId: 2 }),
    ],
    combat_ratings_mult_by_ilvl: [row('combat_ratings_mult_by_ilvl', { itemLevel: 1 })],
    curves: [
      { id: 1, name: 'power', interpolation: 'linear' },
      { id: 2, name: 'straight', interpolation: 'linear' },
    ],
    curve_points: [
      { curveId: 1, position: 0, x: 1, y: 100 },
      { curveId: 2, position: 0, x: 0, y: 0 },
      { curveId: 2, position: 1, x: 100, y: 100 },
    ],
  }
}

export function tinyPlan(
  spells: Readonly<Record<string, TinySpell>>,
  actions: readonly RotationAction[],
  encounter: { readonly seconds: number; readonly enemies?: number },
): CombatPlan {
  const config = parseCombatConfig({ version: 'v1', spec: 'tester', rotation: { actions }, encounter })
  return compileCombat(buildGameData(tinyTables(spells)), config)
}
