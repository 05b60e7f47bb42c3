import type { Row } from '@terrane/combat'
import type { ClientRow, ClientTable } from './client-columns.js'
import type { ClientReader } from './client-reader.js'
import { type ColumnSources, copy, derive, fixed, type Join, rowMaker } from './column-source.js'
import type { ImportCounts } from './import-report.js'
import { tokenOf } from './text.js'

/** Where missiles are thought to fly from: their speed is in yards per second. */
const TRAVEL_YARDS = 20
/** SpellCategories.StartRecoveryCategory of the global cooldown that all share. */
const GLOBAL_COOLDOWN = 133
/** Global cooldowns from this on follow haste; the shorter ones of those who live on energy do not. */
const HASTED_GCD_MS_MIN = 1_500

/** SpellMisc.Attributes, by their column. */
const PASSIVE_0 = 0x40
const CHANNELED_1 = 0x4 | 0x40
const TICK_ON_APPLICATION_5 = 1 << 9
const TICKS_HASTED_5 = 1 << 13
const TICKS_HASTED_8 = 1 << 22
const TICKS_MAY_CRIT_8 = 1 << 9
const REFRESH_EXTENDS_13 = 1 << 20

/** SpellAuraOptions.ProcTypeMask_0: abilities and spells that harm, ticks, swings and shots. */
const PROC_HITS = 0x10 | 0x100 | 0x1000 | 0x10000
const PROC_TICKS = 0x40000
const PROC_SWINGS = 0x4 | 0x40 | 0x400000 | 0x800000

export function isPassive(misc: ClientRow<'SpellMisc'> | undefined): boolean {
  return ((misc?.Attributes_0 ?? 0) & PASSIVE_0) !== 0
}

export function isChanneled(misc: ClientRow<'SpellMisc'> | undefined): boolean {
  return ((misc?.Attributes_1 ?? 0) & CHANNELED_1) !== 0
}

/** What effects say of their spells. */
export interface EffectFacts {
  /** The first effect with ticks. */
  readonly ticking: ReadonlyMap<number, ClientRow<'SpellEffect'>>
  /** Spells whose effects are shares of an item's budget. */
  readonly itemScaled: ReadonlySet<number>
}

function spellColumns(isKnown: (id: number) => boolean, { itemScaled }: EffectFacts): ColumnSources<'spells'> {
  const duration = ['SpellDuration.Duration', 'SpellMisc.Attributes_1'] as const
  const isChannel = (attributes: number) => (attributes & CHANNELED_1) !== 0
  return {
    id: copy('SpellName.ID'),
    token: derive(['SpellName.Name_lang'], tokenOf),
    name: copy('SpellName.Name_lang'),
    school_mask: copy('SpellMisc.SchoolMask'),
    // Families of the client have 128 bits, more than a column holds.
    family_mask: fixed(0),
    passive: derive(['SpellMisc.Attributes_0'], (attributes) => (attributes & PASSIVE_0) !== 0),
    gcd_ms: derive(['SpellCategories.StartRecoveryCategory', 'SpellCooldowns.StartRecoveryTime'], (category, ms) =>
      category === GLOBAL_COOLDOWN ? notNegative(ms) : 0,
    ),
    gcd_hasted: derive(['SpellCooldowns.StartRecoveryTime'], (ms) => ms >= HASTED_GCD_MS_MIN),
    cast_ms: derive(['SpellCastTimes.Base'], notNegative),
    channel_ms: derive(duration, (ms, attributes) => (isChannel(attributes) ? notNegative(ms) : 0)),
    travel_ms: derive(['SpellMisc.Speed'], (speed) => (speed > 0 ? Math.round((TRAVEL_YARDS / speed) * 1_000) : 0)),
    cooldown_ms: derive(['SpellCooldowns.RecoveryTime'], notNegative),
    cooldown_hasted: fixed(false),
    category_id: copy('SpellCategories.Category'),
    category_cooldown_ms: derive(['SpellCooldowns.CategoryRecoveryTime'], notNegative),
    charge_category_id: copy('SpellCategories.ChargeCategory'),
    max_charges: derive(['SpellCategory.MaxCharges'], notNegative),
    charge_recovery_ms: derive(['SpellCategory.ChargeRecoveryTime'], notNegative),
    // -1, an aura that stays, is 0 here.
    duration_ms: derive(['SpellDuration.Duration'], notNegative),
    max_duration_ms: derive(['SpellDuration.MaxDuration'], notNegative),
    max_stacks: derive(['SpellAuraOptions.CumulativeAura'], (stacks) => Math.max(1, stacks)),
    refresh: derive(['SpellMisc.Attributes_13'], (attributes) =>
      (attributes & REFRESH_EXTENDS_13) === 0 ? ('reset' as const) : ('pandemic' as const),
    ),
    tick_ms: copy('SpellEffect.EffectAuraPeriod'),
    ticks_hasted: derive(
      ['SpellMisc.Attributes_5', 'SpellMisc.Attributes_8'],
      (fifth, eighth) => (fifth & TICKS_HASTED_5) !== 0 || (eighth & TICKS_HASTED_8) !== 0,
    ),
    tick_on_application: derive(['SpellMisc.Attributes_5'], (attributes) => (attributes & TICK_ON_APPLICATION_5) !== 0),
    ticks_may_crit: derive(['SpellMisc.Attributes_8'], (attributes) => (attributes & TICKS_MAY_CRIT_8) !== 0),
    target_health_below: fixed(0),
    required_aura_id: derive(['SpellAuraRestrictions.CasterAuraSpell'], (id) => (isKnown(id) ? id : 0)),
    consumed_by: fixed(0),
    proc_flags: derive(
      ['SpellAuraOptions.ProcTypeMask_0'],
      (mask) =>
        ((mask & PROC_HITS) !== 0 ? 1 : 0) |
        ((mask & PROC_TICKS) !== 0 ? 4 : 0) |
        ((mask & PROC_SWINGS) !== 0 ? 16 : 0),
    ),
    proc_mask: fixed(0),
    proc_chance: derive(['SpellAuraOptions.ProcChance', 'SpellProcsPerMinute.BaseProcRate'], (percent, perMinute) =>
      perMinute > 0 ? 0 : Math.min(1, notNegative(percent) / 100),
    ),
    proc_rppm: derive(['SpellProcsPerMinute.BaseProcRate'], notNegative),
    proc_icd_ms: derive(['SpellAuraOptions.ProcCategoryRecovery'], notNegative),
    item_scaled: derive(['SpellName.ID'], (id) => itemScaled.has(id)),
  }
}

