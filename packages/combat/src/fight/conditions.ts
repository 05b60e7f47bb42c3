import { MILLIONTHS } from '../plan/plan.js'
import { OP } from '../rotation/code.js'
import { chargesOf, cooldownRemainsMs, hasCharge } from './cooldowns.js'
import type { FightState } from './state.js'
import { castMs, gcdMs } from './timing.js'

/** An aura is due for a refresh when this share of its duration is left, or less. */
export const REFRESHABLE_SHARE = 0.3

/** Powers must be in sync. Whether the condition whose code begins there holds for an enemy. -1: no condition. Times are in seconds. */
export function holds(state: FightState, condition: number, target: number): boolean {
  if (condition < 0) return true
  const { stack } = state
  const { code, constants } = state.rotation
  let at = condition
  // Place of the top of the stack.
  let top = -1
  for (;;) {
    const operation = code[at] as number
    const argument = code[at + 1] as number
    at += 2
    if (operation === OP.CONST) {
      stack[++top] = constants[argument] as number
    } else if (operation >= OP.AURA_UP && operation <= OP.AURA_REFRESHABLE) {
      pushAura(state, operation, argument, target, ++top)
    } else if (operation < OP.ADD) {
      push(state, operation, argument, ++top)
    } else if (operation === OP.END) {
      return stack[top] !== 0
    } else if (operation === OP.AND || operation === OP.OR) {
      if ((stack[top] === 0) === (operation === OP.AND)) at = argument
      else top--
    } else if (operation === OP.NEGATE) {
      stack[top] = -(stack[top] as number)
    } else if (operation === OP.NOT) {
      stack[top] = stack[top] === 0 ? 1 : 0
    } else {
      combine(stack, operation, --top)
    }
  }
}

/** Two values at `top` become one. */
function combine(stack: Float64Array, operation: number, top: number): void {
  const left = stack[top] as number
  const right = stack[top + 1] as number
  switch (operation) {
    case OP.ADD:
      stack[top] = left + right
      break
    case OP.SUBTRACT:
      stack[top] = left - right
      break
    case OP.MULTIPLY:
      stack[top] = left * right
      break
    case OP.DIVIDE:
      // There is no infinity to compare with: what cannot be divided is nothing.
      stack[top] = right === 0 ? 0 : left / right
      break
    case OP.LESS:
      stack[top] = left < right ? 1 : 0
      break
    case OP.LESS_EQUAL:
      stack[top] = left <= right ? 1 : 0
      break
    case OP.GREATER:
      stack[top] = left > right ? 1 : 0
      break
    case OP.GREATER_EQUAL:
      stack[top] = left >= right ? 1 : 0
      break
    case OP.EQUAL:
      stack[top] = left === right ? 1 : 0
      break
    default:
      stack[top] = left !== right ? 1 : 0
  }
}

/** Puts the value of a name at `top`. */
function push(state: FightState, operation: number, argument: number, top: number): void {
  const { stack, nowMs, durationMs } = state
  switch (operation) {
    case OP.TIME:
      stack[top] = nowMs / 1_000
      break
    case OP.TIME_LEFT:
      stack[top] = (durationMs - nowMs) / 1_000
      break
    case OP.GCD:
      stack[top] = gcdMs(state, 1_500, true) / 1_000
      break
    case OP.HASTE:
      stack[top] = state.haste
      break
    case OP.HEALTH:
      stack[top] = (100 * (durationMs - nowMs)) / durationMs
      break
    case OP.POWER:
      stack[top] = (state.powerAmount[argument] as number) / MILLIONTHS
      break
    case OP.POWER_DEFICIT:
      stack[top] = ((state.powers.max[argument] as number) - (state.powerAmount[argument] as number)) / MILLIONTHS
      break
    case OP.COOLDOWN_READY:
      stack[top] = hasCharge(state, argument) ? 1 : 0
      break
    case OP.COOLDOWN_REMAINS:
      stack[top] = cooldownRemainsMs(state, argument) / 1_000
      break
    case OP.CHARGES:
      stack[top] = chargesOf(state, argument)
      break
    case OP.CAST_TIME:
      stack[top] = castMs(state, argument) / 1_000
      break
    default:
      stack[top] = state.previousSpell === argument ? 1 : 0
  }
}

function pushAura(state: FightState, operation: number, aura: number, target: number, top: number): void {
  const { auras, stack } = state
  const instance = (auras.instance[aura] as number) + (auras.onEnemy[aura] === 1 ? target : 0)
  const stacks = state.stacks[instance] as number
  const remainsMs = stacks > 0 ? (state.expiresMs[instance] as number) - state.nowMs : 0
  if (operation === OP.AURA_UP) stack[top] = stacks > 0 ? 1 : 0
  else if (operation === OP.AURA_STACKS) stack[top] = stacks
  else if (operation === OP.AURA_REMAINS) stack[top] = remainsMs / 1_000
  else stack[top] = remainsMs <= (auras.durationMs[aura] as number) * REFRESHABLE_SHARE ? 1 : 0
}
