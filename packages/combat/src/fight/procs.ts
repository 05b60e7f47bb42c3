import type { FightState } from './state.js'

/** Longer pauses between two attempts count as this long. */
const RPPM_ATTEMPT_MS_MAX = 10_000
const RPPM_DROUGHT_MS_MAX = 1_000_000

/**
 * Whether a proc happens now that it may. Chances are fixed or, for "real procs per minute", grow with the time since
 * the last attempt and with haste, and beyond one and a half mean intervals without success threefold with the excess.
 */
export function happens(state: FightState, proc: number): boolean {
  const { procs } = state.plan
  const aura = procs.aura[proc] as number
  if (aura >= 0 && state.stacks[aura] === 0) return false
  if (state.nowMs - (state.procHappenedMs[proc] as number) < (procs.cooldownMs[proc] as number)) return false
  if (state.prng.float() >= chanceOf(state, proc)) return false
  state.procHappenedMs[proc] = state.nowMs
  return true
}

function chanceOf(state: FightState, proc: number): number {
  const { procs } = state.plan
  const perMinute = procs.rppm[proc] as number
  if (perMinute === 0) return procs.chance[proc] as number
  const { nowMs } = state
  const sinceTriedMs = Math.min(RPPM_ATTEMPT_MS_MAX, nowMs - (state.procTriedMs[proc] as number))
  const sinceHappenedMs = Math.min(RPPM_DROUGHT_MS_MAX, nowMs - (state.procHappenedMs[proc] as number))
  state.procTriedMs[proc] = nowMs
  const rate = (perMinute * state.haste) / 60_000
  return rate * sinceTriedMs * Math.max(1, 1 + 3 * (sinceHappenedMs * rate - 1.5))
}

/** As if each had last been tried long ago, and had last happened one mean interval ago. */
export function resetProcs(state: FightState): void {
  const { count, rppm, cooldownMs } = state.plan.procs
  for (let proc = 0; proc < count; proc++) {
    const perMinute = rppm[proc] as number
    state.procTriedMs[proc] = -RPPM_ATTEMPT_MS_MAX
    state.procHappenedMs[proc] = -Math.max(cooldownMs[proc] as number, perMinute === 0 ? 0 : 60_000 / perMinute)
  }
}