function notNegative(value: number): number {
  return Math.max(0, value)
}

/** Client tables with a row per spell, of which only the base difficulty's is read. */
type SpellTable = {
  [T in ClientTable]: ClientRow<T> extends { SpellID: number; DifficultyID: number } ? T : never
}[ClientTable]

/** What the client tells of the spells of a revision, beside their effects. */
export interface SpellTables {
  readonly names: ReadonlyMap<number, ClientRow<'SpellName'>>
  readonly misc: ReadonlyMap<number, ClientRow<'SpellMisc'>>
  readonly auras: ReadonlyMap<number, ClientRow<'SpellAuraOptions'>>
  readonly targets: ReadonlyMap<number, ClientRow<'SpellTargetRestrictions'>>
  readonly joins: readonly Join[]
}

/** @param wanted the spells that a character can come to have */
export async function readSpellTables(
  reader: ClientReader,
  counts: ImportCounts,
  wanted: ReadonlySet<number>,
): Promise<SpellTables> {
  const names = new Map<number, ClientRow<'SpellName'>>()
  await reader.each('SpellName', (row) => {
    if (!wanted.has(row.ID)) counts.leaveOut('spells', 'no character can come to have it')
    else names.set(row.ID, row)
  })
  counts.leaveOut('spells', 'named by another table, but not in SpellName', wanted.size - names.size)
  const bySpell = async <T extends SpellTable>(table: T) => {
    const rows = new Map<number, ClientRow<T>>()
    await reader.each(table, (row) => {
      const { SpellID, DifficultyID } = row as { SpellID: number; DifficultyID: number }
      if (names.has(SpellID) && DifficultyID === 0 && !rows.has(SpellID)) rows.set(SpellID, row)
    })
    return rows
  }
  const misc = await bySpell('SpellMisc')
  const auras = await bySpell('SpellAuraOptions')
  const joins: Join[] = [
    { table: 'SpellMisc', on: 'SpellName.ID', rows: misc },
    { table: 'SpellCastTimes', on: 'SpellMisc.CastingTimeIndex', rows: await reader.index('SpellCastTimes', 'ID') },
    { table: 'SpellDuration', on: 'SpellMisc.DurationIndex', rows: await reader.index('SpellDuration', 'ID') },
    { table: 'SpellCooldowns', on: 'SpellName.ID', rows: await bySpell('SpellCooldowns') },
    { table: 'SpellCategories', on: 'SpellName.ID', rows: await bySpell('SpellCategories') },
    { table: 'SpellCategory', on: 'SpellCategories.ChargeCategory', rows: await reader.index('SpellCategory', 'ID') },
    { table: 'SpellAuraOptions', on: 'SpellName.ID', rows: auras },
    {
      table: 'SpellProcsPerMinute',
      on: 'SpellAuraOptions.SpellProcsPerMinuteID',
      rows: await reader.index('SpellProcsPerMinute', 'ID'),
    },
    { table: 'SpellAuraRestrictions', on: 'SpellName.ID', rows: await bySpell('SpellAuraRestrictions') },
  ]
  return { names, misc, auras, joins, targets: await bySpell('SpellTargetRestrictions') }
}

export function mapSpells({ names, joins }: SpellTables, facts: EffectFacts): Row<'spells'>[] {
  const withTicks: Join[] = [...joins, { table: 'SpellEffect', on: 'SpellName.ID', rows: facts.ticking }]
  const columns = spellColumns((id) => names.has(id), facts)
  return [...names.values()].map(rowMaker('SpellName', withTicks, 'spells', columns))
}
