import type { FightState } from './state.js'
import { TRACE } from './trace.js'

/** Power regenerates in whole millionths per millisecond, and is brought up to date when somebody looks. */
export function syncPower(state: FightState, power: number): number {
  const { tally } = state
  const max = state.plan.powers.max[power] as number
  const rate = state.powerRate[power] as number
  const elapsedMs = state.nowMs - (state.powerSyncedMs[power] as number)
  const before = state.powerAmount[power] as number
  if (elapsedMs === 0) return before
  state.powerSyncedMs[power] = state.nowMs
  const amount = before + rate * elapsedMs
  if (amount <= max) {
    tally.gained[power] = (tally.gained[power] as number) + rate * elapsedMs
    if (before === max) tally.cappedMs[power] = (tally.cappedMs[power] as number) + elapsedMs
    state.powerAmount[power] = amount
    return amount
  }
  tally.gained[power] = (tally.gained[power] as number) + (max - before)
  tally.wasted[power] = (tally.wasted[power] as number) + (amount - max)
  tally.cappedMs[power] = (tally.cappedMs[power] as number) + elapsedMs - Math.ceil((max - before) / rate)
  state.powerAmount[power] = max
  return max
}

/** Rates follow haste. Call `syncPower` for all before haste changes. */
export function setRates(state: FightState): void {
  const { count, regen, regenHasted } = state.plan.powers
  for (let power = 0; power < count; power++) {
    const rate = regen[power] as number
    state.powerRate[power] = regenHasted[power] === 1 ? Math.round(rate * state.haste) : rate
  }
}

export function gainPower(state: FightState, power: number, amount: number): void {
  const { tally } = state
  const before = syncPower(state, power)
  const max = state.plan.powers.max[power] as number
  const after = Math.min(max, before + amount)
  tally.gained[power] = (tally.gained[power] as number) + (after - before)
  tally.wasted[power] = (tally.wasted[power] as number) + (before + amount - after)
  state.powerAmount[power] = after
  if (state.trace !== null) state.trace.add(state.nowMs, TRACE.POWER, power, -1, after)
}

/** What the spell costs now of its nth power, in millionths. */
function costOf(state: FightState, spell: number, entry: number): number {
  const { spells, modifiers } = state.plan
  const { start, aura, value } = modifiers.cost
  let factor = spells.costFactor[spell] as number
  for (let i = start[spell] as number; i < (start[spell + 1] as number); i++) {
    const stacks = state.stacks[aura[i] as number] as number
    if (stacks > 0) factor *= 1 + (value[i] as number)
  }
  if (factor === 1) return spells.costAmount[entry] as number
  return factor <= 0 ? 0 : Math.round((spells.costAmount[entry] as number) * factor)
}

export function canPay(state: FightState, spell: number): boolean {
  const { costStart, costPower } = state.plan.spells
  for (let entry = costStart[spell] as number; entry < (costStart[spell + 1] as number); entry++) {
    if (syncPower(state, costPower[entry] as number) < costOf(state, spell, entry)) return false
  }
  return true
}

export function pay(state: FightState, spell: number): void {
  const { costStart, costPower } = state.plan.spells
  for (let entry = costStart[spell] as number; entry < (costStart[spell + 1] as number); entry++) {
    const power = costPower[entry] as number
    const cost = costOf(state, spell, entry)
    const after = syncPower(state, power) - cost
    state.tally.spent[power] = (state.tally.spent[power] as number) + cost
    state.powerAmount[power] = after
    if (state.trace !== null) state.trace.add(state.nowMs, TRACE.POWER, power, -1, after)
  }
}
