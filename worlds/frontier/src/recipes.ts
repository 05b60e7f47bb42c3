import { type Bill, type Content, contentOf, type Item } from './goods.js'

/** Turns `uses` into one piece of `makes`. `waste` is what the work consumes for good. */
export interface Recipe {
  readonly makes: Item
  readonly uses: Bill
  readonly waste: Content
  /** Only next to a working refinery, anyone's. */
  readonly atRefinery: boolean
}

export const RECIPES = {
  plate: { makes: 'plate', uses: { ore: 2 }, waste: contentOf({}), atRefinery: false },
  beam: { makes: 'beam', uses: { fiber: 2, ore: 1 }, waste: contentOf({}), atRefinery: false },
  coolant: { makes: 'coolant', uses: { ice: 2, gas: 1 }, waste: contentOf({}), atRefinery: false },
  fuel: { makes: 'fuel', uses: { gas: 2, ice: 1 }, waste: contentOf({}), atRefinery: false },
  /** The fuel burns. */
  alloy: { makes: 'alloy', uses: { plate: 2, fuel: 1 }, waste: contentOf({ gas: 2, ice: 1 }), atRefinery: true },
} as const satisfies Record<string, Recipe>

export type RecipeName = keyof typeof RECIPES
export const RECIPE_NAMES = Object.keys(RECIPES) as [RecipeName, ...RecipeName[]]

export function recipeOf(name: RecipeName): Recipe {
  return RECIPES[name]
}
