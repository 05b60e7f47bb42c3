import type { FightState } from './state.js'
import { TRACE } from './trace.js'

/** What critical hits do, times the usual. */
export const CRITICAL_FACTOR = 2
/** From a 32-bit whole number to [0, 1). */
const PER_WORD = 1 / 0x1_0000_0000

/**
 * Where fractions go from function to function. One that is returned, or passed, to a function that the compiler has
 * not inlined costs an allocation; half of a fight's time went there.
 */
export const NUMBER = { FACTOR: 0, CHANCE: 1 } as const

/** What the player's side makes of the spell now: the factor of its damage, and its chance of a critical hit. */
export function weigh(state: FightState, spell: number): void {
  const { stacks, numbers, modifiers, spells } = state
  const { damage, crit } = modifiers
  let factor = spells.damageFactor[spell] as number
  let end = damage.start[spell + 1] as number
  for (let i = damage.start[spell] as number; i < end; i++) {
    const count = stacks[damage.aura[i] as number] as number
    if (count > 0) factor *= 1 + count * (damage.value[i] as number)
  }
  let chance = spells.critChance[spell] as number
  end = crit.start[spell + 1] as number
  for (let i = crit.start[spell] as number; i < end; i++) {
    chance += (stacks[crit.aura[i] as number] as number) * (crit.value[i] as number)
  }
  numbers[NUMBER.FACTOR] = factor
  numbers[NUMBER.CHANCE] = chance
}

/** A direct hit, weighed by `numbers`. Whether it was critical. */
export function strike(state: FightState, spell: number, effect: number, target: number): boolean {
  const { tally, numbers, prng } = state
  const chance = numbers[NUMBER.CHANCE] as number
  roll(state, spell, effect, target)
  const raw = numbers[NUMBER.FACTOR] as number
  const isCrit = (prng.i32() >>> 0) * PER_WORD < chance
  const amount = Math.round(isCrit ? raw * CRITICAL_FACTOR : raw)
  tally.hits[spell] = (tally.hits[spell] as number) + 1
  if (isCrit) tally.crits[spell] = (tally.crits[spell] as number) + 1
  state.damage += amount
  tally.damage[spell] = (tally.damage[spell] as number) + amount
  if (amount > (tally.hitMax[spell] as number)) tally.hitMax[spell] = amount
  if (state.trace !== null) state.trace.add(state.nowMs, isCrit ? TRACE.CRIT : TRACE.HIT, spell, target, amount)
  return isCrit
}

/** A tick, or the share of one that so much of its period makes. */
export function tickDamage(
  state: FightState,
  spell: number,
  effect: number,
  target: number,
  elapsedMs: number,
  periodMs: number,
  mayCrit: boolean,
): void {
  const { tally, numbers, prng } = state
  weigh(state, spell)
  const chance = numbers[NUMBER.CHANCE] as number
  roll(state, spell, effect, target)
  const whole = numbers[NUMBER.FACTOR] as number
  const raw = elapsedMs === periodMs ? whole : (whole * elapsedMs) / periodMs
  const isCrit = mayCrit && (prng.i32() >>> 0) * PER_WORD < chance
  const amount = Math.round(isCrit ? raw * CRITICAL_FACTOR : raw)
  tally.ticks[spell] = (tally.ticks[spell] as number) + 1
  if (isCrit) tally.tickCrits[spell] = (tally.tickCrits[spell] as number) + 1
  state.damage += amount
  tally.damage[spell] = (tally.damage[spell] as number) + amount
  if (amount > (tally.hitMax[spell] as number)) tally.hitMax[spell] = amount
  if (state.trace !== null) state.trace.add(state.nowMs, isCrit ? TRACE.TICK_CRIT : TRACE.TICK, spell, target, amount)
}

/** Makes damage of the factor: before critical hits, a fraction that the one rounding at the end takes care of. */
function roll(state: FightState, spell: number, effect: number, target: number): void {
  const { base, coefficient, variance } = state.effects
  const { start, aura, value } = state.modifiers.damageTaken
  let raw =
    ((base[effect] as number) + (coefficient[effect] as number) * state.power) *
    (state.numbers[NUMBER.FACTOR] as number)
  // What the enemy's own auras multiply it by.
  const end = start[spell + 1] as number
  for (let i = start[spell] as number; i < end; i++) {
    const stacks = state.stacks[(aura[i] as number) + target] as number
    if (stacks > 0) raw *= 1 + stacks * (value[i] as number)
  }
  const spread = variance[effect] as number
  if (spread !== 0) raw *= 1 + spread * (2 * (state.prng.i32() >>> 0) * PER_WORD - 1)
  state.numbers[NUMBER.FACTOR] = raw
}
