import type { Character } from '../character/character.js'
import type { SpellEffect } from '../tables/game-data.js'
import { type Modifier, modifierList } from './columns.js'
import type { PlannedSpell } from './known-spells.js'
import type { Modifiers } from './plan.js'

/** What holds from the first moment to the last; folded into the spells. */
export interface StaticModifiers {
  readonly haste: number
  readonly power: number
  readonly damage: readonly number[]
  readonly crit: readonly number[]
  readonly cost: readonly number[]
  readonly castTime: readonly number[]
}

/** 0 affects everything. */
function affects({ affectMask }: SpellEffect, { spell }: PlannedSpell): boolean {
  return affectMask === 0 || (affectMask & spell.familyMask) !== 0
}

/** Whether any effect of a kind, of whatever spell of the job, changes this one. */
export function isAffected(spells: readonly PlannedSpell[], planned: PlannedSpell, kind: SpellEffect['kind']): boolean {
  return spells.some(({ effects }) => effects.some((effect) => effect.kind === kind && affects(effect, planned)))
}

export function foldPassives(spells: readonly PlannedSpell[], character: Character): StaticModifiers {
  const passive = spells.filter(({ spell, isKnown }) => spell.passive && isKnown).flatMap(({ effects }) => effects)
  const product = (kind: SpellEffect['kind']) =>
    passive.filter((effect) => effect.kind === kind).reduce((factor, { base }) => factor * (1 + base), 1)
  const { mastery, spec } = character
  const bySpell = (start: number, step: (value: number, effect: SpellEffect) => number) =>
    spells.map((planned) => passive.filter((effect) => affects(effect, planned)).reduce(step, start))
  return {
    haste: product('mod_haste'),
    power: product('mod_power'),
    damage: bySpell(1 + character.versatility, (factor, { kind, base, coefficient }) => {
      if (kind === 'mod_damage') return factor * (1 + base)
      return kind === 'mastery_damage' ? factor * (1 + coefficient * mastery * spec.masteryCoefficient) : factor
    }),
    crit: bySpell(character.crit, (chance, { kind, base }) =>
      kind === 'mod_crit' || kind === 'mod_spell_crit' ? chance + base : chance,
    ),
    cost: bySpell(1, (factor, { kind, base }) => (kind === 'mod_cost' ? factor * (1 + base) : factor)),
    castTime: bySpell(1, (factor, { kind, base }) => (kind === 'mod_cast_time' ? factor * (1 + base) : factor)),
  }
}

/**
 * What auras change while they are up. Those of the player are named by their instance, those on enemies by the
 * first of theirs.
 */
export function compileModifiers(
  spells: readonly PlannedSpell[],
  auraOf: Int32Array,
  instanceOf: Int32Array,
): Modifiers {
  const sources = spells.flatMap(({ effects }, index) => {
    const aura = auraOf[index] as number
    return aura < 0 ? [] : effects.map((effect) => ({ effect, instance: instanceOf[aura] as number }))
  })
  const bySpell = (...kinds: readonly SpellEffect['kind'][]) =>
    modifierList(
      spells.map((planned) =>
        sources
          .filter(({ effect }) => kinds.includes(effect.kind) && affects(effect, planned))
          .map(({ effect, instance }): Modifier => ({ aura: instance, value: effect.base })),
      ),
    )
  const global = (kind: SpellEffect['kind']) =>
    modifierList([
      sources
        .filter(({ effect }) => effect.kind === kind)
        .map(({ effect, instance }) => ({ aura: instance, value: effect.base })),
    ])
  return {
    damage: bySpell('mod_damage'),
    crit: bySpell('mod_crit', 'mod_spell_crit'),
    cost: bySpell('mod_cost'),
    castTime: bySpell('mod_cast_time'),
    damageTaken: bySpell('mod_damage_taken'),
    haste: global('mod_haste'),
    power: global('mod_power'),
  }
}
