import { z } from 'zod'
import { BLUEPRINTS, STRUCTURE_KINDS } from '../blueprints.js'
import { BUILD_RANGE, STRUCTURE_SPACING, STRUCTURES_PER_PLAYER_MAX, STRUCTURES_PER_ZONE_MAX } from '../bounds.js'
import { record } from '../chronicle.js'
import { aboard } from '../crew.js'
import { contentOfBill } from '../goods.js'
import type { Input, Player, Structure, Tx } from '../kinds.js'
import { enter } from '../ledger.js'
import { noteHome } from '../nexus/activity.js'
import { isWithin } from '../region/layout.js'
import { refuse } from '../rejections.js'
import { sectorAt } from '../sector-lookup.js'
import { covers, holdOf, take } from '../stock.js'
import { foundationsNear } from '../structures.js'
import { toRegion } from './move.js'

const args = z.object({ kind: z.enum(STRUCTURE_KINDS), x: z.number(), y: z.number() })

/** Puts up a structure from what is in the hold. Returns its key. */
export const build: Input<typeof args> = {
  args,
  apply(tx, { kind, ...place }) {
    const { player, ship } = aboard(tx)
    const at = { x: toRegion(place.x), y: toRegion(place.y) }
    const { cost, hpMax } = BLUEPRINTS[kind]
    if (!isWithin(ship, at, BUILD_RANGE)) refuse(tx, 'too_far')
    if (tx.structures.by.owner.count(player.id) >= STRUCTURES_PER_PLAYER_MAX) {
      refuse(tx, 'limit_reached', `a player has at most ${STRUCTURES_PER_PLAYER_MAX} structures`)
    }
    if (tx.structures.count >= STRUCTURES_PER_ZONE_MAX) {
      refuse(tx, 'limit_reached', `the region has at most ${STRUCTURES_PER_ZONE_MAX} structures`)
    }
    for (const other of tx.structures.near(at.x, at.y, STRUCTURE_SPACING)) {
      if ((other.x - at.x) ** 2 + (other.y - at.y) ** 2 < STRUCTURE_SPACING ** 2) refuse(tx, 'too_close')
    }
    if (kind !== 'foundation' && foundationsNear(tx, player.id, at).length === 0) refuse(tx, 'no_foundation')
    const hold = holdOf(player.id)
    if (!covers(tx, hold, cost)) refuse(tx, 'missing_items')
    take(tx, hold, cost)
    enter(tx, 'embodied', contentOfBill(cost))
    const structure = tx.structures.insert({
      id: tx.newId(),
      owner: player.id,
      kind,
      ...at,
      hp: hpMax,
      sector: sectorAt(tx, at),
    })
    celebrate(tx, player, structure)
    return { structure: structure.id }
  },
}

/** Counts it, makes the first foundation the player's home, and tells everybody what is worth telling. */
function celebrate(tx: Tx, player: Player, structure: Structure): void {
  const { kind, x, y, sector } = structure
  const first = kind === 'foundation' && player.homeX === null
  if (first) {
    tx.players.update(player.id, { homeX: x, homeY: y, built: player.built + 1 })
    noteHome(tx, player.id)
  } else tx.players.update(player.id, { built: player.built + 1 })
  if (first) record(tx, { event: 'founded', captain: player.name, sector, x, y })
  else if (kind === 'beacon') record(tx, { event: 'beacon', captain: player.name, sector, x, y })
}
