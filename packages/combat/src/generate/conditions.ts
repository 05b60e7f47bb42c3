import { REFRESHABLE_SHARE } from '../fight/conditions.js'
import { GCD_MS_MIN } from '../fight/timing.js'
import { MILLIONTHS } from '../plan/plan.js'
import { OP } from '../rotation/code.js'
import { instanceOn } from './auras.js'
import { chargesOf, cooldownRemainsMs } from './cooldowns.js'
import { between, literal, type Program } from './program.js'

/** An expression as source text, as a number and as whether it is another than 0. Neither changes anything. */
interface Expression {
  readonly value: string
  readonly truth: string
}

const OPERATORS: Readonly<Record<number, string>> = {
  [OP.ADD]: '+',
  [OP.SUBTRACT]: '-',
  [OP.MULTIPLY]: '*',
  [OP.LESS]: '<',
  [OP.LESS_EQUAL]: '<=',
  [OP.GREATER]: '>',
  [OP.GREATER_EQUAL]: '>=',
  [OP.EQUAL]: '===',
  [OP.NOT_EQUAL]: '!==',
}

/** An expression that is true when the condition whose code begins there holds for an enemy. -1: no condition. */
export function holds(p: Program, condition: number, target: string): string {
  return condition < 0 ? 'true' : expressionOf(p, condition, -1, target).truth
}

/** Of the code from `from` to `end`, or to where it says that it ends. */
function expressionOf(p: Program, from: number, end: number, target: string): Expression {
  const { code } = p.plan.rotation
  const stack: Expression[] = []
  const pop = () => stack.pop() as Expression
  for (let at = from; at !== end; ) {
    const operation = code[at] as number
    const argument = code[at + 1] as number
    at += 2
    if (operation === OP.END) break
    if (operation < OP.ADD) stack.push(nameOf(p, operation, argument, target))
    else if (operation === OP.AND || operation === OP.OR) {
      stack.push(combineTruths(operation, pop(), expressionOf(p, at, argument, target)))
      at = argument
    } else if (operation === OP.NEGATE) stack.push(number(`(-${pop().value})`))
    else if (operation === OP.NOT) stack.push(truth(`!${pop().truth}`))
    else stack.push(combine(operation, pop(), pop()))
  }
  return pop()
}

function number(value: string): Expression {
  return { value, truth: `(${value} !== 0)` }
}

function truth(text: string): Expression {
  return { value: `(${text} ? 1 : 0)`, truth: text }
}

function combineTruths(operation: number, left: Expression, right: Expression): Expression {
  return operation === OP.AND
    ? { value: `both(${left.value}, ${right.value})`, truth: `(${left.truth} && ${right.truth})` }
    : { value: `either(${left.value}, ${right.value})`, truth: `(${left.truth} || ${right.truth})` }
}

function combine(operation: number, right: Expression, left: Expression): Expression {
  if (operation === OP.DIVIDE) return number(`divide(${left.value}, ${right.value})`)
  const text = `(${left.value} ${OPERATORS[operation]} ${right.value})`
  return operation < OP.LESS ? number(text) : truth(text)
}

/** What operators of conditions become that JavaScript does otherwise. */
export const CONDITION_HELPERS = `
  function divide(left, right) { return right === 0 ? 0 : left / right }
  function both(left, right) { return left === 0 ? left : right }
  function either(left, right) { return left === 0 ? right : left }`

function nameOf(p: Program, operation: number, argument: number, target: string): Expression {
  const { plan } = p
  switch (operation) {
    case OP.CONST:
      return number(literal(plan.rotation.constants[argument] as number))
    case OP.TIME:
      return number('(nowMs / 1000)')
    case OP.TIME_LEFT:
      return number(`((${plan.durationMs} - nowMs) / 1000)`)
    case OP.GCD:
      return number(`(Math.max(${GCD_MS_MIN}, Math.round(1500 / real[HASTE])) / 1000)`)
    case OP.HASTE:
      return number('real[HASTE]')
    case OP.HEALTH:
      return number(`((100 * (${plan.durationMs} - nowMs)) / ${plan.durationMs})`)
    case OP.POWER:
      return number(`(powerAmount[${argument}] / ${MILLIONTHS})`)
    case OP.POWER_DEFICIT:
      return number(`((${plan.powers.max[argument]} - powerAmount[${argument}]) / ${MILLIONTHS})`)
    case OP.COOLDOWN_READY:
      return truth(`(emptyPools[${argument}] === 0)`)
    case OP.COOLDOWN_REMAINS:
      return number(`(${cooldownRemainsMs(p, argument)} / 1000)`)
    case OP.CHARGES:
      return number(chargesOf(p, argument))
    case OP.CAST_TIME:
      return number(`(${castMs(p, argument)} / 1000)`)
    case OP.PREVIOUS:
      return truth(`(previousSpell === ${argument})`)
    default:
      return auraValue(p, operation, argument, target)
  }
}

function auraValue(p: Program, operation: number, aura: number, target: string): Expression {
  const { durationMs } = p.plan.auras
  const index = instanceOn(p, aura, target)
  const stacks = `stacks[${index}]`
  const remainsMs = `(${stacks} > 0 ? expiresMs[${index}] - nowMs : 0)`
  if (operation === OP.AURA_UP) return truth(`(${stacks} > 0)`)
  if (operation === OP.AURA_STACKS) return number(stacks)
  if (operation === OP.AURA_REMAINS) return number(`(${remainsMs} / 1000)`)
  return truth(`(${remainsMs} <= ${literal((durationMs[aura] as number) * REFRESHABLE_SHARE)})`)
}

/** An expression: how long the spell takes to cast now. */
export function castMs(p: Program, spell: number): string {
  const { castMs: base, castFactor } = p.plan.spells
  const { start, aura, value } = p.plan.modifiers.castTime
  if (base[spell] === 0) return '0'
  const factors = between(start[spell] as number, start[spell + 1] as number).map(
    (i) => `if (stacks[${aura[i]}] > 0) factor *= ${literal(1 + (value[i] as number))}`,
  )
  return p.call(
    `castMs${spell}`,
    () => `
      let factor = ${literal(castFactor[spell] as number)}
      ${factors.join('\n')}
      return factor <= 0 ? 0 : Math.round((${base[spell]} * factor) / real[HASTE])`,
  )
}
