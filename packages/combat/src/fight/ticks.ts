import { EFFECT, PROC } from '../plan/plan.js'
import { removeAura, scheduleTick } from './auras.js'
import { tickDamage } from './damage.js'
import { attemptProcs, triggerSpell } from './effects.js'
import { gainPower } from './powers.js'
import type { FightState } from './state.js'

/** The end of its time. What has passed of the next tick's period does that share of a tick. */
export function onExpired(state: FightState, instance: number): void {
  const { auras } = state.plan
  const aura = auras.instanceAura[instance] as number
  if ((auras.tickMs[aura] as number) > 0) {
    const elapsedMs = state.nowMs - (state.tickedMs[instance] as number)
    const share = elapsedMs / (state.tickPeriodMs[instance] as number)
    if (share > 0) runTick(state, aura, instance, share)
  }
  removeAura(state, instance)
}

export function onTick(state: FightState, instance: number): void {
  const aura = state.plan.auras.instanceAura[instance] as number
  state.tickedMs[instance] = state.nowMs
  scheduleTick(state, aura, instance)
  runTick(state, aura, instance, 1)
}

/** A tick of an aura, or a share of one: only damage can be divided. */
function runTick(state: FightState, aura: number, instance: number, share: number): void {
  const { auras, effects } = state.plan
  const spell = auras.spell[aura] as number
  const target = auras.instanceTarget[instance] as number
  const mayCrit = auras.ticksMayCrit[aura] === 1
  const end = auras.effectEnd[aura] as number
  for (let effect = auras.effectStart[aura] as number; effect < end; effect++) {
    const kind = effects.kind[effect]
    if (kind === EFFECT.DAMAGE) tickDamage(state, spell, effect, target, share, mayCrit)
    else if (share < 1) continue
    else if (kind === EFFECT.TRIGGER) triggerSpell(state, effects.argument[effect] as number, target)
    else gainPower(state, effects.argument[effect] as number, effects.base[effect] as number)
  }
  attemptProcs(state, PROC.TICK, spell, target)
}
