import { MILLIONTHS } from '../plan/plan.js'
import { OP } from '../rotation/code.js'
import { chargesOf, cooldownRemainsMs, hasCharge } from './cooldowns.js'
import { syncPower } from './powers.js'
import type { FightState } from './state.js'
import { castMs, gcdMs } from './timing.js'

/** An aura is due for a refresh when this share of its duration is left, or less. */
const REFRESHABLE_SHARE = 0.3

/** Whether the condition whose code begins there holds for an enemy. -1: no condition. Times are in seconds. */
export function holds(state: FightState, condition: number, target: number): boolean {
  if (condition < 0) return true
  const { stack } = state
  const { code, constants } = state.plan.rotation
  let at = condition
  // Place of the top of the stack.
  let top = -1
  for (;;) {
    const operation = code[at] as number
    const argument = code[at + 1] as number
    at += 2
    if (operation < OP.ADD) {
      stack[++top] = operation === OP.CONST ? (constants[argument] as number) : read(state, operation, argument, target)
      continue
    }
    if (operation === OP.END) return stack[top] !== 0
    if (operation === OP.AND || operation === OP.OR) {
      if ((stack[top] === 0) === (operation === OP.AND)) at = argument
      else top--
      continue
    }
    const right = stack[top] as number
    if (operation === OP.NEGATE) stack[top] = -right
    else if (operation === OP.NOT) stack[top] = right === 0 ? 1 : 0
    else {
      top--
      stack[top] = combine(operation, stack[top] as number, right)
    }
  }
}

function combine(operation: number, left: number, right: number): number {
  switch (operation) {
    case OP.ADD:
      return left + right
    case OP.SUBTRACT:
      return left - right
    case OP.MULTIPLY:
      return left * right
    case OP.DIVIDE:
      // There is no infinity to compare with: what cannot be divided is nothing.
      return right === 0 ? 0 : left / right
    case OP.LESS:
      return left < right ? 1 : 0
    case OP.LESS_EQUAL:
      return left <= right ? 1 : 0
    case OP.GREATER:
      return left > right ? 1 : 0
    case OP.GREATER_EQUAL:
      return left >= right ? 1 : 0
    case OP.EQUAL:
      return left === right ? 1 : 0
    default:
      return left !== right ? 1 : 0
  }
}

function read(state: FightState, operation: number, argument: number, target: number): number {
  const { plan, nowMs } = state
  switch (operation) {
    case OP.TIME:
      return nowMs / 1_000
    case OP.TIME_LEFT:
      return (plan.durationMs - nowMs) / 1_000
    case OP.GCD:
      return gcdMs(state, 1_500, true) / 1_000
    case OP.HASTE:
      return state.haste
    case OP.HEALTH:
      return (100 * (plan.durationMs - nowMs)) / plan.durationMs
    case OP.POWER:
      return syncPower(state, argument) / MILLIONTHS
    case OP.POWER_DEFICIT:
      return ((plan.powers.max[argument] as number) - syncPower(state, argument)) / MILLIONTHS
    case OP.COOLDOWN_READY:
      return hasCharge(state, argument) ? 1 : 0
    case OP.COOLDOWN_REMAINS:
      return cooldownRemainsMs(state, argument) / 1_000
    case OP.CHARGES:
      return chargesOf(state, argument)
    case OP.CAST_TIME:
      return castMs(state, argument) / 1_000
    case OP.PREVIOUS:
      return state.previousSpell === argument ? 1 : 0
    default:
      return readAura(state, operation, argument, target)
  }
}

function readAura(state: FightState, operation: number, aura: number, target: number): number {
  const { auras } = state.plan
  const instance = (auras.instance[aura] as number) + (auras.onEnemy[aura] === 1 ? target : 0)
  const stacks = state.stacks[instance] as number
  if (operation === OP.AURA_STACKS) return stacks
  if (operation === OP.AURA_UP) return stacks > 0 ? 1 : 0
  const remainsMs = stacks > 0 ? (state.expiresMs[instance] as number) - state.nowMs : 0
  if (operation === OP.AURA_REMAINS) return remainsMs / 1_000
  return remainsMs <= (auras.durationMs[aura] as number) * REFRESHABLE_SHARE ? 1 : 0
}
