import type { TickDefinition } from '@terrane/engine'
import { REGROW_EVERY_MS, REGROW_SHARE } from '../bounds.js'
import { contentOf, type Resource } from '../goods.js'
import type { FrontierKinds } from '../kinds.js'
import { enter } from '../ledger.js'

/** Lets the nodes that were harvested grow back, and only those. */
export const regrow: TickDefinition<FrontierKinds> = {
  everyMs: REGROW_EVERY_MS,
  apply(tx) {
    const regrown = { ...contentOf({}) }
    for (const node of tx.resourceNodes.by.regrowing.list(true)) {
      const units = Math.min(Math.ceil(node.capacity * REGROW_SHARE), node.capacity - node.remaining)
      const remaining = node.remaining + units
      regrown[node.resource as Resource] += units
      tx.resourceNodes.update(node.id, { remaining, regrowing: remaining < node.capacity })
    }
    enter(tx, 'regrown', regrown)
  },
}
