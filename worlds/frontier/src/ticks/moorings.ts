import type { TickDefinition } from '@terrane/engine'
import { MOOR_AFTER_MS, MOOR_BATCH_MAX, MOOR_EVERY_MS } from '../bounds.js'
import { moor } from '../crew.js'
import type { FrontierKinds, Ship } from '../kinds.js'

/** Takes the ships of absent players off the map, so that what a client sees stays bounded. */
export const moorings: TickDefinition<FrontierKinds> = {
  everyMs: MOOR_EVERY_MS,
  apply(tx) {
    const idle: Ship[] = []
    for (const ship of tx.ships.all()) {
      if (idle.length === MOOR_BATCH_MAX) break
      if (!ship.moving && tx.now - tx.players.must(ship.owner).seenAt >= MOOR_AFTER_MS) idle.push(ship)
    }
    for (const ship of idle) moor(tx, ship)
  },
}
