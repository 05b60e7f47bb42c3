import { BLUEPRINTS } from './blueprints.js'
import { HOLD_MASS_MAX } from './bounds.js'
import { type Bill, billEntries, ITEMS, type Item, MASS } from './goods.js'
import type { Structure, Tables, Tx } from './kinds.js'

/** Where items lie: the hold of a player's ship, or a storage of theirs. */
export interface Place {
  readonly owner: string
  /** Empty for the hold. */
  readonly storage: string
  readonly capacity: number
}

export function holdOf(player: string): Place {
  return { owner: player, storage: '', capacity: HOLD_MASS_MAX }
}

export function storeOf(structure: Structure): Place {
  return {
    owner: structure.owner,
    storage: structure.id,
    capacity: BLUEPRINTS[structure.kind as keyof typeof BLUEPRINTS].capacity,
  }
}

/**
 * Key of a row in `inventories`. Items contain neither mark, so the last mark tells holds from storages
 * and no player can be named so that the two meet.
 */
export function stockKey(place: Pick<Place, 'owner' | 'storage'>, item: Item): string {
  return place.storage === '' ? `${place.owner}/${item}` : `${place.storage}#${item}`
}

export function amountIn(tables: Pick<Tables, 'inventories'>, place: Place, item: Item): number {
  return tables.inventories.get(stockKey(place, item))?.amount ?? 0
}

export function massIn(tables: Pick<Tables, 'inventories'>, place: Place): number {
  let mass = 0
  for (const item of ITEMS) mass += amountIn(tables, place, item) * MASS[item]
  return mass
}

export function roomIn(tables: Pick<Tables, 'inventories'>, place: Place): number {
  return place.capacity - massIn(tables, place)
}

/** Whether a place holds everything of a bill. */
export function covers(tables: Pick<Tables, 'inventories'>, place: Place, bill: Bill): boolean {
  return billEntries(bill).every(([item, amount]) => amountIn(tables, place, item) >= amount)
}

/** Changes a number of pieces; the caller has checked room and stock. */
export function change(tx: Tx, place: Place, item: Item, by: number): void {
  if (by === 0) return
  const id = stockKey(place, item)
  const amount = (tx.inventories.get(id)?.amount ?? 0) + by
  if (amount === 0) tx.inventories.delete(id)
  else if (amount === by) tx.inventories.insert({ id, owner: place.owner, storage: place.storage, item, amount })
  else tx.inventories.update(id, { amount })
}

export function take(tx: Tx, place: Place, bill: Bill): void {
  for (const [item, amount] of billEntries(bill)) change(tx, place, item, -amount)
}

export function put(tx: Tx, place: Place, bill: Bill): void {
  for (const [item, amount] of billEntries(bill)) change(tx, place, item, amount)
}
