import type { Row } from '@terrane/combat'
import { breakCycles } from './break-cycles.js'
import type { ClientRow } from './client-columns.js'
import type { ClientReader } from './client-reader.js'
import type { ImportCounts } from './import-report.js'
import type { PowerTypes } from './map-powers.js'
import { type EffectFacts, isChanneled, isPassive, type SpellTables } from './map-spells.js'
import type { TraitLink } from './map-traits.js'

type Kind = Row<'spell_effects'>['kind']
type Effect = ClientRow<'SpellEffect'>

/** SpellEffect.Effect. What is done at once, where the simulation has a word for it. */
const DIRECT: Readonly<Record<number, Kind>> = {
  ...{ 2: 'damage', 9: 'damage', 31: 'damage', 30: 'energize', 32: 'trigger', 64: 'trigger', 151: 'trigger' },
}
/** Of these, a share of the weapon's damage. */
const WEAPON_PERCENT = 31
/** SpellEffect.Effect that apply an aura, to a unit or to a place. */
const APPLIES_AURA = new Set([6, 27])
/** SpellEffect.EffectAura. */
const AURAS: Readonly<Record<number, Kind>> = {
  ...{ 3: 'periodic_damage', 53: 'periodic_damage', 24: 'periodic_energize' },
  ...{ 23: 'periodic_trigger', 227: 'periodic_trigger', 42: 'proc_trigger', 231: 'proc_trigger' },
  ...{ 193: 'mod_haste', 290: 'mod_crit', 79: 'mod_damage', 87: 'mod_damage_taken' },
}
/** What a tick of a channel does, which is no aura in the simulation. */
const CHANNELED: Partial<Record<Kind, Kind>> = {
  ...{ periodic_damage: 'damage', periodic_energize: 'energize', periodic_trigger: 'trigger' },
}
const TRIGGERS = new Set<Kind>(['trigger', 'periodic_trigger', 'proc_trigger'])
const DAMAGES = new Set<Kind>(['damage', 'periodic_damage'])

/** EffectMiscValue_0 of changes of damage: every school. */
const ALL_SCHOOLS = 127
/** PowerType.PowerTypeEnum */
const MANA = 0

/** SpellEffect.ImplicitTarget: the caster, and friends, among whom there is only the caster here. */
const SELF = new Set([1, 5, 18, 20, 21, 22, 27, 30, 31, 33, 34, 35, 37, 45, 56, 57, 58, 61, 103])
/** All enemies in an area or a cone. */
const AREA = new Set([15, 16, 24, 28, 54, 104])

function meaningOf({ Effect: effect, EffectAura }: Effect): Kind | undefined {
  return APPLIES_AURA.has(effect) ? AURAS[EffectAura] : DIRECT[effect]
}

/** Every spell that these can set off, and they themselves. */
export async function withTriggered(reader: ClientReader, spells: Iterable<number>): Promise<Set<number>> {
  const triggered = new Map<number, number[]>()
  await reader.each('SpellEffect', (effect) => {
    const meaning = meaningOf(effect)
    if (effect.DifficultyID !== 0 || meaning === undefined || !TRIGGERS.has(meaning)) return
    const own = triggered.get(effect.SpellID)
    if (own === undefined) triggered.set(effect.SpellID, [effect.EffectTriggerSpell])
    else own.push(effect.EffectTriggerSpell)
  })
  const all = new Set<number>(spells)
  // A set is walked through to those that are added on the way.
  for (const spell of all) for (const other of triggered.get(spell) ?? []) all.add(other)
  all.delete(0)
  return all
}

export interface Effects extends EffectFacts {
  readonly rows: readonly Row<'spell_effects'>[]
  /** By spell, the effect with the lowest index. */
  readonly first: ReadonlyMap<number, Effect>
}

