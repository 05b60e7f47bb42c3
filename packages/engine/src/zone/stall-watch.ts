import type { Timer, Timers } from '@terrane/core'
import { TransientStoreError } from '../ports/store.js'

/**
 * One piece of work with the store that a zone's durability waits for: says so when it takes too long, whether the store
 * fails or hangs, and from then on with each failure.
 */
export class StallWatch {
  readonly #stalled: (cause: unknown) => void
  readonly #timer: Timer
  /** What the store said last. */
  #cause: unknown
  #isOverdue = false

  /** @param what the work, for the text of a store that says nothing */
  constructor(timers: Timers, afterMs: number, what: string, stalled: (cause: unknown) => void) {
    this.#stalled = stalled
    this.#timer = timers.after(afterMs, () => {
      this.#isOverdue = true
      stalled(this.#cause ?? new TransientStoreError(`${what}: no answer for ${afterMs} ms`))
    })
  }

  failed(cause: unknown): void {
    this.#cause = cause
    if (this.#isOverdue) this.#stalled(cause)
  }

  /** The work is done, or nobody waits for it any more. */
  end(): void {
    this.#timer.cancel()
  }
}
