import { contentOf, RESOURCES } from './goods.js'
import type { Tx } from './kinds.js'
import type { RegionLayout } from './region/layout.js'
import { tileOf } from './sector-lookup.js'

/** Turns a layout into rows of a zone that is opened for the first time. */
export function populate(tx: Tx, layout: RegionLayout): void {
  for (const sector of layout.sectors) tx.sectors.insert({ ...sector, tile: tileOf(sector) })
  for (const [index, lane] of layout.lanes.entries()) tx.lanes.insert({ id: index + 1, ...lane })
  const initial = { ...contentOf({}) }
  for (const [index, deposit] of layout.deposits.entries()) {
    initial[deposit.resource] += deposit.capacity
    tx.resourceNodes.insert({ id: index + 1, ...deposit, remaining: deposit.capacity, regrowing: false })
  }
  for (const resource of RESOURCES) {
    tx.ledger.insert({
      resource,
      initial: initial[resource],
      regrown: 0,
      harvested: 0,
      consumed: 0,
      embodied: 0,
      released: 0,
    })
  }
}