/** @param traits how many ranks multiply the effects of a spell */
export async function mapEffects(
  reader: ClientReader,
  counts: ImportCounts,
  spells: SpellTables,
  types: PowerTypes,
  traits: readonly TraitLink[],
): Promise<Effects> {
  const bySpell = new Map<number, Effect[]>()
  await reader.each('SpellEffect', (effect) => {
    if (!spells.names.has(effect.SpellID)) return counts.leaveOut('spell_effects', 'of a spell that is left out')
    if (effect.DifficultyID !== 0) return counts.leaveOut('spell_effects', 'of another difficulty than the base')
    const own = bySpell.get(effect.SpellID)
    if (own === undefined) bySpell.set(effect.SpellID, [effect])
    else own.push(effect)
  })
  const rows: Row<'spell_effects'>[] = []
  const ticking = new Map<number, Effect>()
  const itemScaled = new Set<number>()
  const first = new Map<number, Effect>()
  const power = powerOf(types)
  const ranks = new Map<number, number>()
  for (const { spellId, maxRanks } of traits) ranks.set(spellId, Math.max(maxRanks, ranks.get(spellId) ?? 1))
  for (const [spell, own] of bySpell) {
    own.sort((a, b) => a.EffectIndex - b.EffectIndex || a.ID - b.ID)
    first.set(spell, own[0] as Effect)
    const ticks = own.find((effect) => effect.EffectAuraPeriod > 0 && meaningOf(effect)?.startsWith('periodic_'))
    if (ticks !== undefined) ticking.set(spell, ticks)
    if (own.some(isScaledByItem)) itemScaled.add(spell)
    const context = {
      spells,
      power,
      tickMs: ticks?.EffectAuraPeriod ?? 0,
      isItemScaled: itemScaled.has(spell),
      ranks: ranks.get(spell) ?? 1,
    }
    for (const row of effectsOf(spell, own, context, counts)) rows.push(row)
  }
  const kept = breakCycles(rows)
  counts.leaveOut('spell_effects', 'triggers what triggers it again, at once', rows.length - kept.length)
  return { rows: kept, ticking, itemScaled, first }
}

interface Context {
  readonly spells: SpellTables
  readonly power: (kind: number) => { readonly id: number; readonly parts: number } | undefined
  readonly tickMs: number
  readonly isItemScaled: boolean
  /** Of the talent that grants the spell; 1 for none. */
  readonly ranks: number
}

function powerOf(types: PowerTypes): Context['power'] {
  const byKind = new Map(types.map((type) => [type.PowerTypeEnum, type]))
  return (kind) => {
    const type = byKind.get(kind)
    return type === undefined ? undefined : { id: type.ID, parts: Math.max(1, type.DisplayModifier) }
  }
}

/** Scaling classes below 0 are items and what is made like them. */
function isScaledByItem(effect: Effect): boolean {
  const meaning = meaningOf(effect)
  return effect.ScalingClass < 0 && meaning !== undefined && DAMAGES.has(meaning)
}

function effectsOf(
  spell: number,
  effects: readonly Effect[],
  context: Context,
  counts: ImportCounts,
): Row<'spell_effects'>[] {
  const misc = context.spells.misc.get(spell)
  const isChannel = isChanneled(misc)
  const rows: Row<'spell_effects'>[] = []
  const append = (effect: Effect, kind: Kind, part: Partial<Row<'spell_effects'>>) =>
    rows.push({ ...EMPTY, spellId: spell, position: rows.length, kind, ...targetOf(effect, context), ...part })
  const applied = effects.find(({ Effect: effect }) => APPLIES_AURA.has(effect))
  if (applied !== undefined && !isPassive(misc) && !isChannel) append(applied, 'aura', {})
  for (const effect of effects) {
    const meaning = meaningOf(effect)
    const why = meaning === undefined ? whyUnknown(effect) : whyUnusable(effect, meaning, context)
    if (meaning === undefined || why !== undefined) {
      counts.leaveOut('spell_effects', why ?? '')
      continue
    }
    if (effect.ScalingClass > 0)
      counts.leaveOut('spell_effects', 'not the effect, but its base, which follows the level')
    append(effect, (isChannel ? CHANNELED[meaning] : undefined) ?? meaning, valuesOf(effect, meaning, context))
  }
  return rows
}

