import { CONTENT, type Content, contentOf, contentOfBill, type Item, RESOURCES, type Resource } from '../goods.js'
import type { LedgerLine, Tables } from '../kinds.js'
import { blueprintOf } from '../structures.js'

/** Where the resources are now, summed over all rows. */
interface Holdings {
  readonly nodes: Content
  /** Embodied in what lies in holds and storages. */
  readonly stock: Content
  readonly structures: Content
}

/**
 * Nothing is made and nothing lost: for every resource,
 *   nodes      = initial + regrown − harvested
 *   structures = embodied − released
 *   stock      = harvested − consumed − structures
 * and so nodes + stock + structures + consumed = initial + regrown.
 */
export function conservation(tables: Tables): string | undefined {
  // A zone into which no region was imported yet.
  if (tables.sectors.count === 0 && tables.ledger.count === 0) return undefined
  const { nodes, stock, structures } = holdingsOf(tables)
  for (const resource of RESOURCES) {
    const line = tables.ledger.get(resource)
    if (line === undefined) return `the ledger has no line for ${resource}`
    const negative = negativeOf(line)
    if (negative !== undefined) return `the ledger has ${line[negative]} ${resource} ${negative}`
    const wrong =
      differs('nodes', nodes[resource], line.initial + line.regrown - line.harvested) ??
      differs('structures', structures[resource], line.embodied - line.released) ??
      differs('holds and storages', stock[resource], line.harvested - line.consumed - structures[resource])
    if (wrong !== undefined) return `${resource}: ${wrong}`
  }
  return undefined
}

function holdingsOf(tables: Tables): Holdings {
  const nodes = { ...contentOf({}) }
  const stock = { ...contentOf({}) }
  const structures = { ...contentOf({}) }
  for (const node of tables.resourceNodes.all()) nodes[node.resource as Resource] += node.remaining
  for (const { item, amount } of tables.inventories.all()) {
    for (const resource of RESOURCES) stock[resource] += CONTENT[item as Item][resource] * amount
  }
  for (const structure of tables.structures.all()) {
    const content = contentOfBill(blueprintOf(structure).cost)
    for (const resource of RESOURCES) structures[resource] += content[resource]
  }
  return { nodes, stock, structures }
}

function negativeOf(line: LedgerLine): keyof LedgerLine | undefined {
  const accounts = ['initial', 'regrown', 'harvested', 'consumed', 'embodied', 'released'] as const
  return accounts.find((account) => !(line[account] >= 0))
}

function differs(where: string, found: number, expected: number): string | undefined {
  return found === expected ? undefined : `${found} units in ${where}, the ledger says ${expected}`
}
