import type { TickDefinition } from '@terrane/engine'
import { FLY_EVERY_MS } from '../bounds.js'
import type { FrontierKinds, Ship } from '../kinds.js'
import type { Point } from '../region/layout.js'
import { crossesCheckLine, sectorAt } from '../sector-lookup.js'

/** Moves the ships that are under way, and only those. */
export const fly: TickDefinition<FrontierKinds> = {
  everyMs: FLY_EVERY_MS,
  apply(tx, elapsedMs) {
    for (const ship of tx.ships.by.moving.list(true)) {
      const to = advance(ship, (ship.speed * elapsedMs) / 1_000)
      const arrived = to.x === ship.targetX && to.y === ship.targetY
      if (arrived) tx.ships.update(ship.id, { x: to.x, y: to.y, moving: false, sector: sectorAt(tx, to) })
      else if (crossesCheckLine(ship, to)) tx.ships.update(ship.id, { x: to.x, y: to.y, sector: sectorAt(tx, to) })
      else tx.ships.update(ship.id, to)
    }
  },
}

/** Straight towards the target, in whole units; at least one, so that every flight ends. */
export function advance(ship: Pick<Ship, 'x' | 'y' | 'targetX' | 'targetY'>, step: number): Point {
  const dx = ship.targetX - ship.x
  const dy = ship.targetY - ship.y
  const left = Math.sqrt(dx * dx + dy * dy)
  if (left <= Math.max(1, step)) return { x: ship.targetX, y: ship.targetY }
  const share = Math.max(1, step) / left
  return { x: ship.x + Math.round(dx * share), y: ship.y + Math.round(dy * share) }
}
