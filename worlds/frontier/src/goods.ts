/** What lies in the nodes. Everything else is made of these, so they are what is conserved. */
export const RESOURCES = ['ore', 'ice', 'gas', 'fiber'] as const
export type Resource = (typeof RESOURCES)[number]

/** What players carry: the resources, and what is crafted from them. */
export const ITEMS = [...RESOURCES, 'plate', 'beam', 'coolant', 'fuel', 'alloy'] as const
export type Item = (typeof ITEMS)[number]

/** Units of each resource. */
export type Content = Readonly<Record<Resource, number>>
/** Numbers of items. */
export type Bill = Readonly<Partial<Record<Item, number>>>

/**
 * What one piece of an item embodies. Mass is never created: a recipe's inputs embody what its output
 * embodies plus what the recipe declares as waste.
 */
export const CONTENT: Readonly<Record<Item, Content>> = {
  ore: contentOf({ ore: 1 }),
  ice: contentOf({ ice: 1 }),
  gas: contentOf({ gas: 1 }),
  fiber: contentOf({ fiber: 1 }),
  plate: contentOf({ ore: 2 }),
  beam: contentOf({ ore: 1, fiber: 2 }),
  coolant: contentOf({ ice: 2, gas: 1 }),
  fuel: contentOf({ ice: 1, gas: 2 }),
  alloy: contentOf({ ore: 4 }),
}

/** Units of mass of one piece: each unit of a resource weighs 1. */
export const MASS: Readonly<Record<Item, number>> = Object.fromEntries(
  ITEMS.map((item) => [item, RESOURCES.reduce((sum, resource) => sum + CONTENT[item][resource], 0)]),
) as Record<Item, number>

export function contentOf(parts: Partial<Content>): Content {
  return { ore: 0, ice: 0, gas: 0, fiber: 0, ...parts }
}

/** The resources that a bill of items embodies. */
export function contentOfBill(bill: Bill): Content {
  const sum = { ...contentOf({}) }
  for (const [item, amount] of billEntries(bill)) {
    for (const resource of RESOURCES) sum[resource] += CONTENT[item][resource] * amount
  }
  return sum
}

export function massOfBill(bill: Bill): number {
  return billEntries(bill).reduce((sum, [item, amount]) => sum + MASS[item] * amount, 0)
}

export function billEntries(bill: Bill): [Item, number][] {
  return Object.entries(bill) as [Item, number][]
}

/** The bill `times` over. */
export function timesBill(bill: Bill, times: number): Bill {
  return Object.fromEntries(billEntries(bill).map(([item, amount]) => [item, amount * times])) as Bill
}
