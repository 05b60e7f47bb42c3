import { HOLD_MASS_MAX } from '../bounds.js'
import { ITEMS, type Item, MASS } from '../goods.js'
import type { Tables } from '../kinds.js'
import { stockKey } from '../stock.js'
import { blueprintOf } from '../structures.js'

const known = new Set<string>(ITEMS)

/** Every stock is a whole positive number of a known item, in a place that exists and has room for it. */
export function stocks(tables: Tables): string | undefined {
  const masses = new Map<string, number>()
  for (const stock of tables.inventories.all()) {
    const { id, owner, storage, amount } = stock
    if (!known.has(stock.item)) return `stock ${id} is of an unknown item`
    const item = stock.item as Item
    if (id !== stockKey(stock, item)) return `stock ${id} has the key of another`
    if (!Number.isInteger(amount) || amount <= 0) return `stock ${id} is ${amount}`
    if (!tables.players.has(owner)) return `stock ${id} belongs to nobody`
    const structure = storage === '' ? undefined : tables.structures.get(storage)
    if (storage !== '' && structure === undefined) return `stock ${id} lies in a storage that does not exist`
    if (structure !== undefined && structure.owner !== owner) return `stock ${id} lies in the storage of another`
    const place = storage === '' ? `hold of ${owner}` : storage
    const capacity = structure === undefined ? HOLD_MASS_MAX : blueprintOf(structure).capacity
    const mass = (masses.get(place) ?? 0) + amount * MASS[item]
    if (mass > capacity) return `${place} holds ${mass}, it has room for ${capacity}`
    masses.set(place, mass)
  }
  return undefined
}
