import type { FightState } from './state.js'
import { TRACE } from './trace.js'

/** What critical hits do, times the usual. */
const CRITICAL_FACTOR = 2

/** What the player's side multiplies damage by now. */
export function damageFactor(state: FightState, spell: number): number {
  const { spells, modifiers } = state.plan
  const { start, aura, value } = modifiers.damage
  let factor = spells.damageFactor[spell] as number
  for (let i = start[spell] as number; i < (start[spell + 1] as number); i++) {
    const stacks = state.stacks[aura[i] as number] as number
    if (stacks > 0) factor *= 1 + stacks * (value[i] as number)
  }
  return factor
}

export function critChance(state: FightState, spell: number): number {
  const { spells, modifiers } = state.plan
  const { start, aura, value } = modifiers.crit
  let chance = spells.critChance[spell] as number
  for (let i = start[spell] as number; i < (start[spell + 1] as number); i++) {
    const stacks = state.stacks[aura[i] as number] as number
    if (stacks > 0) chance += stacks * (value[i] as number)
  }
  return chance
}

/** What the enemy's own auras multiply it by. */
function takenFactor(state: FightState, spell: number, target: number): number {
  const { start, aura, value } = state.plan.modifiers.damageTaken
  let factor = 1
  for (let i = start[spell] as number; i < (start[spell + 1] as number); i++) {
    const stacks = state.stacks[(aura[i] as number) + target] as number
    if (stacks > 0) factor *= 1 + stacks * (value[i] as number)
  }
  return factor
}

/** Before critical hits; a fraction that the one rounding at the end takes care of. */
function rawDamage(state: FightState, spell: number, effect: number, target: number, factor: number): number {
  const { base, coefficient, variance } = state.plan.effects
  const spread = variance[effect] as number
  const amount = ((base[effect] as number) + (coefficient[effect] as number) * state.power) * factor
  const taken = amount * takenFactor(state, spell, target)
  return spread === 0 ? taken : taken * (1 + spread * (2 * state.prng.float() - 1))
}

/** A direct hit. Whether it was critical. */
export function strike(
  state: FightState,
  spell: number,
  effect: number,
  target: number,
  factor: number,
  chance: number,
): boolean {
  const { tally } = state
  const raw = rawDamage(state, spell, effect, target, factor)
  const isCrit = state.prng.float() < chance
  const amount = Math.round(isCrit ? raw * CRITICAL_FACTOR : raw)
  tally.hits[spell] = (tally.hits[spell] as number) + 1
  if (isCrit) tally.crits[spell] = (tally.crits[spell] as number) + 1
  addDamage(state, spell, amount)
  if (state.trace !== null) state.trace.add(state.nowMs, isCrit ? TRACE.CRIT : TRACE.HIT, spell, target, amount)
  return isCrit
}

/** A tick, or a share of one. */
export function tickDamage(
  state: FightState,
  spell: number,
  effect: number,
  target: number,
  share: number,
  mayCrit: boolean,
): void {
  const { tally } = state
  const raw = rawDamage(state, spell, effect, target, damageFactor(state, spell)) * share
  const isCrit = mayCrit && state.prng.float() < critChance(state, spell)
  const amount = Math.round(isCrit ? raw * CRITICAL_FACTOR : raw)
  tally.ticks[spell] = (tally.ticks[spell] as number) + 1
  if (isCrit) tally.tickCrits[spell] = (tally.tickCrits[spell] as number) + 1
  addDamage(state, spell, amount)
  if (state.trace !== null) state.trace.add(state.nowMs, isCrit ? TRACE.TICK_CRIT : TRACE.TICK, spell, target, amount)
}

function addDamage(state: FightState, spell: number, amount: number): void {
  const { tally } = state
  state.damage += amount
  tally.damage[spell] = (tally.damage[spell] as number) + amount
  if (amount > (tally.hitMax[spell] as number)) tally.hitMax[spell] = amount
}
