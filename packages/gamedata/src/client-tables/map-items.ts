import type { Row } from '@terrane/combat'
import type { ClientRow } from './client-columns.js'
import type { ClientReader } from './client-reader.js'
import { type ColumnSources, copy, derive, rowMaker } from './column-source.js'
import type { ImportCounts } from './import-report.js'
import { weaponCurveId } from './map-scaling.js'
import { tokenOf } from './text.js'

type Slot = Row<'items'>['slot']
type Stat = Row<'item_stats'>['stat']

/** Item.ClassID */
const WEAPON = 2
/** Item.SubclassID of weapons */
const WAND = 19
/** ItemSparse.Flags_1: made for casters. */
const CASTER_WEAPON = 0x200
/** ItemEffect.TriggerType: what it does when used, and while worn. */
const USE = 0
const EQUIPPED = 1

/** ItemSparse.InventoryType. Others are not worn in fights. */
const SLOTS: Readonly<Record<number, Slot>> = {
  ...{ 1: 'head', 2: 'neck', 3: 'shoulder', 5: 'chest', 6: 'waist', 7: 'legs', 8: 'feet', 9: 'wrist', 10: 'hands' },
  ...{ 11: 'finger', 12: 'trinket', 13: 'main_hand', 14: 'off_hand', 15: 'two_hand', 16: 'back', 17: 'two_hand' },
  ...{ 20: 'chest', 21: 'main_hand', 22: 'off_hand', 23: 'off_hand', 26: 'two_hand' },
}

/** ItemSparse.OverallQualityID. Heirlooms have the budget of rare items. */
const QUALITIES: Readonly<Record<number, Row<'items'>['quality']>> = {
  ...{ 2: 'good', 3: 'superior', 4: 'epic', 5: 'epic', 6: 'epic', 7: 'superior' },
}
const HEIRLOOM = 7
const RARE = 3

/** ItemSparse.StatModifier_bonusStat. Those above 70 are whichever of several stats their bearer uses. */
const STATS: Readonly<Record<number, Stat>> = {
  ...{ 3: 'primary', 4: 'primary', 5: 'primary', 71: 'primary', 72: 'primary', 73: 'primary', 74: 'primary' },
  ...{ 32: 'crit', 36: 'haste', 40: 'versatility', 49: 'mastery' },
}
const PRIMARY_STATS: Readonly<Record<number, Row<'items'>['primaryStat']>> = {
  ...{ 3: 'agility', 4: 'strength', 5: 'intellect' },
}

const PLACES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const
const BONUS_STATS = PLACES.map((place) => `ItemSparse.StatModifier_bonusStat_${place}` as const)

/** @param curves the ids of those that there are */
function itemColumns(curves: ReadonlySet<number>): ColumnSources<'items'> {
  return {
    id: copy('ItemSparse.ID'),
    token: derive(['ItemSparse.Display_lang'], tokenOf),
    name: copy('ItemSparse.Display_lang'),
    slot: derive(['ItemSparse.InventoryType', 'Item.SubclassID', 'Item.ClassID'], slotOf),
    quality: derive(['ItemSparse.OverallQualityID'], (quality) => QUALITIES[quality] ?? 'good'),
    item_level: copy('ItemSparse.ItemLevel'),
    primary_stat: derive(BONUS_STATS, (...stats) => {
      const primary = [...new Set(stats.filter((stat) => STATS[stat] === 'primary'))]
      return (primary.length === 1 && PRIMARY_STATS[primary[0] as number]) || 'any'
    }),
    weapon_speed_ms: derive(['Item.ClassID', 'ItemSparse.ItemDelay'], (kind, delayMs) =>
      kind === WEAPON ? delayMs : 0,
    ),
    weapon_curve_id: derive(
      [
        ...(['Item.ClassID', 'Item.SubclassID', 'ItemSparse.InventoryType'] as const),
        ...(['ItemSparse.Flags_1', 'ItemSparse.OverallQualityID'] as const),
      ],
      (kind, subclass, inventoryType, flags, quality) => {
        if (kind !== WEAPON) return 0
        const isTwoHand = slotOf(inventoryType, subclass, kind) === 'two_hand'
        const isCaster = (flags & CASTER_WEAPON) !== 0 || subclass === WAND
        const id = weaponCurveId(isTwoHand, isCaster, quality === HEIRLOOM ? RARE : quality)
        return curves.has(id) ? id : 0
      },
    ),
    set_id: copy('ItemSet.ID'),
  }
}

function slotOf(inventoryType: number, subclass: number, kind: number): Slot {
  return kind === WEAPON && subclass === WAND ? 'main_hand' : (SLOTS[inventoryType] ?? 'head')
}

