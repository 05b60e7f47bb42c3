import { messageOf, TerraneError } from '@terrane/core'

/**
 * What a command prints when it cannot go on: what does not work, why, and what to do next. Always these
 * three, so that a person who has never seen the code can help themselves.
 */
export class CommandFailure extends TerraneError {
  readonly what: string
  readonly why: string
  readonly next: string

  constructor(code: string, parts: { what: string; why: string; next: string; cause?: unknown }) {
    super(code, `${parts.what}: ${parts.why}`, { hint: parts.next, cause: parts.cause })
    this.name = 'CommandFailure'
    this.what = parts.what
    this.why = parts.why
    this.next = parts.next
  }
}

const REPORT = 'this is a bug in Terrane or in the world; run again with LOG_LEVEL=debug to see where'

/** Gives any error its three parts. @param what what did not work, when the error does not say it itself */
export function failureOf(error: unknown, what: string): CommandFailure {
  if (error instanceof CommandFailure) return error
  if (error instanceof TerraneError) {
    return new CommandFailure(error.code, { what, why: error.message, next: error.hint ?? REPORT, cause: error })
  }
  return new CommandFailure('unexpected', { what, why: messageOf(error), next: REPORT, cause: error })
}

/** @param withStack also where it happened, for the person who mends it */
export function describeFailure(failure: CommandFailure, withStack: boolean): string {
  const lines = [`terrane: ${failure.what}`, `  why:  ${indented(failure.why)}`, `  next: ${indented(failure.next)}`]
  if (!withStack) return lines.join('\n')
  let error: unknown = failure
  while (error instanceof Error) {
    lines.push(error.stack ?? error.message)
    error = error.cause
  }
  return lines.join('\n')
}

function indented(text: string): string {
  return text.trim().replaceAll('\n', '\n        ')
}
