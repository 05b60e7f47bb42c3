import { BLUEPRINTS, type StructureKind } from '../blueprints.js'
import { type Bill, billEntries, type Content, contentOf, type Item, RESOURCES, type Resource } from '../goods.js'
import { RECIPE_NAMES, type RecipeName, recipeOf } from '../recipes.js'
import type { Amounts } from './view.js'

/** In this order a settlement grows; then the last stage over and over. */
const FIRST_STAGE: readonly StructureKind[] = ['foundation', 'storage', 'wall', 'wall', 'wall', 'refinery']
const LATER_STAGE: readonly StructureKind[] = [
  'habitat',
  'wall',
  'wall',
  'habitat',
  'wall',
  'wall',
  'beacon',
  'storage',
]
/** A bot that has built this many rests on its laurels: 50 bots make 2,000 structures, not 10,000. */
const SETTLEMENT_MAX = 40

/** The next structures of a settlement that has these already. */
export function nextOf(built: readonly StructureKind[], count: number): StructureKind[] {
  const left = new Map<StructureKind, number>()
  for (const kind of built) left.set(kind, (left.get(kind) ?? 0) + 1)
  const next: StructureKind[] = []
  for (let at = 0; at < SETTLEMENT_MAX && next.length < count; at++) {
    const kind = at < FIRST_STAGE.length ? FIRST_STAGE[at] : LATER_STAGE[(at - FIRST_STAGE.length) % LATER_STAGE.length]
    if (kind === undefined) break
    const have = left.get(kind) ?? 0
    if (have > 0) left.set(kind, have - 1)
    else next.push(kind)
  }
  return next
}

export interface Work {
  /** Resources that must still be found. */
  readonly missing: Content
  /** What to craft, in an order in which each finds what the former made. */
  readonly crafts: readonly { readonly recipe: RecipeName; readonly count: number }[]
}

/** What it takes to have everything of a bill in the hold. */
export function workFor(bill: Bill, hold: Amounts): Work {
  const have = { ...hold }
  const missing = { ...contentOf({}) }
  const crafts: { recipe: RecipeName; count: number }[] = []
  const need = (item: Item, amount: number) => {
    const used = Math.min(have[item], amount)
    have[item] -= used
    const short = amount - used
    if (short === 0) return
    const recipe = RECIPE_NAMES.find((name) => recipeOf(name).makes === item)
    if (recipe === undefined) {
      missing[item as Resource] += short
      return
    }
    for (const [part, each] of billEntries(recipeOf(recipe).uses)) need(part, each * short)
    crafts.push({ recipe, count: short })
  }
  for (const [item, amount] of billEntries(bill)) need(item, amount)
  return { missing, crafts }
}

export function isComplete(work: Work): boolean {
  return RESOURCES.every((resource) => work.missing[resource] === 0)
}

/** One bill for several structures. */
export function billFor(kinds: readonly StructureKind[]): Bill {
  const bill: Partial<Record<Item, number>> = {}
  for (const kind of kinds) {
    for (const [item, amount] of billEntries(BLUEPRINTS[kind].cost)) bill[item] = (bill[item] ?? 0) + amount
  }
  return bill
}
