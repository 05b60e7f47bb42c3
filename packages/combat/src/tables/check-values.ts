import { TerraneError } from '@terrane/core'
import type { GameTables } from './game-data.js'
import { TABLE_NAMES, TABLES, type TableName } from './schema.js'

/** A row that no fight could end with. */
export interface RowProblem {
  readonly table: TableName
  /** Of the row among those of its table. */
  readonly index: number
  readonly what: string
  readonly hint: string
}

/** Times are kept in 32 bits. */
const MS_MAX = 2 ** 31 - 1

/**
 * The first row with which time would stand still or run away: a time below 0, ticks without time between them, haste that
 * falls to 0, ratings that are divided by 0. Undefined when there is none. What several rows do together is found when a
 * configuration is compiled.
 */
export function findRunaway(tables: GameTables): RowProblem | undefined {
  for (const table of TABLE_NAMES) {
    const problem = badTime(tables, table)
    if (problem !== undefined) return problem
  }
  return badTick(tables) ?? badHaste(tables) ?? badRating(tables)
}

function badTime(tables: GameTables, table: TableName): RowProblem | undefined {
  const times = Object.keys(TABLES[table]).filter((name) => name.endsWith('_ms'))
  const columns = times.map((name) => [name, name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())])
  if (columns.length === 0) return undefined
  for (const [index, row] of tables[table].entries()) {
    for (const [name, key] of columns) {
      const ms = (row as unknown as Readonly<Record<string, number>>)[key as string] as number
      if (ms >= 0 && ms <= MS_MAX) continue
      return { table, index, what: `${name} is ${ms}`, hint: `It is a time from 0 to ${MS_MAX} milliseconds.` }
    }
  }
  return undefined
}

function badTick(tables: GameTables): RowProblem | undefined {
  const ticking = new Set(tables.spell_effects.flatMap(({ spellId, kind }) => (isPeriodic(kind) ? [spellId] : [])))
  const index = tables.spells.findIndex(({ id, tickMs }) => tickMs <= 0 && ticking.has(id))
  if (index < 0) return undefined
  const what = 'tick_ms is 0, and the spell has periodic effects'
  return { table: 'spells', index, what, hint: 'Give it the time from tick to tick.' }
}

function isPeriodic(kind: string): boolean {
  return kind.startsWith('periodic_')
}

function badHaste(tables: GameTables): RowProblem | undefined {
  const stacksOf = new Map(tables.spells.map(({ id, maxStacks }) => [id, Math.max(1, maxStacks)]))
  const ranksOf = new Map<number, number>()
  for (const { spellId, maxRanks } of tables.specs_traits) {
    ranksOf.set(spellId, Math.max(ranksOf.get(spellId) ?? 1, maxRanks))
  }
  for (const [index, { spellId, kind, base }] of tables.spell_effects.entries()) {
    if (kind !== 'mod_haste') continue
    const times = (stacksOf.get(spellId) ?? 1) * (ranksOf.get(spellId) ?? 1)
    if (1 + base * times > 0) continue
    const often = times === 1 ? '' : `, ${times} times with all its stacks and ranks`
    return { table: 'spell_effects', index, what: `base is ${base}${often}: no haste is left`, hint: HASTE_HINT }
  }
  return undefined
}

export const HASTE_HINT = 'A change of haste is a share above -1: -0.3 makes everything take longer by 43 %.'

function badRating(tables: GameTables): RowProblem | undefined {
  for (const [index, row] of tables.combat_ratings.entries()) {
    for (const stat of ['crit', 'haste', 'mastery', 'versatility'] as const) {
      if (row[stat] > 0) continue
      return {
        table: 'combat_ratings',
        index,
        what: `${stat} is ${row[stat]}`,
        hint: 'It is the rating for one percent.',
      }
    }
  }
  const diminishing = new Set(tables.combat_ratings.map(({ diminishingCurveId }) => diminishingCurveId))
  const index = tables.curve_points.findIndex(({ curveId, y }) => y <= -100 && diminishing.has(curveId))
  if (index < 0) return undefined
  const what = `y is ${tables.curve_points[index]?.y}: as haste, that is no haste at all`
  return { table: 'curve_points', index, what, hint: 'Percent in effect are above -100.' }
}

/** @param row its place, as a person finds it: `spells.csv:12` */
export function runaway(place: string, { what, hint }: Pick<RowProblem, 'what' | 'hint'>): TerraneError {
  return new TerraneError('runaway_game_data', `${place}: ${what}`, { hint })
}
