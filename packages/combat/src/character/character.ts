import { badConfig, type CombatConfig, type StatName } from '../config/config.js'
import { lookup } from '../config/lookup.js'
import { curveAt } from '../tables/curve.js'
import type { GameData, Spec } from '../tables/game-data.js'
import { totalGear, type Weapon } from './gear.js'

/** Everybody's, before gear. */
const CRIT_BASE = 0.05
const MASTERY_BASE = 0.08

/** Who fights, before any aura. Chances and bonuses are fractions: 0.05 is five percent. */
export interface Character {
  readonly spec: Spec
  /** What coefficients multiply: the primary stat. */
  readonly power: number
  readonly crit: number
  readonly haste: number
  readonly mastery: number
  readonly versatility: number
  readonly mainHand: Weapon | undefined
  readonly offHand: Weapon | undefined
  /** What it knows: spells to cast, and passives that hold for the whole fight. */
  readonly spells: readonly KnownSpell[]
  readonly talents: ReadonlySet<string>
}

export interface KnownSpell {
  readonly spellId: number
  /** Multiplies the effects' `base`. */
  readonly rank: number
  /** Of the item that it comes from; 0 for what is no item's. */
  readonly budget: number
}

/** Throws `bad_combat_config`, naming the field, for what is unknown or not allowed. */
export function resolveCharacter(data: GameData, config: CombatConfig): Character {
  const spec = lookup(data.specs.values(), config.spec, 'spec', 'spec')
  const gear = totalGear(data, config.gear, spec.primaryStat)
  const primaryCurve = data.curves.get(spec.primaryCurveId)
  const base = primaryCurve === undefined ? 0 : Math.round(curveAt(primaryCurve, config.level))
  const total = (stat: StatName) => Math.max(0, gear[stat] + (config.stats?.[stat] ?? 0))
  const percent = ratingsToPercent(data, config.level)
  const { talents, spells: talentSpells } = resolveTalents(data, spec.id, config.talents)
  const own = (data.specSpells.get(spec.id) ?? []).map((spellId) => ({ spellId, rank: 1, budget: 0 }))
  return {
    spec,
    power: base + total('primary'),
    crit: CRIT_BASE + percent('crit', total('crit')),
    haste: percent('haste', total('haste')),
    mastery: MASTERY_BASE + percent('mastery', total('mastery')),
    versatility: percent('versatility', total('versatility')),
    mainHand: gear.mainHand,
    offHand: gear.offHand,
    spells: [...own, ...talentSpells, ...gear.spells.map(({ spellId, budget }) => ({ spellId, rank: 1, budget }))],
    talents,
  }
}

/** Ratings as fractions, by the row of the character's level, or else that of the next lower one. */
function ratingsToPercent(data: GameData, level: number) {
  const levels = [...data.combatRatings.keys()].sort((a, b) => a - b)
  const row = data.combatRatings.get(levels.filter((known) => known <= level).at(-1) ?? (levels[0] as number))
  return (stat: 'crit' | 'haste' | 'mastery' | 'versatility', rating: number): number => {
    const curve = row === undefined ? undefined : data.curves.get(row.diminishingCurveId)
    if (row === undefined || curve === undefined) return 0
    return curveAt(curve, rating / row[stat]) / 100
  }
}

function resolveTalents(data: GameData, specId: number, chosen: CombatConfig['talents']) {
  const own = [...data.traits.values()].filter((trait) => trait.specId === specId)
  const taken = new Map<number, number>()
  const spells: KnownSpell[] = []
  const talents = new Set<string>()
  chosen.forEach(({ trait: reference, rank }, index) => {
    const trait = lookup(own, reference, `talents[${index}].trait`, 'talent of this spec')
    if (taken.has(trait.id)) throw badConfig(`talents[${index}].trait: ${trait.name} is taken twice`)
    if (rank > trait.maxRanks) throw badConfig(`talents[${index}].rank: ${trait.name} has ${trait.maxRanks} ranks`)
    taken.set(trait.id, index)
    talents.add(trait.token)
    spells.push({ spellId: trait.spellId, rank, budget: 0 })
  })
  for (const [id, index] of taken) {
    const needed = data.traits.get(data.traits.get(id)?.requiresTraitId ?? 0)
    if (needed !== undefined && !taken.has(needed.id)) {
      throw badConfig(`talents[${index}].trait: ${data.traits.get(id)?.name} needs ${needed.name}`)
    }
  }
  return { talents, spells }
}
