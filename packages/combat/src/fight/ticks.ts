import { EFFECT, PROC } from '../plan/plan.js'
import { removeAura, scheduleTick } from './auras.js'
import { tickDamage } from './damage.js'
import { attemptProcs, triggerSpell } from './effects.js'
import { gainPower } from './powers.js'
import type { FightState } from './state.js'

/** The end of its time. What has passed of the next tick's period does that share of a tick. */
export function onExpired(state: FightState, instance: number): void {
  const { auras } = state
  const aura = auras.instanceAura[instance] as number
  if ((auras.tickMs[aura] as number) > 0) {
    const elapsedMs = state.nowMs - (state.tickedMs[instance] as number)
    if (elapsedMs > 0) runTick(state, aura, instance, elapsedMs)
  }
  removeAura(state, instance)
}

export function onTick(state: FightState, instance: number): void {
  const aura = state.auras.instanceAura[instance] as number
  const periodMs = state.tickPeriodMs[instance] as number
  state.tickedMs[instance] = state.nowMs
  runTick(state, aura, instance, periodMs)
  // What it set off may have ended the aura, or begun it again.
  if (state.stacks[instance] !== 0 && !state.timers.isRunning(state.firstTickTimer + instance)) {
    scheduleTick(state, aura, instance)
  }
}

/** A tick of an aura, or a share of one: only damage can be divided. */
function runTick(state: FightState, aura: number, instance: number, elapsedMs: number): void {
  const periodMs = state.tickPeriodMs[instance] as number
  const { auras, effects } = state
  const spell = auras.spell[aura] as number
  const target = auras.instanceTarget[instance] as number
  const mayCrit = auras.ticksMayCrit[aura] === 1
  const end = auras.effectEnd[aura] as number
  for (let effect = auras.effectStart[aura] as number; effect < end; effect++) {
    const kind = effects.kind[effect]
    if (kind === EFFECT.DAMAGE) tickDamage(state, spell, effect, target, elapsedMs, periodMs, mayCrit)
    else if (elapsedMs < periodMs) continue
    else if (kind === EFFECT.TRIGGER) triggerSpell(state, effects.argument[effect] as number, target)
    else gainPower(state, effects.argument[effect] as number, effect)
  }
  attemptProcs(state, PROC.TICK, spell, target)
}