const EMPTY = {
  ...{ base: 0, coefficient: 0, weaponCoefficient: 0, variance: 0, powerType: 0 },
  ...{ affectMask: 0, triggerSpellId: 0, target: 'target', maxTargets: 0 },
} as const

function whyUnknown({ Effect: effect }: Effect): string {
  return APPLIES_AURA.has(effect)
    ? 'what its aura does is nothing that the simulation has'
    : 'what it does is nothing that the simulation has'
}

/** Undefined when the simulation can use it. */
function whyUnusable(effect: Effect, kind: Kind, context: Context): string | undefined {
  const { spells, power, tickMs, isItemScaled, ranks } = context
  if (TRIGGERS.has(kind) && !spells.names.has(effect.EffectTriggerSpell))
    return 'triggers a spell that is not in SpellName'
  if (kind.startsWith('periodic_')) {
    if (isPassive(spells.misc.get(effect.SpellID))) return 'ticks of a passive'
    if (effect.EffectAuraPeriod <= 0) return 'ticks without time between them'
    if (effect.EffectAuraPeriod !== tickMs) return 'ticks at another interval than another of its spell'
  }
  if (kind === 'energize' || kind === 'periodic_energize') {
    if (effect.EffectMiscValue_0 === MANA) return 'gives mana, whose base is in no table'
    if (power(effect.EffectMiscValue_0) === undefined) return 'gives a power that is not in PowerType'
  }
  if (kind === 'mod_damage' || kind === 'mod_damage_taken') {
    if ((effect.EffectMiscValue_0 & ALL_SCHOOLS) !== ALL_SCHOOLS) return 'changes the damage of some schools only'
  }
  if (isItemScaled && !isScaledByItem(effect) && !TRIGGERS.has(kind)) return 'beside damage that scales with an item'
  if (effect.ScalingClass !== 0 && !DAMAGES.has(kind)) return 'follows a level, and is no damage'
  const stacks = Math.max(1, spells.auras.get(effect.SpellID)?.CumulativeAura ?? 1)
  if (kind === 'mod_haste' && 1 + (stacks * ranks * effect.EffectBasePointsF) / 100 <= 0)
    return 'takes all haste, so that time stands still'
  return undefined
}

function valuesOf(effect: Effect, kind: Kind, { power }: Context): Partial<Row<'spell_effects'>> {
  if (TRIGGERS.has(kind)) return { triggerSpellId: effect.EffectTriggerSpell }
  if (kind === 'energize' || kind === 'periodic_energize') {
    const { id = 0, parts = 1 } = power(effect.EffectMiscValue_0) ?? {}
    return { powerType: id, base: effect.EffectBasePointsF / parts }
  }
  // Changes are in percent.
  if (!DAMAGES.has(kind)) return { base: effect.EffectBasePointsF / 100 }
  if (effect.Effect === WEAPON_PERCENT) return { weaponCoefficient: effect.EffectBasePointsF / 100 }
  return {
    base: effect.ScalingClass < 0 ? effect.Coefficient : effect.ScalingClass === 0 ? effect.EffectBasePointsF : 0,
    coefficient: effect.BonusCoefficientFromAP || effect.EffectBonusCoefficient,
    variance: effect.Variance,
  }
}

function targetOf(
  { ImplicitTarget_0, ImplicitTarget_1, SpellID }: Effect,
  { spells }: Context,
): Pick<Row<'spell_effects'>, 'target' | 'maxTargets'> {
  const targets = [ImplicitTarget_0, ImplicitTarget_1]
  if (targets.some((target) => AREA.has(target))) {
    return { target: 'all', maxTargets: Math.max(0, spells.targets.get(SpellID)?.MaxTargets ?? 0) }
  }
  return { target: SELF.has(ImplicitTarget_0) ? 'self' : 'target', maxTargets: 0 }
}
