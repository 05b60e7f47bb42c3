import type { Bill } from './goods.js'

export const STRUCTURE_KINDS = ['foundation', 'wall', 'storage', 'refinery', 'habitat', 'beacon'] as const
export type StructureKind = (typeof STRUCTURE_KINDS)[number]

export interface Blueprint {
  readonly cost: Bill
  readonly hpMax: number
  /** Mass of items that it holds. */
  readonly capacity: number
}

export const BLUEPRINTS: Readonly<Record<StructureKind, Blueprint>> = {
  /** The ground of a settlement: everything else stands within reach of one of its owner's. */
  foundation: { cost: { plate: 4, beam: 2 }, hpMax: 400, capacity: 0 },
  wall: { cost: { plate: 2 }, hpMax: 200, capacity: 0 },
  storage: { cost: { plate: 3, beam: 3 }, hpMax: 150, capacity: 2_000 },
  refinery: { cost: { plate: 6, coolant: 2 }, hpMax: 250, capacity: 0 },
  habitat: { cost: { plate: 4, beam: 4, coolant: 2 }, hpMax: 300, capacity: 0 },
  /** The pride of a settlement: costs what only a refinery makes, and is announced to all. */
  beacon: { cost: { alloy: 3, fuel: 1 }, hpMax: 100, capacity: 0 },
}
