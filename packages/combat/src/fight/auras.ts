import { REFRESH } from '../plan/plan.js'
import { setRates, syncPowers } from './powers.js'
import type { FightState } from './state.js'
import { wake } from './timing.js'
import { TRACE } from './trace.js'

/** A refresh by these rules adds what remains, up to this much of the full duration. */
export const PANDEMIC_SHARE = 0.3

/** Applies an aura to the player or, when it is for enemies, to `target`; or refreshes it by its rule. */
export function applyAura(state: FightState, aura: number, target: number): void {
  const { auras } = state
  const instance = (auras.instance[aura] as number) + (auras.onEnemy[aura] === 1 ? target : 0)
  const before = state.stacks[instance] as number
  if (state.isWaiting) wake(state)
  if (before > 0) {
    refreshAura(state, aura, instance, before)
    return
  }
  const durationMs = auras.durationMs[aura] as number
  const { tally, nowMs } = state
  state.stacks[instance] = 1
  state.appliedMs[instance] = nowMs
  state.expiresMs[instance] = nowMs + durationMs
  tally.applications[aura] = (tally.applications[aura] as number) + 1
  if (durationMs > 0) state.timers.schedule(state.firstExpireTimer + instance, nowMs + durationMs)
  if (state.trace !== null)
    state.trace.add(nowMs, TRACE.AURA_GAINED, auras.spell[aura] as number, holder(state, instance), 1)
  if (auras.changesStats[aura] === 1) updateStats(state)
  if ((auras.tickMs[aura] as number) > 0) {
    state.tickedMs[instance] = nowMs
    scheduleTick(state, aura, instance)
    if (auras.tickOnApplication[aura] === 1) state.timers.schedule(state.firstTickTimer + instance, nowMs)
  }
}

function refreshAura(state: FightState, aura: number, instance: number, before: number): void {
  const { auras } = state
  const rule = auras.refresh[aura] as number
  if (rule === REFRESH.NONE) return
  const { nowMs, tally } = state
  const durationMs = auras.durationMs[aura] as number
  const stacks = Math.min(auras.stacksMax[aura] as number, before + 1)
  state.stacks[instance] = stacks
  tally.refreshes[aura] = (tally.refreshes[aura] as number) + 1
  if (durationMs > 0) {
    const remainsMs = (state.expiresMs[instance] as number) - nowMs
    let nextMs = durationMs
    if (rule === REFRESH.PANDEMIC) nextMs += Math.min(remainsMs, Math.floor(durationMs * PANDEMIC_SHARE))
    else if (rule === REFRESH.EXTEND) nextMs = Math.min(nextMs + remainsMs, auras.durationMsMax[aura] as number)
    state.expiresMs[instance] = nowMs + nextMs
    state.timers.schedule(state.firstExpireTimer + instance, nowMs + nextMs)
  }
  if (state.trace !== null) {
    state.trace.add(nowMs, TRACE.AURA_REFRESHED, auras.spell[aura] as number, holder(state, instance), stacks)
  }
  if (stacks !== before && auras.changesStats[aura] === 1) updateStats(state)
}

/** The next tick, a period from now. */
export function scheduleTick(state: FightState, aura: number, instance: number): void {
  const { auras } = state
  const tickMs = auras.tickMs[aura] as number
  const periodMs = auras.ticksHasted[aura] === 1 ? Math.max(1, Math.round(tickMs / state.haste)) : tickMs
  state.tickPeriodMs[instance] = periodMs
  state.timers.schedule(state.firstTickTimer + instance, state.nowMs + periodMs)
}

export function removeAura(state: FightState, instance: number): void {
  if (state.stacks[instance] === 0) return
  const { auras } = state
  const aura = auras.instanceAura[instance] as number
  countUptime(state, instance)
  state.stacks[instance] = 0
  if (state.isWaiting) wake(state)
  state.timers.cancel(state.firstExpireTimer + instance)
  state.timers.cancel(state.firstTickTimer + instance)
  if (state.trace !== null) {
    state.trace.add(state.nowMs, TRACE.AURA_LOST, auras.spell[aura] as number, holder(state, instance), 0)
  }
  if (auras.changesStats[aura] === 1) updateStats(state)
}

export function removeStack(state: FightState, instance: number): void {
  const left = (state.stacks[instance] as number) - 1
  if (left === 0) removeAura(state, instance)
  else if (left > 0) state.stacks[instance] = left
}

/** What is up at the end of the fight has been up until then. */
export function countUptime(state: FightState, instance: number): void {
  const { uptimeMs } = state.tally
  const aura = state.auras.instanceAura[instance] as number
  uptimeMs[aura] = (uptimeMs[aura] as number) + state.nowMs - (state.appliedMs[instance] as number)
}

/** Haste and power by what is up. Computed from the start each time: no rounding adds up. */
function updateStats(state: FightState): void {
  const { modifiers, haste, power } = state.plan
  syncPowers(state)
  let hasteFactor = haste
  for (let i = 0; i < modifiers.haste.aura.length; i++) {
    const stacks = state.stacks[modifiers.haste.aura[i] as number] as number
    if (stacks > 0) hasteFactor *= 1 + stacks * (modifiers.haste.value[i] as number)
  }
  let powerFactor = 1
  for (let i = 0; i < modifiers.power.aura.length; i++) {
    const stacks = state.stacks[modifiers.power.aura[i] as number] as number
    if (stacks > 0) powerFactor *= 1 + stacks * (modifiers.power.value[i] as number)
  }
  state.haste = hasteFactor
  state.power = power * powerFactor
  setRates(state)
}

function holder(state: FightState, instance: number): number {
  const { auras } = state
  return auras.onEnemy[auras.instanceAura[instance] as number] === 1 ? (auras.instanceTarget[instance] as number) : -1
}
