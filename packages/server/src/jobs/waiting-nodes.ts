import type { Timers } from '@terrane/core'

/** Nodes that have asked for work when there was none. */
export class WaitingNodes {
  readonly #timers: Timers
  readonly #waiting = new Set<() => void>()

  constructor(timers: Timers) {
    this.#timers = timers
  }

  get count(): number {
    return this.#waiting.size
  }

  /** Resolves when there may be work, after `ms` at the latest, or when whoever asks has gone. */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(done)
        timer.cancel()
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = this.#timers.after(ms, done)
      signal.addEventListener('abort', done)
      this.#waiting.add(done)
    })
  }

  /** There may be work: all of them look again. */
  wake(): void {
    for (const done of [...this.#waiting]) done()
  }
}
