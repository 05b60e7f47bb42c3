import { z } from 'zod'
import { HARVEST_COOLDOWN_MS, HARVEST_RANGE, HARVEST_YIELD } from '../bounds.js'
import { aboard } from '../crew.js'
import type { Resource } from '../goods.js'
import type { Input } from '../kinds.js'
import { enterOne } from '../ledger.js'
import { isWithin } from '../region/layout.js'
import { refuse } from '../rejections.js'
import { change, holdOf, roomIn } from '../stock.js'

const args = z.object({ node: z.int() })

/** Takes up to `HARVEST_YIELD` units from a node into the hold. Returns how many. */
export const harvest: Input<typeof args> = {
  args,
  apply(tx, { node: id }) {
    const { player, ship } = aboard(tx)
    const node = tx.resourceNodes.must(id)
    if (!isWithin(ship, node, HARVEST_RANGE)) refuse(tx, 'too_far')
    if (tx.now < player.readyAt) refuse(tx, 'cooling_down')
    if (node.remaining === 0) refuse(tx, 'node_empty')
    const hold = holdOf(player.id)
    const units = Math.min(HARVEST_YIELD, node.remaining, roomIn(tx, hold))
    if (units <= 0) refuse(tx, 'hold_full')
    const resource = node.resource as Resource
    tx.resourceNodes.update(id, { remaining: node.remaining - units, regrowing: true })
    change(tx, hold, resource, units)
    enterOne(tx, 'harvested', resource, units)
    tx.players.update(player.id, { readyAt: tx.now + HARVEST_COOLDOWN_MS, harvested: player.harvested + units })
    return { units }
  },
}
