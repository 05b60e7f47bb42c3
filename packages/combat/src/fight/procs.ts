import type { FightState } from './state.js'

/** Longer pauses between two attempts count as this long. */
export const RPPM_ATTEMPT_MS_MAX = 10_000
export const RPPM_DROUGHT_MS_MAX = 1_000_000
const PER_WORD = 1 / 0x1_0000_0000

/**
 * Whether a proc happens now that it may. Chances are fixed or, for "real procs per minute", grow with the time since
 * the last attempt and with haste, and beyond one and a half mean intervals without success threefold with the excess.
 */
export function happens(state: FightState, proc: number): boolean {
  const { procs, nowMs, procHappenedMs, procTriedMs } = state
  const baseRate = procs.rate[proc] as number
  const sinceTriedMs = nowMs - (procTriedMs[proc] as number)
  // Nothing has passed since another attempt of this moment.
  if (baseRate > 0 && sinceTriedMs === 0) return false
  const aura = procs.aura[proc] as number
  if (aura >= 0 && state.stacks[aura] === 0) return false
  const sinceHappenedMs = nowMs - (procHappenedMs[proc] as number)
  if (sinceHappenedMs < (procs.cooldownMs[proc] as number)) return false
  let chance = procs.chance[proc] as number
  if (baseRate > 0) {
    const rate = baseRate * state.haste
    const excess = Math.min(sinceHappenedMs, RPPM_DROUGHT_MS_MAX) * rate - 1.5
    chance = rate * Math.min(sinceTriedMs, RPPM_ATTEMPT_MS_MAX)
    if (excess > 0) chance *= 1 + 3 * excess
    procTriedMs[proc] = nowMs
  }
  if ((state.prng.i32() >>> 0) * PER_WORD >= chance) return false
  procHappenedMs[proc] = nowMs
  return true
}

/** As if each had last been tried long ago, and had last happened one mean interval ago. */
export function resetProcs(state: FightState): void {
  const { count, rate, cooldownMs } = state.procs
  for (let proc = 0; proc < count; proc++) {
    const baseRate = rate[proc] as number
    const intervalMs = baseRate === 0 ? 0 : Math.round(1 / baseRate)
    state.procTriedMs[proc] = -RPPM_ATTEMPT_MS_MAX
    state.procHappenedMs[proc] = -Math.max(cooldownMs[proc] as number, intervalMs)
  }
}
