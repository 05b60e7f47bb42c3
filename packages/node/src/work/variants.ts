import type { CombatConfigInput, StatName } from '@terrane/combat'
import { assert } from '@terrane/core'
import { type SentinelConfig, statsOf, variantCount } from './sentinel-config.js'

/** What sets a variant apart from the configuration that was submitted. */
export type VariantChange =
  | { readonly kind: 'none' }
  | { readonly kind: 'stat'; readonly stat: StatName; readonly points: number }
  | { readonly kind: 'gear'; readonly gear: readonly { readonly slot: string; readonly item: number | string }[] }

/** The points by which a variant of stat weights is richer. */
const POINTS_DEFAULT = 500

/**
 * What variant `number` changes. Variant 0 changes nothing. Those of stat weights add points to one stat each; those of
 * a tournament are all ways to wear the candidates, counted like a number whose digits are the slots.
 */
export function changeOf(config: SentinelConfig, number: number): VariantChange {
  assert(number >= 0 && number < variantCount(config), `there is no variant ${number}`)
  if (number === 0) return { kind: 'none' }
  if (config.strategy === 'stat_weights') {
    const stat = statsOf(config)[number - 1] as StatName
    return { kind: 'stat', stat, points: config.statWeights?.points ?? POINTS_DEFAULT }
  }
  return { kind: 'gear', gear: gearOf(config, number).map(({ slot, item }) => ({ slot, item })) }
}

/** The configuration of variant `number`. */
export function variantOf(config: SentinelConfig, base: CombatConfigInput, number: number): CombatConfigInput {
  const change = changeOf(config, number)
  switch (change.kind) {
    case 'none':
      return base
    case 'stat':
      return { ...base, stats: { ...base.stats, [change.stat]: (base.stats?.[change.stat] ?? 0) + change.points } }
    case 'gear': {
      const worn = gearOf(config, number)
      const kept = (base.gear ?? []).filter(({ slot }) => !worn.some((other) => other.slot === slot))
      return { ...base, gear: [...kept, ...worn] }
    }
  }
}

/** Slots by name, so that a variant's number means the same on every machine. */
function gearOf(config: SentinelConfig, number: number): NonNullable<CombatConfigInput['gear']> {
  const slots = Object.entries(config.tournament?.candidates ?? {}).sort(([left], [right]) => (left < right ? -1 : 1))
  const worn: NonNullable<CombatConfigInput['gear']> = []
  let rest = number
  for (const [slot, candidates = []] of slots) {
    const digit = rest % (candidates.length + 1)
    rest = (rest - digit) / (candidates.length + 1)
    const gear = candidates[digit - 1]
    if (gear !== undefined) worn.push({ slot, ...gear })
  }
  return worn
}
