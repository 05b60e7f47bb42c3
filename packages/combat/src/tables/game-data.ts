import type { Curve } from './curve.js'
import { fingerprint } from './hash.js'
import { bad, readTable } from './read-table.js'
import { type Row, TABLE_NAMES, type TableName } from './schema.js'

export type Spell = Row<'spells'>
export type SpellEffect = Row<'spell_effects'>
export type Item = Row<'items'>
export type Spec = Row<'specs'>
type Trait = Row<'specs_traits'>
export type PowerType = Row<'power_types'>

/** Everything that a simulation may look up. Immutable; one is shared by all jobs of its revision. */
export interface GameData {
  /** Fingerprint of the content: the same tables have the same one, wherever they were read from. */
  readonly revision: string
  readonly specs: ReadonlyMap<number, Spec>
  readonly spells: ReadonlyMap<number, Spell>
  readonly items: ReadonlyMap<number, Item>
  /** The first item with each token. */
  readonly itemTokens: ReadonlyMap<string, Item>
  readonly traits: ReadonlyMap<number, Trait>
  readonly powerTypes: ReadonlyMap<number, PowerType>
  readonly curves: ReadonlyMap<number, Curve>
  /** By spell, in order of their positions. */
  readonly effects: ReadonlyMap<number, readonly SpellEffect[]>
  readonly costs: ReadonlyMap<number, readonly Row<'spell_power'>[]>
  /** By spec. */
  readonly specSpells: ReadonlyMap<number, readonly number[]>
  /** By item. */
  readonly itemStats: ReadonlyMap<number, readonly Row<'item_stats'>[]>
  readonly itemEffects: ReadonlyMap<number, readonly number[]>
  readonly itemBonuses: ReadonlyMap<number, Row<'item_bonuses'>>
  readonly itemSets: readonly Row<'item_sets'>[]
  /** Item levels ascending. */
  readonly randPropPoints: readonly Row<'rand_prop_points'>[]
  readonly ratingMultipliers: readonly Row<'combat_ratings_mult_by_ilvl'>[]
  /** By level of the character. */
  readonly combatRatings: ReadonlyMap<number, Row<'combat_ratings'>>
}

export type GameTables = { readonly [T in TableName]: readonly Row<T>[] }

/**
 * Game data from the texts of its CSV files, by table (`spells` for spells.csv). Throws `bad_game_data` for a table
 * that is missing, a column that is missing or renamed, a value of another type, and a reference that leads nowhere.
 */
export function parseGameData(files: Readonly<Record<string, string>>): GameData {
  const entries = TABLE_NAMES.map((table) => {
    const text = files[table]
    if (text === undefined) throw bad(`the table ${table} (${table}.csv) is missing`, 'Give all tables.')
    return [table, readTable(table, text)]
  })
  return buildGameData(Object.fromEntries(entries) as GameTables)
}

/** Game data from rows, of whatever origin. Throws `bad_game_data` for a reference that leads nowhere. */
export function buildGameData(tables: GameTables): GameData {
  const data: GameData = {
    revision: revisionOf(tables),
    specs: byId('specs', tables.specs),
    spells: byId('spells', tables.spells),
    items: byId('items', tables.items),
    // Of several with the same token the first stands last here, and stays.
    itemTokens: new Map([...tables.items].reverse().map((item) => [item.token, item])),
    traits: byId('specs_traits', tables.specs_traits),
    powerTypes: byId('power_types', tables.power_types),
    curves: curvesOf(tables),
    effects: group(
      [...tables.spell_effects].sort((a, b) => a.spellId - b.spellId || a.position - b.position),
      (row) => row.spellId,
      (row) => row,
    ),
    costs: group(
      tables.spell_power,
      (row) => row.spellId,
      (row) => row,
    ),
    specSpells: group(
      tables.spec_spells,
      (row) => row.specId,
      (row) => row.spellId,
    ),
    itemStats: group(
      tables.item_stats,
      (row) => row.itemId,
      (row) => row,
    ),
    itemEffects: group(
      tables.item_effects,
      (row) => row.itemId,
      (row) => row.spellId,
    ),
    itemBonuses: byId('item_bonuses', tables.item_bonuses),
    itemSets: tables.item_sets,
    randPropPoints: [...tables.rand_prop_points].sort((a, b) => a.itemLevel - b.itemLevel),
    ratingMultipliers: [...tables.combat_ratings_mult_by_ilvl].sort((a, b) => a.itemLevel - b.itemLevel),
    combatRatings: new Map(tables.combat_ratings.map((row) => [row.level, row])),
  }
  checkReferences(tables, data)
  return data
}

