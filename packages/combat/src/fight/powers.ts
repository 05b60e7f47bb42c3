import type { FightState } from './state.js'
import { wake } from './timing.js'
import { TRACE } from './trace.js'

/** Power regenerates in whole millionths per millisecond, and is brought up to date when somebody looks. */
function syncPower(state: FightState, power: number): void {
  const { tally, powerAmount, nowMs } = state
  const elapsedMs = nowMs - (state.powerSyncedMs[power] as number)
  const rate = state.powerRate[power] as number
  if (elapsedMs === 0) return
  state.powerSyncedMs[power] = nowMs
  const max = state.powers.max[power] as number
  const before = powerAmount[power] as number
  const room = max - before
  const gained = rate * elapsedMs
  if (gained < room) {
    powerAmount[power] = before + gained
    tally.gained[power] = (tally.gained[power] as number) + gained
    return
  }
  // Without regeneration it is full only when it was.
  const filledMs = room === 0 ? 0 : Math.ceil(room / rate)
  powerAmount[power] = max
  tally.gained[power] = (tally.gained[power] as number) + room
  tally.wasted[power] = (tally.wasted[power] as number) + gained - room
  tally.cappedMs[power] = (tally.cappedMs[power] as number) + elapsedMs - filledMs
}

/** Rates follow haste. Call `syncPower` for all before haste changes. */
export function setRates(state: FightState): void {
  const { count, regen, regenHasted } = state.powers
  for (let power = 0; power < count; power++) {
    const rate = regen[power] as number
    state.powerRate[power] = regenHasted[power] === 1 ? Math.round(rate * state.haste) : rate
  }
}

/** What an effect gives. */
export function gainPower(state: FightState, power: number, effect: number): void {
  const { tally } = state
  const amount = state.effects.base[effect] as number
  syncPower(state, power)
  const before = state.powerAmount[power] as number
  const max = state.powers.max[power] as number
  const after = Math.min(max, before + amount)
  tally.gained[power] = (tally.gained[power] as number) + (after - before)
  tally.wasted[power] = (tally.wasted[power] as number) + (before + amount - after)
  state.powerAmount[power] = after
  if (state.isWaiting) wake(state)
  if (state.trace !== null) state.trace.add(state.nowMs, TRACE.POWER, power, -1, after)
}

/** What an entry of the spell's costs is now, in millionths. */
function costOf(state: FightState, spell: number, entry: number): number {
  const { spells, modifiers } = state
  if (spells.costChanges[spell] === 0) return spells.costAmount[entry] as number
  const { start, aura, value } = modifiers.cost
  let factor = spells.costFactor[spell] as number
  for (let i = start[spell] as number; i < (start[spell + 1] as number); i++) {
    const stacks = state.stacks[aura[i] as number] as number
    if (stacks > 0) factor *= 1 + (value[i] as number)
  }
  return factor <= 0 ? 0 : Math.round((spells.costAmount[entry] as number) * factor)
}

/** Whether the spell can be paid now. Powers must be in sync. A spell that cannot be yet says when regeneration is done. */
export function canPay(state: FightState, spell: number): boolean {
  const { costStart, costPower } = state.spells
  let waitMs = 0
  for (let entry = costStart[spell] as number; entry < (costStart[spell + 1] as number); entry++) {
    const power = costPower[entry] as number
    const missing = costOf(state, spell, entry) - (state.powerAmount[power] as number)
    if (missing <= 0) continue
    const rate = state.powerRate[power] as number
    if (rate === 0) return false
    waitMs = Math.max(waitMs, Math.ceil(missing / rate))
  }
  if (waitMs === 0) return true
  state.wakesMs = Math.min(state.wakesMs, state.nowMs + waitMs)
  return false
}

export function syncPowers(state: FightState): void {
  for (let power = 0; power < state.powerAmount.length; power++) syncPower(state, power)
}

export function pay(state: FightState, spell: number): void {
  const { costStart, costPower } = state.spells
  for (let entry = costStart[spell] as number; entry < (costStart[spell + 1] as number); entry++) {
    const power = costPower[entry] as number
    const cost = costOf(state, spell, entry)
    const after = (state.powerAmount[power] as number) - cost
    state.tally.spent[power] = (state.tally.spent[power] as number) + cost
    state.powerAmount[power] = after
    if (state.trace !== null) state.trace.add(state.nowMs, TRACE.POWER, power, -1, after)
  }
}
