import type { CombatPlan } from '../plan/plan.js'

/** Source text of functions. Each is written once, when the first call to it is. */
export class Program {
  readonly plan: CombatPlan
  /** Against one enemy nobody has to say which. */
  readonly parameter: string
  /** The enemy that a function is about, as its parameter or as what it always is. */
  readonly target: string
  readonly #functions = new Map<string, string>()

  constructor(plan: CombatPlan) {
    this.plan = plan
    this.parameter = plan.enemies === 1 ? '' : 'target'
    this.target = plan.enemies === 1 ? '0' : 'target'
  }

  /** Text of a call. `body` writes the function's text unless it is there; it may call the function itself. */
  call(name: string, body: () => string, parameters = '', values = parameters): string {
    if (!this.#functions.has(name)) {
      this.#functions.set(name, '')
      this.#functions.set(name, `function ${name}(${parameters}) {\n${body()}\n}`)
    }
    return `${name}(${values})`
  }

  /** A call about an enemy. */
  callOn(target: string, name: string, body: () => string): string {
    return this.call(name, body, this.parameter, this.plan.enemies === 1 ? '' : target)
  }

  get text(): string {
    return [...this.#functions.values()].join('\n')
  }
}

/** A number as source text that is read as the very same number. */
export function literal(value: number): string {
  return value < 0 || Object.is(value, -0) ? `(${Object.is(value, -0) ? '-0' : value})` : String(value)
}

/** Whole numbers from `from` up to `end`, which is not one of them. */
export function between(from: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - from) }, (_, i) => from + i)
}
