import { z } from 'zod'
import { HULL_MAX, INTERACT_RANGE, OVERHAUL_HULL, REPAIR_SHARE } from '../bounds.js'
import { aboard, speedFor } from '../crew.js'
import { CONTENT, contentOfBill, ITEMS, type Item, MASS, massOfBill, RESOURCES } from '../goods.js'
import type { Input, Player, Ship, Structure, Tx } from '../kinds.js'
import { enter } from '../ledger.js'
import { isWithin } from '../region/layout.js'
import { refuse } from '../rejections.js'
import { amountIn, change, holdOf, massIn, put, roomIn, storeOf, take } from '../stock.js'
import { blueprintOf, isNeeded, isWorking, refundOf } from '../structures.js'

export const ACTIONS = ['deposit', 'withdraw', 'repair', 'dismantle', 'overhaul'] as const

const args = z.object({
  structure: z.string().max(64),
  action: z.enum(ACTIONS),
  /** For deposit and withdraw; the others need neither. */
  item: z.enum(ITEMS).nullish(),
  amount: z.int().min(1).max(10_000).nullish(),
})

interface Work {
  readonly tx: Tx
  readonly player: Player
  readonly ship: Ship
  readonly structure: Structure
}

/** Works on a structure in range. */
export const interact: Input<typeof args> = {
  args,
  apply(tx, { structure: id, action, item, amount }) {
    const work = { tx, ...aboard(tx), structure: tx.structures.must(id) }
    if (!isWithin(work.ship, work.structure, INTERACT_RANGE)) refuse(tx, 'too_far')
    switch (action) {
      case 'deposit':
        return deposit(work, item ?? 'ore', amount ?? 1)
      case 'withdraw':
        return withdraw(work, item ?? 'ore', amount ?? 1)
      case 'repair':
        return repair(work)
      case 'dismantle':
        return dismantle(work)
      case 'overhaul':
        return overhaul(work)
    }
  },
}

function deposit({ tx, player, structure }: Work, item: Item, amount: number): void {
  const store = ownStore(tx, player, structure)
  const hold = holdOf(player.id)
  if (amountIn(tx, hold, item) < amount) refuse(tx, 'missing_items')
  if (roomIn(tx, store) < MASS[item] * amount) refuse(tx, 'store_full')
  change(tx, hold, item, -amount)
  change(tx, store, item, amount)
}

function withdraw({ tx, player, structure }: Work, item: Item, amount: number): void {
  const store = ownStore(tx, player, structure)
  const hold = holdOf(player.id)
  if (amountIn(tx, store, item) < amount) refuse(tx, 'store_lacks')
  if (roomIn(tx, hold) < MASS[item] * amount) refuse(tx, 'hold_full')
  change(tx, store, item, -amount)
  change(tx, hold, item, amount)
}

/** One plate for a share of the hit points. Anybody may help. */
function repair({ tx, player, structure }: Work): void {
  const { hpMax } = blueprintOf(structure)
  if (structure.hp >= hpMax) refuse(tx, 'undamaged')
  usePlate(tx, player)
  tx.structures.update(structure.id, { hp: Math.min(hpMax, structure.hp + Math.ceil(hpMax * REPAIR_SHARE)) })
}

/** Takes a structure down and gives part of its cost back. */
function dismantle({ tx, player, structure }: Work): void {
  if (structure.owner !== player.id) refuse(tx, 'not_owner')
  const blueprint = blueprintOf(structure)
  if (blueprint.capacity > 0 && massIn(tx, storeOf(structure)) > 0) refuse(tx, 'not_empty')
  if (structure.kind === 'foundation' && isNeeded(tx, structure)) refuse(tx, 'in_use')
  const hold = holdOf(player.id)
  const refund = refundOf(blueprint)
  if (roomIn(tx, hold) < massOfBill(refund)) refuse(tx, 'hold_full')
  put(tx, hold, refund)
  const embodied = contentOfBill(blueprint.cost)
  const back = contentOfBill(refund)
  const lost = { ...embodied }
  for (const resource of RESOURCES) lost[resource] -= back[resource]
  enter(tx, 'released', embodied)
  enter(tx, 'consumed', lost)
  tx.structures.delete(structure.id)
}

/** Mends the ship's hull at a working refinery. */
function overhaul({ tx, player, ship, structure }: Work): void {
  if (structure.kind !== 'refinery') refuse(tx, 'wrong_structure')
  if (!isWorking(structure)) refuse(tx, 'broken')
  if (ship.hull >= HULL_MAX) refuse(tx, 'undamaged')
  usePlate(tx, player)
  const hull = Math.min(HULL_MAX, ship.hull + OVERHAUL_HULL)
  tx.ships.update(ship.id, { hull, speed: speedFor(hull) })
}

function usePlate(tx: Tx, player: Player): void {
  const hold = holdOf(player.id)
  if (amountIn(tx, hold, 'plate') < 1) refuse(tx, 'missing_items')
  take(tx, hold, { plate: 1 })
  enter(tx, 'consumed', CONTENT.plate)
}

function ownStore(tx: Tx, player: Player, structure: Structure) {
  if (structure.owner !== player.id) refuse(tx, 'not_owner')
  if (blueprintOf(structure).capacity === 0) refuse(tx, 'wrong_structure')
  return storeOf(structure)
}
