import type { TransactionContext } from '@terrane/engine'

/** Every code with which this world refuses an input. */
export const REJECTIONS = {
  too_far: 'the ship is too far away',
  cooling_down: 'the harvester is still cooling down',
  node_empty: 'nothing is left in the node',
  hold_full: 'the hold has no room for it',
  missing_items: 'the hold does not have what this costs',
  too_close: 'another structure stands too close',
  no_foundation: 'no foundation of yours is within reach',
  limit_reached: 'no more of these may be built',
  not_owner: 'this belongs to another player',
  wrong_structure: 'this structure cannot do that',
  broken: 'the structure needs repair first',
  undamaged: 'nothing is damaged',
  store_full: 'the storage has no room for it',
  store_lacks: 'the storage does not have that many',
  not_empty: 'the storage must be emptied first',
  in_use: 'other structures stand on this foundation',
  needs_refinery: 'no working refinery is near',
  region_full: 'the region takes no more players',
  region_unknown: 'no region has been imported here',
  no_warp: 'no warp leads there',
} as const

export type Rejection = keyof typeof REJECTIONS

export function refuse(tx: TransactionContext, code: Rejection, message: string = REJECTIONS[code]): never {
  return tx.reject(code, message)
}
