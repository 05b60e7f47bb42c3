/** Whether asking again can help: `never` (fix the request), `later` (back off, then repeat). */
export type Retry = 'never' | 'later'

/**
 * Base of every expected failure. Says what happened (`message`), what it is (`code`, stable, in
 * snake_case), whether to retry, and what to do next (`hint`). Bugs are `AssertionError`s instead.
 */
export class TerraneError extends Error {
  readonly code: string
  readonly retry: Retry
  readonly hint: string | undefined

  constructor(code: string, message: string, options: { retry?: Retry; hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'TerraneError'
    this.code = code
    this.retry = options.retry ?? 'never'
    this.hint = options.hint
  }
}

/** The text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
