import type { StructureKind } from '../blueprints.js'
import { BUILD_RANGE, HARVEST_RANGE, INTERACT_RANGE, REFINERY_RANGE } from '../bounds.js'
import type { Item, Resource } from '../goods.js'
import type { RecipeName } from '../recipes.js'
import type { Point } from '../region/layout.js'

/** What a bot is about. One at a time; each has a place, a range in which it is done, and an end. */
export type Errand =
  /** Harvest a node until the hold has so much of its resource, or is full. */
  | (Site & { readonly kind: 'gather'; readonly node: number; readonly resource: Resource; readonly until: number })
  | (Site & { readonly kind: 'build'; readonly structure: StructureKind; readonly at: Point })
  | (Site & { readonly kind: 'craft'; readonly recipe: RecipeName; readonly count: number })
  | (Site & { readonly kind: 'store'; readonly structure: string; readonly item: Item; readonly amount: number })
  | (Site & { readonly kind: 'fetch'; readonly structure: string; readonly item: Item; readonly amount: number })
  | (Site & { readonly kind: 'repair'; readonly structure: string })
  | (Site & { readonly kind: 'overhaul'; readonly structure: string })
  | (Site & { readonly kind: 'dismantle'; readonly structure: string })
  /** Fly somewhere; nothing else to do. */
  | (Site & { readonly kind: 'roam' })
  | { readonly kind: 'rest'; readonly deadline: number }

interface Site {
  /** Where the ship goes. */
  readonly stand: Point
  /** Given up after this moment, whatever came of it. */
  readonly deadline: number
}

/** How far from its stand a ship may be when it acts: half of what the world allows, the stand takes the other. */
export const ACT_RANGE: Readonly<Record<Errand['kind'], number>> = {
  gather: HARVEST_RANGE / 2,
  build: BUILD_RANGE / 2,
  craft: REFINERY_RANGE / 2,
  store: INTERACT_RANGE / 2,
  fetch: INTERACT_RANGE / 2,
  repair: INTERACT_RANGE / 2,
  overhaul: INTERACT_RANGE / 2,
  dismantle: INTERACT_RANGE / 2,
  roam: 300,
  rest: Number.POSITIVE_INFINITY,
}

/** An input to send. */
export type Order =
  | { readonly input: 'move'; readonly args: Point }
  | { readonly input: 'harvest'; readonly args: { readonly node: number } }
  | { readonly input: 'build'; readonly args: Point & { readonly kind: StructureKind } }
  | { readonly input: 'craft'; readonly args: { readonly recipe: RecipeName; readonly count: number } }
  | {
      readonly input: 'interact'
      readonly args: {
        readonly structure: string
        readonly action: 'deposit' | 'withdraw' | 'repair' | 'overhaul' | 'dismantle'
        readonly item?: Item
        readonly amount?: number
      }
    }

/** What doing an errand comes to, once the ship is there. `last`: the errand ends with it. */
export function orderOf(errand: Errand): { readonly order?: Order; readonly last: boolean } {
  switch (errand.kind) {
    case 'gather':
      return { order: { input: 'harvest', args: { node: errand.node } }, last: false }
    case 'build':
      return { order: { input: 'build', args: { kind: errand.structure, ...errand.at } }, last: true }
    case 'craft':
      return { order: { input: 'craft', args: { recipe: errand.recipe, count: errand.count } }, last: true }
    case 'store':
      return { order: stockOrder(errand.structure, 'deposit', errand.item, errand.amount), last: true }
    case 'fetch':
      return { order: stockOrder(errand.structure, 'withdraw', errand.item, errand.amount), last: true }
    case 'repair':
    case 'overhaul':
    case 'dismantle':
      return { order: { input: 'interact', args: { structure: errand.structure, action: errand.kind } }, last: true }
    case 'roam':
      return { last: true }
    case 'rest':
      return { last: false }
  }
}

function stockOrder(structure: string, action: 'deposit' | 'withdraw', item: Item, amount: number): Order {
  return { input: 'interact', args: { structure, action, item, amount } }
}
