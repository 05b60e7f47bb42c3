import { BLUEPRINTS } from '../blueprints.js'
import { CHRONICLE_MAX, HULL_MAX, REGION_SIZE } from '../bounds.js'
import { speedFor } from '../crew.js'
import type { Tables } from '../kinds.js'
import { blueprintOf } from '../structures.js'

/** Positions lie in the region, hit points and amounts in their ranges, and markers say what is so. */
export function ranges(tables: Tables): string | undefined {
  return ships(tables) ?? nodes(tables) ?? structures(tables) ?? moorings(tables) ?? chronicle(tables)
}

function ships(tables: Tables): string | undefined {
  for (const ship of tables.ships.all()) {
    if (!inRegion(ship.x, ship.y)) return `ship ${ship.id} is at ${ship.x}, ${ship.y}`
    if (!inRegion(ship.targetX, ship.targetY)) return `ship ${ship.id} flies to ${ship.targetX}, ${ship.targetY}`
    if (!within(ship.hull, 1, HULL_MAX)) return `ship ${ship.id} has a hull of ${ship.hull}`
    if (ship.speed !== speedFor(ship.hull)) return `ship ${ship.id} has a speed of ${ship.speed}`
    const underWay = ship.x !== ship.targetX || ship.y !== ship.targetY
    if (ship.moving !== underWay) return `ship ${ship.id} is ${underWay ? '' : 'not '}under way and marked otherwise`
    if (!tables.sectors.has(ship.sector)) return `ship ${ship.id} is in sector ${ship.sector}`
  }
  return undefined
}

function nodes(tables: Tables): string | undefined {
  for (const node of tables.resourceNodes.all()) {
    if (!inRegion(node.x, node.y)) return `node ${node.id} is at ${node.x}, ${node.y}`
    if (!within(node.remaining, 0, node.capacity)) return `node ${node.id} has ${node.remaining} of ${node.capacity}`
    if (node.regrowing !== node.remaining < node.capacity) return `node ${node.id} has a wrong mark`
    if (!tables.sectors.has(node.sector)) return `node ${node.id} is in sector ${node.sector}`
  }
  return undefined
}

function structures(tables: Tables): string | undefined {
  for (const structure of tables.structures.all()) {
    const { id, x, y, hp, kind, sector } = structure
    if (!Object.hasOwn(BLUEPRINTS, kind)) return `structure ${id} is a ${kind}`
    if (!inRegion(x, y)) return `structure ${id} is at ${x}, ${y}`
    if (!within(hp, 1, blueprintOf(structure).hpMax)) return `structure ${id} has ${hp} hp`
    if (!tables.sectors.has(sector)) return `structure ${id} is in sector ${sector}`
  }
  return undefined
}

function moorings(tables: Tables): string | undefined {
  for (const { id, mooredX, mooredY, mooredHull } of tables.players.all()) {
    if (mooredX === null || mooredY === null || mooredHull === null) continue
    if (!inRegion(mooredX, mooredY)) return `player ${id} is moored at ${mooredX}, ${mooredY}`
    if (!within(mooredHull, 1, HULL_MAX)) return `player ${id} has a moored hull of ${mooredHull}`
  }
  return undefined
}

function chronicle(tables: Tables): string | undefined {
  return tables.chronicle.count <= CHRONICLE_MAX ? undefined : `the chronicle has ${tables.chronicle.count} entries`
}

function inRegion(x: number, y: number): boolean {
  return within(x, 0, REGION_SIZE) && within(y, 0, REGION_SIZE)
}

/** A whole number in a range. */
function within(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high
}
