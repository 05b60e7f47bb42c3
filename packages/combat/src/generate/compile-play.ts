import { EVENTS_MAX, type Play } from '../fight/fight.js'
import { FIRST_POOL_TIMER, type FightState, TIMER } from '../fight/state.js'
import { CONDITION_HELPERS } from './conditions.js'
import { onRecovered } from './cooldowns.js'
import { onCastDone, onChannelTick, onMissile, onReady, onSwing, swinging } from './player.js'
import { between, literal, Program } from './program.js'
import { onExpired, onTick } from './ticks.js'

/**
 * The rules of `fight/`, written out for one plan as JavaScript: what the plan says is a constant of the program and
 * what it does not have is not there, so that the engine's compiler sees straight code on fixed memory. Bit by bit the
 * same fights as the interpreter's, which is the simpler text, and so the oracle of this one's tests. The state's
 * columns are the program's memory; it plays with no other state.
 *
 * undefined where code may not be made from text, as a page's content security policy can say, or where the engine
 * finds the text too deep; the caller interprets then.
 */
export function compilePlay(state: FightState): Play | undefined {
  const text = programFor(state)
  try {
    const make: unknown = new Function('state', text)
    return (make as (state: FightState) => Play)(state)
  } catch (error) {
    if (error instanceof EvalError || error instanceof RangeError) return undefined
    throw error
  }
}

/** Source text of a function's body that takes `state` and returns its `Play`. */
function programFor(state: FightState): string {
  const { plan } = state
  const p = new Program(plan)
  const dispatch = cases(p, state)
  return `'use strict'
    const {
      stacks, expiresMs, appliedMs, tickedMs, tickPeriodMs, charges, emptyPools, poolMs, powerAmount, powerRate,
      powerSyncedMs, procTriedMs, procHappenedMs, missileSpell, missileTarget, missileFactor, missileCrit, timers,
    } = state
    const {
      casts, hits, crits, ticks, tickCrits, damage, hitMax, applications, refreshes, uptimeMs,
      gained, wasted, spent, cappedMs,
    } = state.tally
    const { dueMs } = timers
    const MISSILE = ${state.firstMissileTimer}
    const EXPIRE = ${state.firstExpireTimer}
    const TICK = ${state.firstTickTimer}
    const PER_WORD = 1 / 0x100000000
    // Numbers that are not whole would be allocated anew each time that a variable is set. Columns of more than 64
    // bytes lie outside the heap, where their address is a constant of the machine code.
    const real = new Float64Array(16)
    const HASTE = 0
    const POWER = 1
    const DAMAGE = 2
    const words = new Int32Array(32)
    let nowMs = 0
    let waits = 0
    let isWaiting = false
    let wakesMs = 0
    let castSpell = -1
    let castTarget = 0
    let channelSpell = -1
    let channelTarget = 0
    let channelTicksDone = 0
    let channelStartMs = 0
    let channelMs = 0
    let previousSpell = -1
    let nextMissile = 0

    function random() {
      const t = (((words[0] + words[1]) | 0) + words[3]) | 0
      words[3] = (words[3] + 1) | 0
      words[0] = words[1] ^ (words[1] >>> 9)
      words[1] = (words[2] + (words[2] << 3)) | 0
      words[2] = (((words[2] << 21) | (words[2] >>> 11)) + t) | 0
      return t
    }
    function wake() {
      isWaiting = false
      timers.schedule(${TIMER.READY}, nowMs)
    }
    ${CONDITION_HELPERS}
    ${p.text}

    return function play() {
      state.prng.copyTo(words)
      real[HASTE] = ${literal(plan.haste)}
      real[POWER] = ${literal(plan.power)}
      real[DAMAGE] = 0
      nowMs = 0
      waits = 0
      isWaiting = false
      castSpell = -1
      channelSpell = -1
      previousSpell = -1
      nextMissile = 0
      let events = 0
      for (;;) {
        const timer = timers.take()
        if (timer < 0) break
        const timeMs = dueMs[timer]
        if (timeMs >= ${plan.durationMs}) break
        nowMs = timeMs
        if (++events > ${EVENTS_MAX}) break
        switch (timer) {
          ${dispatch}
        }
      }
      state.damage = real[DAMAGE]
      state.waits = waits
      return events
    }`
}

function cases(p: Program, { plan, firstExpireTimer, firstTickTimer }: FightState): string {
  const one = (timer: number, call: string) => `case ${timer}: ${call}; break`
  const ofAuras = (first: number, handler: (p: Program, aura: number, instance: string) => string) =>
    between(0, plan.auras.instances).map((instance) =>
      one(first + instance, handler(p, plan.auras.instanceAura[instance] as number, String(instance))),
    )
  return [
    one(TIMER.READY, onReady(p)),
    one(TIMER.CAST, onCastDone(p)),
    one(TIMER.CHANNEL, onChannelTick(p)),
    ...swinging(p).map((hand) => one(TIMER.SWING + hand, onSwing(p, hand))),
    ...between(0, plan.pools.count).map((pool) => one(FIRST_POOL_TIMER + pool, onRecovered(p, pool))),
    ...ofAuras(firstExpireTimer, onExpired),
    ...ofAuras(firstTickTimer, onTick),
    `default: ${onMissile(p)}`,
  ].join('\n')
}