export interface Items {
  readonly items: readonly Row<'items'>[]
  readonly item_stats: readonly Row<'item_stats'>[]
  /** Of spells that may not be known. */
  readonly item_effects: readonly Row<'item_effects'>[]
  readonly item_sets: readonly Row<'item_sets'>[]
}

/** @param curves the ids of those that there are */
export async function mapItems(
  reader: ClientReader,
  counts: ImportCounts,
  curves: ReadonlySet<number>,
): Promise<Items> {
  const sets = await reader.index('ItemSet', 'ID')
  // Of most items only what kind of thing they are is read: two numbers of half a million.
  const kinds = await reader.index('Item', 'ID')
  const makeItem = rowMaker(
    'ItemSparse',
    [
      { table: 'Item', on: 'ItemSparse.ID', rows: kinds },
      { table: 'ItemSet', on: 'ItemSparse.ItemSet', rows: sets },
    ],
    'items',
    itemColumns(curves),
  )
  const items = new Map<number, Row<'items'>>()
  const stats: Row<'item_stats'>[] = []
  await reader.each('ItemSparse', (sparse) => {
    const why = whyNoItem(sparse, kinds.has(sparse.ID))
    if (why !== undefined) return counts.leaveOut('items', why)
    items.set(sparse.ID, makeItem(sparse))
    for (const row of statsOf(sparse, counts)) stats.push(row)
  })
  return {
    items: [...items.values()],
    item_stats: stats,
    item_effects: await itemEffects(reader, counts, items),
    item_sets: await itemSets(reader, counts, items),
  }
}

function whyNoItem(item: ClientRow<'ItemSparse'>, isInItem: boolean): string | undefined {
  if (SLOTS[item.InventoryType] === undefined) return 'not worn in fights'
  if (QUALITIES[item.OverallQualityID] === undefined) return 'of a quality without stats: poor, common or other'
  if (item.Display_lang === '') return 'has no name'
  return isInItem ? undefined : 'is not in Item'
}

function statsOf(item: ClientRow<'ItemSparse'>, counts: ImportCounts): Row<'item_stats'>[] {
  const allocations = new Map<Stat, number>()
  for (const place of PLACES) {
    const kind = item[`StatModifier_bonusStat_${place}`]
    const allocation = item[`StatPercentEditor_${place}`]
    // -1, and in old tables 0, mark an empty place.
    if (kind <= 0 || allocation === 0) continue
    const stat = STATS[kind]
    if (stat === undefined) counts.leaveOut('item_stats', 'a stat that does no damage')
    else allocations.set(stat, (allocations.get(stat) ?? 0) + allocation)
  }
  return [...allocations].map(([stat, allocation]) => ({ itemId: item.ID, stat, allocation }))
}

async function itemEffects(
  reader: ClientReader,
  counts: ImportCounts,
  items: ReadonlyMap<number, unknown>,
): Promise<Row<'item_effects'>[]> {
  const leaveOut = (why: string) => counts.leaveOut('item_effects', why)
  const effects = await reader.index('ItemEffect', 'ID')
  const rows = new Map<string, Row<'item_effects'>>()
  await reader.each('ItemXItemEffect', ({ ItemID, ItemEffectID }) => {
    const effect = effects.get(ItemEffectID)
    if (!items.has(ItemID)) return leaveOut('of an item that is left out')
    if (effect === undefined) return leaveOut('is not in ItemEffect')
    if (effect.TriggerType !== USE && effect.TriggerType !== EQUIPPED) return leaveOut('neither used nor while worn')
    if (effect.ChrSpecializationID !== 0) return leaveOut('for one spec only')
    const key = `${ItemID} ${effect.SpellID}`
    if (rows.has(key)) return leaveOut('twice on the same item')
    rows.set(key, { itemId: ItemID, spellId: effect.SpellID })
  })
  return [...rows.values()]
}

async function itemSets(
  reader: ClientReader,
  counts: ImportCounts,
  items: ReadonlyMap<number, Row<'items'>>,
): Promise<Row<'item_sets'>[]> {
  const leaveOut = (why: string) => counts.leaveOut('item_sets', why)
  const worn = new Set([...items.values()].map(({ setId }) => setId))
  const rows = new Map<string, Row<'item_sets'>>()
  await reader.each('ItemSetSpell', ({ ItemSetID, ChrSpecID, TraitSubTreeID, SpellID, Threshold }) => {
    if (!worn.has(ItemSetID)) return leaveOut('no item is of this set')
    if (ChrSpecID !== 0 || TraitSubTreeID !== 0) return leaveOut('for one spec only')
    const key = `${ItemSetID} ${Threshold} ${SpellID}`
    if (rows.has(key)) return leaveOut('twice in the same set')
    rows.set(key, { setId: ItemSetID, pieces: Threshold, spellId: SpellID })
  })
  return [...rows.values()]
}
