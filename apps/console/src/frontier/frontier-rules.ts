import { BLUEPRINTS, MASS as MASS_BY_ITEM, RECIPES, STRUCTURE_SPACING } from '@terrane/world-frontier'

/** What the world charges and allows, as far as the page tells players beforehand. The server decides. */

export { BUILD_RANGE, HARVEST_RANGE, HOLD_MASS_MAX, HULL_MAX, STRUCTURE_SPACING } from '@terrane/world-frontier'

/** Numbers of items. */
export type Bill = Readonly<Partial<Record<string, number>>>

/** Of one piece of each item, in the order in which holds show them. */
export const MASS: Bill = MASS_BY_ITEM

export const STRUCTURE_COSTS: Readonly<Record<string, Bill>> = costsOf(BLUEPRINTS, ({ cost }) => cost)
export const RECIPE_USES: Readonly<Record<string, Bill>> = costsOf(RECIPES, ({ uses }) => uses)

function costsOf<T>(all: Readonly<Record<string, T>>, cost: (each: T) => Bill): Record<string, Bill> {
  return Object.fromEntries(Object.entries(all).map(([name, each]) => [name, cost(each)]))
}

function entries(bill: Bill): [item: string, amount: number][] {
  return Object.entries(bill).map(([item, amount]) => [item, amount ?? 0])
}

/** Pieces in a hold or storage, by item. */
export type Stock = ReadonlyMap<string, number>

export function affordable(bill: Bill, stock: Stock): boolean {
  return entries(bill).every(([item, amount]) => (stock.get(item) ?? 0) >= amount)
}

/** How many times over a stock covers a bill. */
export function timesCovered(bill: Bill, stock: Stock): number {
  return Math.min(...entries(bill).map(([item, amount]) => Math.floor((stock.get(item) ?? 0) / amount)))
}

/** `4 plate, 2 beam` */
export function billText(bill: Bill): string {
  return entries(bill)
    .map(([item, amount]) => `${amount} ${item}`)
    .join(', ')
}

export function massOf(stock: Stock): number {
  let mass = 0
  for (const [item, amount] of stock) mass += (MASS[item] ?? 0) * amount
  return mass
}

interface Point {
  readonly x: number
  readonly y: number
}

const RINGS = [75, 140, 210, 290, 380] as const
const PLACES_PER_RING = 12

/** A place to build near a point, away from what stands there; undefined when all is taken. */
export function freePlace(around: Point, taken: readonly Point[]): Point | undefined {
  for (const radius of RINGS) {
    for (let step = 0; step < PLACES_PER_RING; step++) {
      const angle = (step / PLACES_PER_RING) * 2 * Math.PI
      const place = {
        x: Math.round(around.x + radius * Math.cos(angle)),
        y: Math.round(around.y + radius * Math.sin(angle)),
      }
      if (taken.every((other) => Math.hypot(other.x - place.x, other.y - place.y) >= STRUCTURE_SPACING)) return place
    }
  }
  return undefined
}