/** Does not depend on the order of rows that have an id: a database may give them back in another one. */
function revisionOf(tables: GameTables): string {
  return fingerprint(
    TABLE_NAMES.map((table) => {
      const lines = tables[table].map((row) => JSON.stringify(Object.values(row))).sort()
      return `${table}\n${lines.join('\n')}`
    }).join('\n\n'),
  )
}

function byId<R extends { readonly id: number }>(table: TableName, rows: readonly R[]): Map<number, R> {
  const map = new Map<number, R>()
  for (const row of rows) {
    if (map.has(row.id)) throw bad(`${table}.csv has two rows with id ${row.id}`, 'Give each its own.')
    map.set(row.id, row)
  }
  return map
}

function group<R, V>(rows: readonly R[], keyOf: (row: R) => number, pick: (row: R) => V): Map<number, V[]> {
  const map = new Map<number, V[]>()
  for (const row of rows) {
    const list = map.get(keyOf(row))
    if (list === undefined) map.set(keyOf(row), [pick(row)])
    else list.push(pick(row))
  }
  return map
}

function curvesOf({ curves, curve_points }: GameTables): Map<number, Curve> {
  const points = group(
    [...curve_points].sort((a, b) => a.position - b.position),
    (row) => row.curveId,
    (row) => row,
  )
  return new Map(
    curves.map(({ id, interpolation }) => {
      const own = points.get(id) ?? []
      const isAscending = own.every((point, i) => i === 0 || point.x > (own[i - 1] as { x: number }).x)
      if (own.length === 0 || !isAscending) {
        throw bad(
          `curve ${id} has ${own.length === 0 ? 'no points' : 'points whose x does not ascend'}`,
          'A curve needs at least one row in curve_points.csv, with x ascending by position.',
        )
      }
      return [id, { interpolation, xs: own.map(({ x }) => x), ys: own.map(({ y }) => y) }]
    }),
  )
}

type Reference = [table: TableName, column: string, ids: readonly number[], known: ReadonlyMap<number, unknown>]

/** 0 means none, wherever a reference is optional. */
function checkReferences(tables: GameTables, data: GameData): void {
  const { specs, spells, items, curves, powerTypes, traits } = data
  const optional = (ids: readonly number[]) => ids.filter((id) => id !== 0)
  const references: Reference[] = [
    ['specs', 'primary_curve_id', tables.specs.map((row) => row.primaryCurveId), curves],
    ['specs', 'power_type_1', optional(tables.specs.map((row) => row.powerType1)), powerTypes],
    ['specs', 'power_type_2', optional(tables.specs.map((row) => row.powerType2)), powerTypes],
    ['specs', 'main_hand_spell_id', optional(tables.specs.map((row) => row.mainHandSpellId)), spells],
    ['specs', 'off_hand_spell_id', optional(tables.specs.map((row) => row.offHandSpellId)), spells],
    ['spec_spells', 'spec_id', tables.spec_spells.map((row) => row.specId), specs],
    ['spec_spells', 'spell_id', tables.spec_spells.map((row) => row.spellId), spells],
    ['specs_traits', 'spec_id', tables.specs_traits.map((row) => row.specId), specs],
    ['specs_traits', 'spell_id', tables.specs_traits.map((row) => row.spellId), spells],
    ['specs_traits', 'requires_trait_id', optional(tables.specs_traits.map((row) => row.requiresTraitId)), traits],
    ['spells', 'required_aura_id', optional(tables.spells.map((row) => row.requiredAuraId)), spells],
    ['spell_power', 'spell_id', tables.spell_power.map((row) => row.spellId), spells],
    ['spell_power', 'power_type', tables.spell_power.map((row) => row.powerType), powerTypes],
    ['spell_effects', 'spell_id', tables.spell_effects.map((row) => row.spellId), spells],
    ['spell_effects', 'trigger_spell_id', optional(tables.spell_effects.map((row) => row.triggerSpellId)), spells],
    ['spell_effects', 'power_type', optional(tables.spell_effects.map((row) => row.powerType)), powerTypes],
    ['items', 'weapon_curve_id', optional(tables.items.map((row) => row.weaponCurveId)), curves],
    ['item_stats', 'item_id', tables.item_stats.map((row) => row.itemId), items],
    ['item_effects', 'item_id', tables.item_effects.map((row) => row.itemId), items],
    ['item_effects', 'spell_id', tables.item_effects.map((row) => row.spellId), spells],
    ['item_sets', 'spell_id', tables.item_sets.map((row) => row.spellId), spells],
    ['combat_ratings', 'diminishing_curve_id', tables.combat_ratings.map((row) => row.diminishingCurveId), curves],
  ]
  for (const [table, column, ids, known] of references) {
    const lost = ids.find((id) => !known.has(id))
    if (lost !== undefined) throw bad(`${table}.csv: ${column} ${lost} leads nowhere`, 'Add that row, or correct it.')
  }
}
