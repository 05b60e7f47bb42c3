import { type Content, RESOURCES, type Resource } from './goods.js'
import type { LedgerLine, Tx } from './kinds.js'

export type Account = Exclude<keyof LedgerLine, 'resource' | 'initial'>

/** Adds to one account, for every resource of which there is any. */
export function enter(tx: Tx, account: Account, content: Content, times = 1): void {
  for (const resource of RESOURCES) enterOne(tx, account, resource, content[resource] * times)
}

export function enterOne(tx: Tx, account: Account, resource: Resource, units: number): void {
  if (units === 0) return
  const line = tx.ledger.must(resource)
  tx.ledger.update(resource, { [account]: line[account] + units })
}
