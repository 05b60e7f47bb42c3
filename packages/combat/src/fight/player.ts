import { ACTION, PROC } from '../plan/plan.js'
import { removeStack } from './auras.js'
import { holds } from './conditions.js'
import { takeCharge } from './cooldowns.js'
import { NUMBER, weigh } from './damage.js'
import { attemptProcs, runEffects } from './effects.js'
import { canPay, pay, syncPowers } from './powers.js'
import { type FightState, TIMER } from './state.js'
import { castMs, gcdMs } from './timing.js'
import { TRACE } from './trace.js'

/**
 * A player who finds nothing to do looks again when a spell can be paid, a cooldown ends, power is gained or an aura
 * comes or goes, and after so long at the latest: conditions may wait for a time.
 */
export const WAIT_MS_MAX = 250
/** Casts off the global cooldown at one moment; more is a rotation that never ends. */
export const INSTANT_CASTS_MAX = 32

/** The player is free: casts by the rotation until something takes time. */
export function onReady(state: FightState): void {
  state.isWaiting = false
  state.wakesMs = state.nowMs + WAIT_MS_MAX
  syncPowers(state)
  for (let casts = 0; casts < INSTANT_CASTS_MAX; casts++) {
    if (!castNext(state)) break
    if (state.timers.isRunning(TIMER.READY)) return
  }
  state.waits++
  state.isWaiting = true
  state.timers.schedule(TIMER.READY, state.wakesMs)
}

/** Casts the first action that is possible and whose condition holds; false when there is none. */
function castNext(state: FightState): boolean {
  const { kind, spell, condition, cycle, skipTo } = state.rotation
  const targets = state.enemies
  let action = 0
  while (action < kind.length) {
    const at = condition[action] as number
    if (kind[action] === ACTION.GUARD) {
      action = holds(state, at, 0) ? action + 1 : (skipTo[action] as number)
      continue
    }
    const candidate = spell[action] as number
    if (state.emptyPools[candidate] === 0 && isCastable(state, candidate)) {
      const last = cycle[action] === 1 ? targets : 1
      for (let target = 0; target < last; target++) {
        if (!holds(state, at, target)) continue
        beginCast(state, candidate, target)
        return true
      }
    }
    action++
  }
  return false
}

/** Whether a spell that has charges can be cast. */
function isCastable(state: FightState, spell: number): boolean {
  const { spells, durationMs, auras } = state
  const below = spells.targetHealthBelow[spell] as number
  // Health falls evenly from 100 % to 0 over the fight.
  if (below > 0 && (durationMs - state.nowMs) * 100 >= below * durationMs) return false
  const required = spells.requiredAura[spell] as number
  if (required >= 0 && state.stacks[auras.instance[required] as number] === 0) return false
  return canPay(state, spell)
}

/** Costs are paid and cooldowns begin when a cast begins, so nothing that happens until its end can forbid it. */
function beginCast(state: FightState, spell: number, target: number): void {
  const { spells } = state
  const { timers, nowMs, tally } = state
  const durationMs = castMs(state, spell)
  const channelBaseMs = spells.channelMs[spell] as number
  const channelMs = channelBaseMs === 0 ? 0 : Math.round(channelBaseMs / state.haste)
  const globalMs = gcdMs(state, spells.gcdMs[spell] as number, spells.gcdHasted[spell] === 1)
  const busyMs = Math.max(globalMs, durationMs, channelMs)
  tally.casts[spell] = (tally.casts[spell] as number) + 1
  if (state.trace !== null) state.trace.add(nowMs, TRACE.CAST, spell, target, busyMs)
  pay(state, spell)
  takeCharge(state, spell)
  if (channelMs > 0) {
    consumeAuras(state, spell)
    state.channelSpell = spell
    state.channelTarget = target
    state.channelTicksDone = 0
    state.channelStartMs = nowMs
    state.channelMs = channelMs
    scheduleChannelTick(state)
  } else if (durationMs > 0) {
    state.castSpell = spell
    state.castTarget = target
    timers.schedule(TIMER.CAST, nowMs + durationMs)
  } else launch(state, spell, target)
  if (busyMs > 0) timers.schedule(TIMER.READY, nowMs + busyMs)
  if (channelMs > 0) attemptProcs(state, PROC.CAST, spell, target)
  state.previousSpell = spell
}

export function onCastDone(state: FightState): void {
  const spell = state.castSpell
  state.castSpell = -1
  launch(state, spell, state.castTarget)
}

function scheduleChannelTick(state: FightState): void {
  const ticks = state.spells.channelTicks[state.channelSpell] as number
  const afterMs = Math.round(((state.channelTicksDone + 1) * state.channelMs) / ticks)
  state.timers.schedule(TIMER.CHANNEL, state.channelStartMs + afterMs)
}

export function onChannelTick(state: FightState): void {
  const { channelSpell: spell, channelTarget: target } = state
  state.channelTicksDone++
  if (state.channelTicksDone < (state.spells.channelTicks[spell] as number)) {
    scheduleChannelTick(state)
    // The last tick comes at the moment at which the player is free again, and before that.
    state.timers.schedule(TIMER.READY, state.timers.dueMs[TIMER.READY] as number)
  }
  weigh(state, spell)
  runEffects(state, spell, target, true)
}

/** The end of a cast: it hits now, or flies. */
function launch(state: FightState, spell: number, target: number): void {
  if (state.spells.hurts[spell] === 1) weigh(state, spell)
  const travelMs = state.spells.travelMs[spell] as number
  const missile = state.nextMissile
  if (travelMs > 0 && (state.missileSpell[missile] as number) < 0) {
    state.nextMissile = (missile + 1) % state.missileSpell.length
    state.missileSpell[missile] = spell
    state.missileTarget[missile] = target
    state.missileFactor[missile] = state.numbers[NUMBER.FACTOR] as number
    state.missileCrit[missile] = state.numbers[NUMBER.CHANCE] as number
    state.timers.schedule(state.firstMissileTimer + missile, state.nowMs + travelMs)
  } else runEffects(state, spell, target, true)
  consumeAuras(state, spell)
  attemptProcs(state, PROC.CAST, spell, target)
}

export function onMissile(state: FightState, missile: number): void {
  const spell = state.missileSpell[missile] as number
  state.missileSpell[missile] = -1
  state.numbers[NUMBER.FACTOR] = state.missileFactor[missile] as number
  state.numbers[NUMBER.CHANCE] = state.missileCrit[missile] as number
  runEffects(state, spell, state.missileTarget[missile] as number, true)
}

function consumeAuras(state: FightState, spell: number): void {
  const { start, items } = state.spells.consumes
  for (let i = start[spell] as number; i < (start[spell + 1] as number); i++) {
    removeStack(state, state.auras.instance[items[i] as number] as number)
  }
}

/** Weapons swing by themselves, whatever else their bearer does. */
export function onSwing(state: FightState, hand: number): void {
  const { swings } = state
  const spell = swings.spell[hand] as number
  const periodMs = Math.max(1, Math.round((swings.speedMs[hand] as number) / state.haste))
  state.timers.schedule(state.swingTimer(hand), state.nowMs + periodMs)
  state.tally.casts[spell] = (state.tally.casts[spell] as number) + 1
  weigh(state, spell)
  runEffects(state, spell, 0, true)
  attemptProcs(state, PROC.SWING, spell, 0)
}
