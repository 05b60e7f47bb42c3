import { BLUEPRINTS, type Blueprint, type StructureKind } from './blueprints.js'
import { FOUNDATION_REACH, REFUND_SHARE, WORKING_SHARE } from './bounds.js'
import { type Bill, billEntries } from './goods.js'
import type { Structure, Tables } from './kinds.js'
import type { Point } from './region/layout.js'

export function blueprintOf(structure: Pick<Structure, 'kind'>): Blueprint {
  return BLUEPRINTS[structure.kind as StructureKind]
}

export function isWorking(structure: Structure): boolean {
  return structure.hp >= blueprintOf(structure).hpMax * WORKING_SHARE
}

/** What dismantling gives back; the rest of the cost is consumed. */
export function refundOf(blueprint: Blueprint): Bill {
  return Object.fromEntries(
    billEntries(blueprint.cost)
      .map(([item, amount]): [string, number] => [item, Math.floor(amount * REFUND_SHARE)])
      .filter(([, amount]) => amount > 0),
  )
}

/** Foundations of a player within reach of a point, except one. */
export function foundationsNear(tables: Tables, owner: string, at: Point, except = ''): Structure[] {
  const found: Structure[] = []
  for (const other of tables.structures.near(at.x, at.y, FOUNDATION_REACH)) {
    if (other.kind === 'foundation' && other.owner === owner && other.id !== except) found.push(other)
  }
  return found
}

/** Whether a foundation carries something that stands on no other one. */
export function isNeeded(tables: Tables, foundation: Structure): boolean {
  for (const other of tables.structures.near(foundation.x, foundation.y, FOUNDATION_REACH)) {
    const stands = other.owner === foundation.owner && other.kind !== 'foundation'
    if (stands && foundationsNear(tables, other.owner, other, foundation.id).length === 0) return true
  }
  return false
}
