import { EFFECT, PROC, TARGET } from '../plan/plan.js'
import { applyAura, removeAura } from './auras.js'
import { advanceCooldown } from './cooldowns.js'
import { NUMBER, strike, weigh } from './damage.js'
import { gainPower } from './powers.js'
import { happens } from './procs.js'
import type { FightState } from './state.js'

/**
 * What a spell does when it arrives. The player's side of its damage was weighed, into `numbers`,
 * when it left. `mayProc`: it was not
 * itself set off by chance.
 */
export function runEffects(state: FightState, spell: number, target: number, mayProc: boolean): void {
  const { effectStart, effectEnd } = state.spells
  const { kind, base, argument, target: side, targetsMax } = state.effects
  const { enemies } = state
  const end = effectEnd[spell] as number
  // What it sets off weighs anew.
  const factor = state.numbers[NUMBER.FACTOR] as number
  const chance = state.numbers[NUMBER.CHANCE] as number
  for (let effect = effectStart[spell] as number; effect < end; effect++) {
    const max = targetsMax[effect] as number
    const reached = side[effect] !== TARGET.ALL ? 1 : max === 0 || max > enemies ? enemies : max
    const what = argument[effect] as number
    switch (kind[effect]) {
      case EFFECT.DAMAGE:
        for (let i = 0; i < reached; i++) {
          const hit = (target + i) % enemies
          state.numbers[NUMBER.FACTOR] = factor
          state.numbers[NUMBER.CHANCE] = chance
          const isCrit = strike(state, spell, effect, hit)
          if (!mayProc) continue
          attemptProcs(state, PROC.HIT, spell, hit)
          if (isCrit) attemptProcs(state, PROC.CRIT, spell, hit)
        }
        break
      case EFFECT.AURA:
        for (let i = 0; i < reached; i++) applyAura(state, what, (target + i) % enemies)
        break
      case EFFECT.ENERGIZE:
        if (what >= 0) gainPower(state, what, effect)
        break
      case EFFECT.TRIGGER:
        triggerSpell(state, what, target)
        break
      case EFFECT.COOLDOWN:
        advanceCooldown(state, what, base[effect] as number)
        break
      default:
        removeEffect(state, what, target)
    }
  }
}

/** At once, for nothing, and without setting off procs. */
export function triggerSpell(state: FightState, spell: number, target: number): void {
  if (state.spells.hurts[spell] === 1) weigh(state, spell)
  runEffects(state, spell, target, false)
}

function removeEffect(state: FightState, aura: number, target: number): void {
  if (aura < 0) return
  const { auras } = state
  removeAura(state, (auras.instance[aura] as number) + (auras.onEnemy[aura] === 1 ? target : 0))
}

/** Gives every proc that such an event of the spell may set off its chance, in order of their ids. */
export function attemptProcs(state: FightState, kind: number, spell: number, target: number): void {
  const { procs, spells } = state
  const list = kind * spells.count + spell
  const end = procs.by.start[list + 1] as number
  for (let i = procs.by.start[list] as number; i < end; i++) {
    const proc = procs.by.items[i] as number
    if (!happens(state, proc)) continue
    const { start, items } = procs.triggered
    for (let t = start[proc] as number; t < (start[proc + 1] as number); t++) {
      triggerSpell(state, items[t] as number, target)
    }
  }
}
