import type { FightState } from './state.js'
import { wake } from './timing.js'

/** Whether none of the spell's pools is empty. */
export function hasCharge(state: FightState, spell: number): boolean {
  return state.emptyPools[spell] === 0
}

/** Takes a charge of each pool; one that is not yet recovering begins to. */
export function takeCharge(state: FightState, spell: number): void {
  const { poolStart, pool, poolMs } = state.spells
  for (let i = poolStart[spell] as number; i < (poolStart[spell + 1] as number); i++) {
    const taken = pool[i] as number
    const left = (state.charges[taken] as number) - 1
    state.charges[taken] = left
    if (left === 0) countEmpty(state, taken, 1)
    state.poolMs[taken] = poolMs[i] as number
    if (!state.timers.isRunning(state.poolTimer(taken))) recover(state, taken)
  }
}

export function onRecovered(state: FightState, pool: number): void {
  const charges = (state.charges[pool] as number) + 1
  state.charges[pool] = charges
  if (charges === 1) countEmpty(state, pool, -1)
  if (state.isWaiting) wake(state)
  if (charges < (state.pools.charges[pool] as number)) recover(state, pool)
}

function countEmpty(state: FightState, pool: number, change: number): void {
  const { start, items } = state.pools.spells
  for (let i = start[pool] as number; i < (start[pool + 1] as number); i++) {
    const spell = items[i] as number
    state.emptyPools[spell] = (state.emptyPools[spell] as number) + change
  }
}

function recover(state: FightState, pool: number): void {
  const ms = state.poolMs[pool] as number
  const actualMs = state.pools.hasted[pool] === 1 ? Math.round(ms / state.haste) : ms
  state.timers.schedule(state.poolTimer(pool), state.nowMs + actualMs)
}

/** Brings the spell's charges back sooner by so many milliseconds; below 0: one charge at once. */
export function advanceCooldown(state: FightState, spell: number, ms: number): void {
  const { poolStart, pool } = state.spells
  for (let i = poolStart[spell] as number; i < (poolStart[spell + 1] as number); i++) {
    const timer = state.poolTimer(pool[i] as number)
    if (!state.timers.isRunning(timer)) continue
    const dueMs = ms < 0 ? state.nowMs : (state.timers.dueMs[timer] as number) - ms
    state.timers.schedule(timer, Math.max(state.nowMs, dueMs))
  }
}

/** Milliseconds until no pool is empty. */
export function cooldownRemainsMs(state: FightState, spell: number): number {
  const { poolStart, pool } = state.spells
  let remainsMs = 0
  for (let i = poolStart[spell] as number; i < (poolStart[spell + 1] as number); i++) {
    const each = pool[i] as number
    if ((state.charges[each] as number) > 0) continue
    remainsMs = Math.max(remainsMs, (state.timers.dueMs[state.poolTimer(each)] as number) - state.nowMs)
  }
  return remainsMs
}

/** Of the pool with the fewest; 1 for a spell without. */
export function chargesOf(state: FightState, spell: number): number {
  const { poolStart, pool } = state.spells
  const from = poolStart[spell] as number
  const end = poolStart[spell + 1] as number
  if (from === end) return 1
  let fewest = state.charges[pool[from] as number] as number
  for (let i = from + 1; i < end; i++) fewest = Math.min(fewest, state.charges[pool[i] as number] as number)
  return fewest
}
