import { type FightState, TIMER } from './state.js'

/** Haste does not make the global cooldown shorter than this. */
export const GCD_MS_MIN = 750

export function gcdMs(state: FightState, ms: number, isHasted: boolean): number {
  return isHasted ? Math.max(Math.min(ms, GCD_MS_MIN), Math.round(ms / state.haste)) : ms
}

/** How long the spell takes to cast now; 0: at once. */
export function castMs(state: FightState, spell: number): number {
  const { spells, modifiers } = state
  const base = spells.castMs[spell] as number
  if (base === 0) return 0
  const { start, aura, value } = modifiers.castTime
  let factor = spells.castFactor[spell] as number
  for (let i = start[spell] as number; i < (start[spell + 1] as number); i++) {
    if ((state.stacks[aura[i] as number] as number) > 0) factor *= 1 + (value[i] as number)
  }
  return factor <= 0 ? 0 : Math.round((base * factor) / state.haste)
}

/** Something has changed for a player who found nothing to do: look again, now. */
export function wake(state: FightState): void {
  state.isWaiting = false
  state.timers.schedule(TIMER.READY, state.nowMs)
}
