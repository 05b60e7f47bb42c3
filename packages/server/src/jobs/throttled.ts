import type { Timer, Timers } from '@terrane/core'

/**
 *   idle ──run()──► resting ──run()──► wanted
 *   resting ──time──► idle; wanted ──time──► resting, and the work runs once more
 */
type State = 'idle' | 'resting' | 'wanted'

/** Runs work at once, but no more often than every so many milliseconds; the last wish is never lost. */
export class Throttled {
  readonly #timers: Timers
  readonly #apartMs: number
  readonly #work: () => void
  #state: State = 'idle'
  #timer: Timer | undefined

  constructor(timers: Timers, apartMs: number, work: () => void) {
    this.#timers = timers
    this.#apartMs = apartMs
    this.#work = work
  }

  run(): void {
    if (this.#state !== 'idle') {
      this.#state = 'wanted'
      return
    }
    this.#state = 'resting'
    this.#timer = this.#timers.after(this.#apartMs, () => {
      const isWanted = this.#state === 'wanted'
      this.#state = 'idle'
      if (isWanted) this.run()
    })
    this.#work()
  }

  stop(): void {
    this.#timer?.cancel()
  }
}
