import { type ColumnType, TABLES, type TableName } from '@terrane/combat'

export type SqlType = 'int8' | 'float8' | 'bool' | 'text' | 'timestamptz'

export interface GameColumn {
  readonly name: string
  /** Its name in rows of the simulation: `max_stacks` is `maxStacks`. */
  readonly property: string
  readonly type: SqlType
}

/** A column that names a row of another table of the same revision. */
export interface Reference {
  readonly column: string
  /** Whose `id` it is. */
  readonly target: TableName
  /** 0 means none. Without it the database knows the reference as a foreign key, and the read API can embed by it. */
  readonly isOptional: boolean
}

export interface GameTable {
  readonly name: TableName
  /** As in the CSV file, in its order; the database has `revision` before them. */
  readonly columns: readonly GameColumn[]
  /** Unique within a revision. */
  readonly key: readonly string[]
  readonly references: readonly Reference[]
}

interface Relations {
  readonly key: readonly string[]
  readonly references?: Readonly<Record<string, TableName | readonly [TableName, 'or 0']>>
}

/** In an order in which rows can be inserted: no table before those that it refers to. */
const RELATIONS: Readonly<Record<TableName, Relations>> = {
  curves: { key: ['id'] },
  curve_points: { key: ['curve_id', 'position'], references: { curve_id: 'curves' } },
  power_types: { key: ['id'] },
  spells: { key: ['id'], references: { required_aura_id: ['spells', 'or 0'] } },
  spell_power: { key: ['spell_id', 'power_type'], references: { spell_id: 'spells', power_type: 'power_types' } },
  spell_effects: {
    key: ['spell_id', 'position'],
    references: { spell_id: 'spells', trigger_spell_id: ['spells', 'or 0'], power_type: ['power_types', 'or 0'] },
  },
  specs: {
    key: ['id'],
    references: {
      primary_curve_id: 'curves',
      power_type_1: ['power_types', 'or 0'],
      power_type_2: ['power_types', 'or 0'],
      main_hand_spell_id: ['spells', 'or 0'],
      off_hand_spell_id: ['spells', 'or 0'],
    },
  },
  spec_spells: { key: ['spec_id', 'spell_id'], references: { spec_id: 'specs', spell_id: 'spells' } },
  specs_traits: {
    key: ['id'],
    references: { spec_id: 'specs', spell_id: 'spells', requires_trait_id: ['specs_traits', 'or 0'] },
  },
  items: { key: ['id'], references: { weapon_curve_id: ['curves', 'or 0'] } },
  item_stats: { key: ['item_id', 'stat'], references: { item_id: 'items' } },
  item_effects: { key: ['item_id', 'spell_id'], references: { item_id: 'items', spell_id: 'spells' } },
  item_bonuses: { key: ['id'] },
  item_sets: { key: ['set_id', 'pieces', 'spell_id'], references: { spell_id: 'spells' } },
  rand_prop_points: { key: ['item_level'] },
  combat_ratings: { key: ['level'], references: { diminishing_curve_id: 'curves' } },
  combat_ratings_mult_by_ilvl: { key: ['item_level'] },
}

/** The tables of the schema `game`, in the order of their insertion. */
export const GAME_TABLES: readonly GameTable[] = (Object.keys(RELATIONS) as TableName[]).map((name) => {
  const { key, references = {} } = RELATIONS[name]
  return {
    name,
    columns: Object.entries(TABLES[name] as Record<string, ColumnType>).map(([column, type]) => ({
      name: column,
      property: propertyOf(column),
      type: sqlTypeOf(type),
    })),
    key,
    references: Object.entries(references).map(([column, target]) => ({
      column,
      target: typeof target === 'string' ? target : target[0],
      isOptional: typeof target !== 'string',
    })),
  }
})

function sqlTypeOf(type: ColumnType): SqlType {
  if (type === 'int') return 'int8'
  if (type === 'number') return 'float8'
  return type === 'flag' ? 'bool' : 'text'
}

/** The name that rows have in the simulation: `max_stacks` is `maxStacks`. */
export function propertyOf(column: string): string {
  return column.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
}
