import type { AnyWorld, InputResult } from '@terrane/engine'
import { defineWorld, kind } from '@terrane/engine'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { z } from 'zod'

/** Counts how often each input took effect: once, or the engine is wrong. */
const inputMarks = pgTable('simulated_input_marks', {
  id: text().primaryKey(),
  times: integer().notNull(),
})

export const MARKS = 'simulatedInputMarks'

/**
 * The same world, in which every input also counts its own executions under a name that the client
 * gives it. The count is written in the input's transaction, so it is there if and only if the
 * input's effect is.
 */
export function markedWorld(world: AnyWorld): AnyWorld {
  const inputs: Record<string, { args: z.ZodType; apply(tx: never, args: never): InputResult }> = {}
  for (const [name, input] of Object.entries((world.inputs ?? {}) as Record<string, AnyInput>)) {
    inputs[name] = {
      args: z.object({ ...(input.args as z.ZodObject).shape, [MARKS]: z.string() }),
      apply(tx: MarkTransaction, args: Record<string, unknown>) {
        const { [MARKS]: mark, ...rest } = args
        const result = input.apply(tx as never, rest as never)
        const held = tx[MARKS].get(mark as string)
        if (held === undefined) tx[MARKS].insert({ id: mark as string, times: 1 })
        else tx[MARKS].update(mark as string, { times: held.times + 1 })
        return result
      },
    } as never
  }
  const { schemas: _schemas, inputNames: _inputNames, ...definition } = world
  return defineWorld({
    ...definition,
    kinds: { ...definition.kinds, [MARKS]: kind(inputMarks, { visible: { to: 'nobody' } }) },
    inputs: inputs as never,
  }) as AnyWorld
}

interface AnyInput {
  readonly args: z.ZodType
  apply(tx: never, args: never): InputResult
}

interface MarkTransaction {
  readonly [MARKS]: {
    get(key: string): { readonly times: number } | undefined
    insert(row: { id: string; times: number }): unknown
    update(key: string, patch: { times: number }): unknown
  }
}
