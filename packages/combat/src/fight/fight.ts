import { Prng, TerraneError } from '@terrane/core'
import { countUptime } from './auras.js'
import { onRecovered } from './cooldowns.js'
import { onCastDone, onChannelTick, onMissile, onReady, onSwing } from './player.js'
import { setRates, syncPowers } from './powers.js'
import { resetProcs } from './procs.js'
import { type FightState, TIMER } from './state.js'
import { onExpired, onTick } from './ticks.js'

/** Of one fight. Half an hour against twenty enemies has some ten thousand; more is data that runs away. */
export const EVENTS_MAX = 500_000

/**
 * Fights once. The randomness follows from the job's seed and the iteration's number alone: it does not matter which
 * fights were fought before, by this state or by another. Adds to the state's tally and leaves the fight's own figures
 * in the state. Throws `runaway_fight` when there is no end to it.
 */
export function fight(state: FightState, seed: string, iteration: number, play: Play = interpret): void {
  const { plan, timers } = state
  state.reset(new Prng(`${seed}/${iteration}`))
  resetProcs(state)
  setRates(state)
  timers.schedule(TIMER.READY, 0)
  for (let hand = 0; hand < plan.swings.spell.length; hand++) {
    if ((plan.swings.spell[hand] as number) >= 0) timers.schedule(state.swingTimer(hand), 0)
  }
  const events = play(state)
  if (events > EVENTS_MAX) throw runaway(iteration)
  finish(state)
  // A player who waits is no event: nothing happens.
  state.events = events - state.waits
}

/** Handles what is due, in order, until the fight's time is up or there were too many events. Returns how many. */
export type Play = (state: FightState) => number

/** Follows the plan. */
function interpret(state: FightState): number {
  const { plan, timers, timerKind, timerArgument } = state
  let events = 0
  for (;;) {
    const timer = timers.take()
    if (timer < 0) return events
    const timeMs = timers.dueMs[timer] as number
    if (timeMs >= plan.durationMs) return events
    state.nowMs = timeMs
    if (++events > EVENTS_MAX) return events
    const argument = timerArgument[timer] as number
    switch (timerKind[timer]) {
      case TIMER.READY:
        onReady(state)
        break
      case TIMER.CAST:
        onCastDone(state)
        break
      case TIMER.CHANNEL:
        onChannelTick(state)
        break
      case TIMER.SWING:
        onSwing(state, argument)
        break
      case TIMER.POOL:
        onRecovered(state, argument)
        break
      case TIMER.MISSILE:
        onMissile(state, argument)
        break
      case TIMER.EXPIRE:
        onExpired(state, argument)
        break
      default:
        onTick(state, argument)
    }
  }
}

function finish(state: FightState): void {
  const { plan } = state
  state.nowMs = plan.durationMs
  syncPowers(state)
  for (let instance = 0; instance < plan.auras.instances; instance++) {
    if ((state.stacks[instance] as number) > 0) countUptime(state, instance)
  }
}

function runaway(iteration: number): TerraneError {
  return new TerraneError('runaway_fight', `iteration ${iteration} has more than ${EVENTS_MAX} events`, {
    hint: 'Look in the game data for effects that follow each other without time between them, such as ticks of 1 ms.',
  })
}
