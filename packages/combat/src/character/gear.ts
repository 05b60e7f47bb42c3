import { badConfig, type CombatConfig } from '../config/config.js'
import { lookupIndexed } from '../config/lookup.js'
import { curveAt } from '../tables/curve.js'
import type { GameData, Item } from '../tables/game-data.js'

/** Which of the five budgets of rand_prop_points a slot draws from. */
const BUDGET = {
  head: 0,
  chest: 0,
  legs: 0,
  two_hand: 0,
  shoulder: 1,
  hands: 1,
  waist: 1,
  feet: 1,
  trinket: 1,
  neck: 2,
  wrist: 2,
  back: 2,
  finger: 2,
  main_hand: 3,
  off_hand: 4,
} as const
const JEWELRY = new Set(['neck', 'finger'])
const WEAPONS = new Set(['main_hand', 'off_hand', 'two_hand'])

export interface Weapon {
  readonly speedMs: number
  /** Damage per second. */
  readonly dps: number
}

/** What the gear adds up to, in points; ratings are not yet percent. */
export interface GearTotals {
  readonly primary: number
  readonly crit: number
  readonly haste: number
  readonly mastery: number
  readonly versatility: number
  readonly mainHand: Weapon | undefined
  readonly offHand: Weapon | undefined
  /** Passive spells of items and sets, with the budget that an item's own spells scale with. */
  readonly spells: readonly { readonly spellId: number; readonly budget: number }[]
}

type Equipped = CombatConfig['gear'][number]

/** Throws `bad_combat_config`, naming the field, for an item that is unknown or cannot be worn there. */
export function totalGear(data: GameData, gear: readonly Equipped[], primaryStat: string): GearTotals {
  const totals = { primary: 0, crit: 0, haste: 0, mastery: 0, versatility: 0 }
  const spells: { spellId: number; budget: number }[] = []
  const pieces = new Map<number, number>()
  const weapons = new Map<string, Weapon>()
  const worn = new Map<string, Item>()
  const items = { byId: data.items, byToken: data.itemTokens }
  gear.forEach((equipped, index) => {
    const field = `gear[${index}]`
    const item = lookupIndexed(items, equipped.item, `${field}.item`, 'item')
    checkSlot(item, equipped.slot, primaryStat, worn, field)
    worn.set(equipped.slot, item)
    const level = itemLevel(data, item, equipped, field)
    const budget = budgetAt(data, item, level)
    const multiplier = ratingMultiplier(data, item.slot, level)
    for (const { stat, allocation } of data.itemStats.get(item.id) ?? []) {
      const points = (allocation / 10_000) * budget
      totals[stat] += Math.round(stat === 'primary' ? points : points * multiplier)
    }
    for (const spellId of data.itemEffects.get(item.id) ?? []) spells.push({ spellId, budget })
    if (item.setId !== 0) pieces.set(item.setId, (pieces.get(item.setId) ?? 0) + 1)
    const curve = data.curves.get(item.weaponCurveId)
    if (curve !== undefined && item.weaponSpeedMs > 0) {
      weapons.set(equipped.slot, { speedMs: item.weaponSpeedMs, dps: curveAt(curve, level) })
    }
  })
  for (const { setId, pieces: needed, spellId } of data.itemSets) {
    if ((pieces.get(setId) ?? 0) >= needed) spells.push({ spellId, budget: 0 })
  }
  return { ...totals, mainHand: weapons.get('main_hand'), offHand: weapons.get('off_hand'), spells }
}

function checkSlot(item: Item, slot: string, primaryStat: string, worn: Map<string, Item>, field: string): void {
  const fits = item.slot === 'two_hand' ? slot === 'main_hand' : slot.replace(/_[12]$/, '') === item.slot
  if (!fits) throw badConfig(`${field}.slot: ${item.name} goes into ${item.slot}, not into ${slot}`)
  if (worn.has(slot)) throw badConfig(`${field}.slot: there is something in ${slot} already`)
  const other = worn.get(slot === 'main_hand' ? 'off_hand' : 'main_hand')
  if (WEAPONS.has(item.slot) && other !== undefined && [item.slot, other.slot].includes('two_hand')) {
    throw badConfig(`${field}.slot: a two-handed weapon leaves no hand for another`)
  }
  if (item.primaryStat !== 'any' && item.primaryStat !== primaryStat) {
    throw badConfig(`${field}.item: ${item.name} is made for ${item.primaryStat}, and the spec uses ${primaryStat}`)
  }
}

/** The item's own level, or that of the level at which it dropped; then what bonuses add. */
function itemLevel(data: GameData, item: Item, { bonuses, dropLevel }: Equipped, field: string): number {
  let level = item.itemLevel
  let added = 0
  bonuses.forEach((id, index) => {
    const bonus = data.itemBonuses.get(id)
    if (bonus === undefined) throw badConfig(`${field}.bonuses[${index}]: there is no bonus ${id}`)
    if (bonus.kind === 'level') {
      added += bonus.value
      return
    }
    const curve = data.curves.get(bonus.value)
    if (curve === undefined)
      throw badConfig(`${field}.bonuses[${index}]: bonus ${id} names curve ${bonus.value}, which is unknown`)
    if (dropLevel === undefined) throw badConfig(`${field}.dropLevel: bonus ${id} needs it`)
    level = curveAt(curve, dropLevel)
  })
  return level + added
}

/** Between the item levels of the table the budget is linear. */
function budgetAt(data: GameData, item: Item, level: number): number {
  const rows = data.randPropPoints
  const column = `${item.quality}${BUDGET[item.slot]}` as const
  return curveAt(
    { interpolation: 'linear', xs: rows.map((row) => row.itemLevel), ys: rows.map((row) => row[column]) },
    level,
  )
}

function ratingMultiplier(data: GameData, slot: string, level: number): number {
  const rows = data.ratingMultipliers
  const column = JEWELRY.has(slot) ? 'jewelry' : WEAPONS.has(slot) ? 'weapon' : slot === 'trinket' ? 'trinket' : 'armor'
  return curveAt(
    { interpolation: 'linear', xs: rows.map((row) => row.itemLevel), ys: rows.map((row) => row[column]) },
    level,
  )
}
