import { z } from 'zod'
import { CRAFT_COUNT_MAX, REFINERY_RANGE } from '../bounds.js'
import { aboard } from '../crew.js'
import { timesBill } from '../goods.js'
import type { Input, Tables } from '../kinds.js'
import { enter } from '../ledger.js'
import { RECIPE_NAMES, recipeOf } from '../recipes.js'
import type { Point } from '../region/layout.js'
import { refuse } from '../rejections.js'
import { change, covers, holdOf, take } from '../stock.js'
import { isWorking } from '../structures.js'

const args = z.object({ recipe: z.enum(RECIPE_NAMES), count: z.int().min(1).max(CRAFT_COUNT_MAX) })

/** Makes `count` pieces from what is in the hold. What comes out never weighs more than what went in. */
export const craft: Input<typeof args> = {
  args,
  apply(tx, { recipe: name, count }) {
    const { player, ship } = aboard(tx)
    const recipe = recipeOf(name)
    if (recipe.atRefinery && !hasRefineryNear(tx, ship)) refuse(tx, 'needs_refinery')
    const hold = holdOf(player.id)
    const uses = timesBill(recipe.uses, count)
    if (!covers(tx, hold, uses)) refuse(tx, 'missing_items')
    take(tx, hold, uses)
    change(tx, hold, recipe.makes, count)
    enter(tx, 'consumed', recipe.waste, count)
    tx.players.update(player.id, { crafted: player.crafted + count })
  },
}

function hasRefineryNear(tables: Tables, ship: Point): boolean {
  for (const structure of tables.structures.near(ship.x, ship.y, REFINERY_RANGE)) {
    if (structure.kind === 'refinery' && isWorking(structure)) return true
  }
  return false
}
