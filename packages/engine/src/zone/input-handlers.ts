import type { z } from 'zod'
import { type AnyWorld, fieldsOf } from '../world/define-world.js'

/** An input whose types have been forgotten: `args` has been checked when `apply` gets it. */
interface AnyInput {
  readonly args: z.ZodType
  apply(tx: never, args: never): unknown
}

/** An input of the world, ready to run: how its arguments are read, and the handler. */
export class InputHandler {
  readonly name: string
  readonly fields: readonly string[]
  readonly #schema: z.ZodType
  readonly #definition: AnyInput

  constructor(name: string, definition: AnyInput) {
    this.name = name
    this.fields = fieldsOf(definition.args) ?? []
    this.#schema = definition.args
    this.#definition = definition
  }

  /** Checks arguments: an object, or an array in the order of `fields`. */
  parse(args: unknown): { readonly ok: true; readonly args: never } | { readonly ok: false; readonly problem: string } {
    let named = args
    if (Array.isArray(args)) {
      if (args.length > this.fields.length) {
        return { ok: false, problem: `${args.length} arguments were given, ${this.name} takes ${this.fields.length}` }
      }
      const object: Record<string, unknown> = {}
      for (let i = 0; i < args.length; i++) {
        if (args[i] !== undefined) object[this.fields[i] as string] = args[i]
      }
      named = object
    }
    const parsed = this.#schema.safeParse(named ?? {})
    if (parsed.success) return { ok: true, args: parsed.data as never }
    return { ok: false, problem: problemsOf(parsed.error) }
  }

  apply(tx: never, args: never): unknown {
    return this.#definition.apply(tx, args)
  }
}

/** The first problems, in one line. */
export function problemsOf(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map((issue) => (issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message))
    .join('; ')
}

export function inputHandlersOf(world: AnyWorld): readonly InputHandler[] {
  return Object.entries((world.inputs ?? {}) as Record<string, AnyInput>).map(
    ([name, definition]) => new InputHandler(name, definition),
  )
}
