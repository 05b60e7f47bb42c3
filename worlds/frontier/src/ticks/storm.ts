import type { TickDefinition } from '@terrane/engine'
import { STORM_EVERY_MS, STORM_HITS_MAX, STORM_HP_FLOOR_SHARE, STORM_HULL_FLOOR, STORM_RADIUS } from '../bounds.js'
import { record } from '../chronicle.js'
import { speedFor } from '../crew.js'
import type { FrontierKinds, Tx } from '../kinds.js'
import type { Band, Point } from '../region/layout.js'
import { blueprintOf } from '../structures.js'

/** Per hundred: hit points and hull that a storm takes. */
const STRENGTH: Readonly<Record<Band, readonly [low: number, high: number]>> = {
  federation: [1, 5],
  border: [4, 12],
  frontier: [8, 20],
}

/** A storm passes over a random sector and wears what is there. */
export const storm: TickDefinition<FrontierKinds> = {
  everyMs: STORM_EVERY_MS,
  apply(tx) {
    if (tx.sectors.count === 0) return
    const sector = tx.sectors.get(tx.randomInt(1, tx.sectors.count))
    if (sector === undefined) return
    const [low, high] = STRENGTH[sector.band as Band]
    const percent = tx.randomInt(low, high)
    const hits = wearStructures(tx, sector, percent) + wearShips(tx, sector, percent)
    if (hits > 0) record(tx, { event: 'storm', captain: '', sector: sector.id, x: sector.x, y: sector.y })
  },
}

function wearStructures(tx: Tx, centre: Point, percent: number): number {
  const hit = firstOf(tx.structures.near(centre.x, centre.y, STORM_RADIUS))
  for (const structure of hit) {
    const { hpMax } = blueprintOf(structure)
    const hp = worn(structure.hp, Math.ceil((hpMax * percent) / 100), Math.ceil(hpMax * STORM_HP_FLOOR_SHARE))
    if (hp !== structure.hp) tx.structures.update(structure.id, { hp })
  }
  return hit.length
}

function wearShips(tx: Tx, centre: Point, percent: number): number {
  const hit = firstOf(tx.ships.near(centre.x, centre.y, STORM_RADIUS))
  for (const ship of hit) {
    const hull = worn(ship.hull, percent, STORM_HULL_FLOOR)
    if (hull !== ship.hull) tx.ships.update(ship.id, { hull, speed: speedFor(hull) })
  }
  return hit.length
}

/** Never below the floor, and never up to it. */
function worn(value: number, by: number, floor: number): number {
  return Math.min(value, Math.max(floor, value - by))
}

/** A list, because rows change while it is worked through. */
function firstOf<T>(rows: Iterable<T>): T[] {
  const list: T[] = []
  for (const row of rows) {
    if (list.length === STORM_HITS_MAX) break
    list.push(row)
  }
  return list
}
