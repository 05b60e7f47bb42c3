import { INTEREST_RADIUS } from '../bounds.js'
import { ITEMS, type Item, MASS } from '../goods.js'
import type { Player, ResourceNode, Sector, Ship, Stock, Structure } from '../kinds.js'
import { isWithin } from '../region/layout.js'

interface Table<Row> {
  get(key: string | number): Row | undefined
  all(): Iterable<Row>
}

/** The tables that a bot looks at: a client's replica has them, and so has a zone. */
export interface Sight {
  readonly players: Table<Player>
  readonly ships: Table<Ship>
  readonly sectors: Table<Sector>
  readonly resourceNodes: Table<ResourceNode>
  readonly structures: Table<Structure>
  readonly inventories: Table<Stock>
}

export type Amounts = Readonly<Record<Item, number>>

/** What one player sees at one moment. Made anew for every decision and kept by nobody. */
export interface View {
  readonly now: number
  readonly player: Player
  readonly ship: Ship
  readonly sectors: readonly Sector[]
  readonly nodes: readonly ResourceNode[]
  readonly structures: readonly Structure[]
  readonly hold: Amounts
  /** Contents of the player's storages, by the storage's key. */
  readonly stores: ReadonlyMap<string, Amounts>
}

/** Undefined while the player's own rows have not arrived. */
export function viewOf(sight: Sight, playerId: string, now: number): View | undefined {
  const player = sight.players.get(playerId)
  const ship = player === undefined ? undefined : sight.ships.get(player.ship)
  if (player === undefined || ship === undefined) return undefined
  const hold = nothing()
  const stores = new Map<string, Record<Item, number>>()
  for (const { owner, storage, item, amount } of sight.inventories.all()) {
    if (owner !== playerId) continue
    let place = hold
    if (storage !== '') {
      place = stores.get(storage) ?? nothing()
      stores.set(storage, place)
    }
    place[item as Item] = amount
  }
  return {
    now,
    player,
    ship,
    sectors: [...sight.sectors.all()],
    nodes: nearby(sight.resourceNodes.all(), ship),
    structures: nearby(sight.structures.all(), ship),
    hold,
    stores,
  }
}

export function massOf(amounts: Amounts): number {
  return ITEMS.reduce((sum, item) => sum + amounts[item] * MASS[item], 0)
}

export function nothing(): Record<Item, number> {
  return Object.fromEntries(ITEMS.map((item) => [item, 0])) as Record<Item, number>
}

function nearby<T extends { readonly x: number; readonly y: number }>(rows: Iterable<T>, ship: Ship): T[] {
  const found: T[] = []
  for (const row of rows) if (isWithin(row, ship, INTEREST_RADIUS)) found.push(row)
  return found
}
