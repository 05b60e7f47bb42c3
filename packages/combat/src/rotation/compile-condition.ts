import { badConfig } from '../config/config.js'
import { OP, STACK_DEPTH_MAX } from './code.js'
import { GRAMMAR_HINT, type Token, tokenize } from './tokens.js'

/** What the names in conditions stand for. Each answers -1 when there is no such thing. */
export interface Names {
  /** A constant of this job, such as `enemies`; undefined when it is none. */
  constant(path: readonly string[]): number | undefined
  power(token: string): number
  /** An aura on the player (`buff`) or on the enemy (`debuff`). */
  aura(token: string, side: 'buff' | 'debuff'): number
  spell(token: string): number
}

export interface Code {
  readonly code: number[]
  readonly constants: number[]
}

const SCALARS: Readonly<Record<string, number>> = {
  time: OP.TIME,
  time_left: OP.TIME_LEFT,
  gcd: OP.GCD,
  haste: OP.HASTE,
  'target.health': OP.HEALTH,
}
const AURA_FIELDS: Readonly<Record<string, number>> = {
  up: OP.AURA_UP,
  stacks: OP.AURA_STACKS,
  remains: OP.AURA_REMAINS,
  refreshable: OP.AURA_REFRESHABLE,
}
const COOLDOWN_FIELDS: Readonly<Record<string, number>> = {
  ready: OP.COOLDOWN_READY,
  remains: OP.COOLDOWN_REMAINS,
  charges: OP.CHARGES,
}
/** Binding strength and operation, weakest first. */
const BINARY: Readonly<Record<string, readonly [strength: number, operation: number]>> = {
  '||': [1, OP.OR],
  '&&': [2, OP.AND],
  '==': [3, OP.EQUAL],
  '!=': [3, OP.NOT_EQUAL],
  '<': [4, OP.LESS],
  '<=': [4, OP.LESS_EQUAL],
  '>': [4, OP.GREATER],
  '>=': [4, OP.GREATER_EQUAL],
  '+': [5, OP.ADD],
  '-': [5, OP.SUBTRACT],
  '*': [6, OP.MULTIPLY],
  '/': [6, OP.DIVIDE],
}
const UNARY_STRENGTH = 7

/**
 * Appends a condition's code to `into` and returns where it begins. Throws `bad_combat_config`, naming field and
 * column, for bad grammar, an unknown name, and an expression that is nested too deep.
 */
export function compileCondition(text: string, field: string, names: Names, into: Code): number {
  const start = into.code.length
  new Compiler(tokenize(text, field), field, names, into).compile()
  return start
}

class Compiler {
  readonly #tokens: readonly Token[]
  readonly #field: string
  readonly #names: Names
  readonly #into: Code
  #at = 0
  #depth = 0

  constructor(tokens: readonly Token[], field: string, names: Names, into: Code) {
    this.#tokens = tokens
    this.#field = field
    this.#names = names
    this.#into = into
  }

  compile(): void {
    this.#expression(0, 0)
    if (this.#next.kind !== 'end') throw this.#bad(this.#next, `"${this.#next.text}" was not expected`)
    this.#emit(OP.END, 0)
  }

  get #next(): Token {
    return this.#tokens[this.#at] as Token
  }

  #expression(weakest: number, nesting: number): void {
    if (nesting > STACK_DEPTH_MAX) throw this.#bad(this.#next, `it is nested more than ${STACK_DEPTH_MAX} deep`)
    this.#operand(nesting)
    for (;;) {
      const operator = this.#next
      const [strength, operation] = (operator.kind === 'operator' && BINARY[operator.text]) || [0, 0]
      if (strength <= weakest) return
      this.#at++
      if (operation === OP.AND || operation === OP.OR) {
        const jump = this.#emit(operation, 0)
        this.#depth--
        this.#expression(strength, nesting + 1)
        this.#into.code[jump + 1] = this.#into.code.length
      } else {
        this.#expression(strength, nesting + 1)
        this.#emit(operation, 0)
        this.#depth--
      }
    }
  }

  #operand(nesting: number): void {
    const token = this.#next
    this.#at++
    if (token.kind === 'number') this.#push(OP.CONST, this.#constant(Number(token.text)), token)
    else if (token.kind === 'name') this.#name(token)
    else if (token.text === '(') {
      this.#expression(0, nesting + 1)
      if (this.#next.text !== ')') throw this.#bad(this.#next, 'a ")" is missing')
      this.#at++
    } else if (token.text === '-' || token.text === '!') {
      this.#expression(UNARY_STRENGTH, nesting + 1)
      this.#emit(token.text === '-' ? OP.NEGATE : OP.NOT, 0)
    } else throw this.#bad(token, token.kind === 'end' ? 'something is missing' : `"${token.text}" was not expected`)
  }

  #name(token: Token): void {
    const scalar = SCALARS[token.text]
    if (scalar !== undefined) {
      this.#push(scalar, 0, token)
      return
    }
    const path = token.text.split('.')
    const constant = this.#names.constant(path)
    if (constant !== undefined) {
      this.#push(OP.CONST, this.#constant(constant), token)
      return
    }
    const [group = '', name = '', member = ''] = path
    const { operation, index } = this.#member(group, name, member)
    if (operation === undefined || path.length > 3) throw this.#bad(token, `"${token.text}" is unknown`, NAMES_HINT)
    if (index < 0) throw this.#bad(token, `there is no ${group} "${name}"`, NAMES_HINT)
    this.#push(operation, index, token)
  }

  #member(group: string, name: string, member: string): { operation: number | undefined; index: number } {
    if (group === 'power') {
      const operation = member === '' ? OP.POWER : member === 'deficit' ? OP.POWER_DEFICIT : undefined
      return { operation, index: this.#names.power(name) }
    }
    if (group === 'buff' || group === 'debuff') {
      return { operation: AURA_FIELDS[member], index: this.#names.aura(name, group) }
    }
    if (group === 'cooldown') return { operation: COOLDOWN_FIELDS[member], index: this.#names.spell(name) }
    if (group === 'cast_time' && member === '') return { operation: OP.CAST_TIME, index: this.#names.spell(name) }
    if (group === 'previous' && member === '') return { operation: OP.PREVIOUS, index: this.#names.spell(name) }
    return { operation: undefined, index: -1 }
  }

  #constant(value: number): number {
    return this.#into.constants.push(value) - 1
  }

  #push(operation: number, argument: number, token: Token): void {
    if (++this.#depth > STACK_DEPTH_MAX) throw this.#bad(token, `it needs more than ${STACK_DEPTH_MAX} values at once`)
    this.#emit(operation, argument)
  }

  #emit(operation: number, argument: number): number {
    return this.#into.code.push(operation, argument) - 2
  }

  #bad({ column }: Token, what: string, hint = GRAMMAR_HINT) {
    return badConfig(`${this.#field}: column ${column}: ${what}`, hint)
  }
}

const NAMES_HINT =
  'Known are time, time_left, gcd, haste, enemies, target.health, power.X(.deficit), ' +
  'buff.X and debuff.X (.up .stacks .remains .refreshable), cooldown.X (.ready .remains .charges), ' +
  'cast_time.X, previous.X and talent.X.'
