import type { Row } from '@terrane/combat'
import type { ClientRow } from './client-columns.js'
import type { ClientReader } from './client-reader.js'
import { type ColumnSources, copy, derive, rowMaker } from './column-source.js'
import type { ImportCounts } from './import-report.js'
import { titleOf, tokenOf } from './text.js'

/** Costs of mana are shares of a base that is in no client table: here it is 10,000, and a cost of 2.5 % is 250. */
const BASE_MANA = 10_000
/** PowerType.PowerTypeEnum */
const MANA = 0
const HEALTH = -2
/** PowerType.Flags: regenerates faster with haste. */
const REGENERATION_HASTED = 0x1000

const POWER_TYPES: ColumnSources<'power_types'> = {
  id: copy('PowerType.ID'),
  token: derive(['PowerType.NameGlobalStringTag'], tokenOf),
  name: derive(['PowerType.NameGlobalStringTag'], titleOf),
  max: derive(['PowerType.PowerTypeEnum', 'PowerType.MaxBasePower', 'PowerType.DisplayModifier'], amountOf),
  start: derive(['PowerType.PowerTypeEnum', 'PowerType.DefaultPower', 'PowerType.DisplayModifier'], amountOf),
  regen: derive(['PowerType.RegenCombat', 'PowerType.DisplayModifier'], (perSecond, modifier) =>
    round(Math.max(0, perSecond) / Math.max(1, modifier)),
  ),
  regen_hasted: derive(['PowerType.Flags'], (flags) => (flags & REGENERATION_HASTED) !== 0),
}

/** The tables count in parts of what players see: 1,000 are 100 rage. */
function amountOf(kind: number, parts: number, modifier: number): number {
  return kind === MANA ? BASE_MANA : Math.round(parts / Math.max(1, modifier))
}

/** A float of 32 bits that was meant as a decimal fraction: 0.1, not 0.10000000149. */
function round(value: number): number {
  return Number(value.toPrecision(7))
}

export type PowerTypes = readonly ClientRow<'PowerType'>[]

export function mapPowerTypes(rows: PowerTypes): Row<'power_types'>[] {
  return rows.map(rowMaker('PowerType', [], 'power_types', POWER_TYPES))
}

/** @param isKnown whether the spell is part of the revision */
export async function mapSpellPower(
  reader: ClientReader,
  counts: ImportCounts,
  types: PowerTypes,
  isKnown: (spellId: number) => boolean,
): Promise<Row<'spell_power'>[]> {
  const byKind = new Map(types.map((type) => [type.PowerTypeEnum, type]))
  const costs = new Map<string, Row<'spell_power'>>()
  const leaveOut = (why: string) => counts.leaveOut('spell_power', why)
  await reader.each('SpellPower', ({ SpellID, PowerType, ManaCost, PowerCostPct, RequiredAuraSpellID }) => {
    const type = byKind.get(PowerType)
    if (!isKnown(SpellID)) return leaveOut('of a spell that is left out')
    if (PowerType === HEALTH) return leaveOut('costs health')
    if (type === undefined) return leaveOut('costs a power that is not in PowerType')
    if (RequiredAuraSpellID !== 0) return leaveOut('a cost only while an aura is up')
    const whole = amountOf(PowerType, type.MaxBasePower, type.DisplayModifier)
    const cost = Math.round(ManaCost / Math.max(1, type.DisplayModifier) + (whole * PowerCostPct) / 100)
    if (cost <= 0) return leaveOut('costs nothing')
    const key = `${SpellID} ${type.ID}`
    if (costs.has(key)) return leaveOut('a further cost of the same power')
    costs.set(key, { spellId: SpellID, powerType: type.ID, cost })
  })
  return [...costs.values()]
}
