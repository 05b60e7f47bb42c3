import { TerraneError } from '@terrane/core'
import type { z } from 'zod'
import type { TransactionRunner } from '../transaction/transaction-runner.js'
import type { AnyWorld } from '../world/define-world.js'
import { problemsOf } from './input-handlers.js'

/** A command whose types have been forgotten: `args` have been checked when `apply` gets them. */
interface AnyCommand {
  readonly args: z.ZodType
  apply(tx: never, args: never): unknown
}

/**
 * Runs a command of the world in a transaction. What world code throws is its failure; a refusal, and a command or
 * arguments that do not fit, are thrown as `TerraneError`.
 */
export function runCommand(
  world: AnyWorld,
  runner: TransactionRunner,
  name: string,
  args: unknown,
): { readonly result: unknown } | { readonly failure: unknown } {
  const commands = (world.commands ?? {}) as Readonly<Record<string, AnyCommand>>
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) {
    throw new TerraneError('unknown_command', `the world ${world.name} has no command "${name}"`, {
      hint: `It has: ${Object.keys(commands).join(', ') || 'none'}.`,
    })
  }
  const parsed = command.args.safeParse(args)
  if (!parsed.success) {
    throw new TerraneError('invalid_args', problemsOf(parsed.error), { hint: `Mend the arguments of ${name}.` })
  }
  const outcome = runner.run('', (tx) => command.apply(tx, parsed.data as never))
  if (outcome.kept) return { result: outcome.result }
  if ('failure' in outcome) return { failure: outcome.failure }
  const { code, message, retry } = outcome.rejection
  throw new TerraneError(code, message, { retry })
}
