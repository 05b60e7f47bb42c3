import type { Character } from '../character/character.js'
import type { Weapon } from '../character/gear.js'
import type { SpellEffect } from '../tables/game-data.js'
import { bytes, floats, ints } from './columns.js'
import type { PlannedSpell } from './known-spells.js'
import { EFFECT, type EffectColumns, MILLIONTHS, TARGET } from './plan.js'

/** What power adds to a weapon's damage per second. */
const POWER_PER_WEAPON_DPS = 20

const DIRECT: Partial<Record<SpellEffect['kind'], number>> = {
  damage: EFFECT.DAMAGE,
  aura: EFFECT.AURA,
  energize: EFFECT.ENERGIZE,
  trigger: EFFECT.TRIGGER,
  cooldown: EFFECT.COOLDOWN,
  remove_aura: EFFECT.REMOVE_AURA,
}
const PERIODIC: Partial<Record<SpellEffect['kind'], number>> = {
  periodic_damage: EFFECT.DAMAGE,
  periodic_energize: EFFECT.ENERGIZE,
  periodic_trigger: EFFECT.TRIGGER,
}

export interface CompiledEffects {
  readonly columns: EffectColumns
  /** By spell: the rows of what it does at once, and of what its aura does with every tick. */
  readonly direct: { readonly start: Int32Array; readonly end: Int32Array }
  readonly periodic: { readonly start: Int32Array; readonly end: Int32Array }
}

interface EffectRow {
  readonly effect: SpellEffect
  readonly kind: number
  readonly weapon: Weapon | undefined
}

export function compileEffects(
  spells: readonly PlannedSpell[],
  auraOf: Int32Array,
  powerOf: ReadonlyMap<number, number>,
  character: Character,
): CompiledEffects {
  const rows: EffectRow[] = []
  const spellOf = new Map(spells.map(({ spell }, index) => [spell.id, index]))
  const append = (kinds: typeof DIRECT) => {
    const start: number[] = []
    const end: number[] = []
    for (const { spell, effects } of spells) {
      const weapon = spell.id === character.spec.offHandSpellId ? character.offHand : character.mainHand
      start.push(rows.length)
      for (const effect of effects) {
        const kind = kinds[effect.kind]
        if (kind !== undefined) rows.push({ effect, kind, weapon })
      }
      end.push(rows.length)
    }
    return { start: Int32Array.from(start), end: Int32Array.from(end) }
  }
  const direct = append(DIRECT)
  const periodic = append(PERIODIC)
  const argumentOf = ({ effect, kind }: EffectRow): number => {
    if (kind === EFFECT.ENERGIZE) return powerOf.get(effect.powerType) ?? -1
    if (kind === EFFECT.AURA) return auraOf[spellOf.get(effect.spellId) ?? -1] ?? -1
    const other = spellOf.get(effect.triggerSpellId) ?? -1
    return kind === EFFECT.REMOVE_AURA ? (auraOf[other] ?? -1) : other
  }
  const columns: EffectColumns = {
    kind: bytes(rows, ({ kind }) => kind),
    base: floats(rows, ({ effect, kind, weapon }) => {
      if (kind === EFFECT.ENERGIZE) return Math.round(effect.base * MILLIONTHS)
      return effect.base + effect.weaponCoefficient * (weapon === undefined ? 0 : (weapon.dps * weapon.speedMs) / 1_000)
    }),
    coefficient: floats(rows, ({ effect, weapon }) => {
      const seconds = weapon === undefined ? 0 : weapon.speedMs / 1_000
      return effect.coefficient + (effect.weaponCoefficient * seconds) / POWER_PER_WEAPON_DPS
    }),
    variance: floats(rows, ({ effect }) => effect.variance),
    argument: ints(rows, argumentOf),
    target: bytes(rows, ({ effect }) => TARGETS[effect.target]),
    targetsMax: ints(rows, ({ effect }) => effect.maxTargets),
  }
  return { columns, direct, periodic }
}

const TARGETS = { target: TARGET.TARGET, self: TARGET.SELF, all: TARGET.ALL } as const
