import type { ConnectOptions } from '@terrane/client'

type Timers = NonNullable<ConnectOptions['timers']>

/** Longest pause between attempts to reconnect, ms. All other timers of the client are longer while it is offline. */
export const PAUSE_MAX_MS = 5_000

/** The client's timers, which also tell when its next attempt to connect begins. */
export class PauseWatch implements Timers {
  readonly #onPause: (untilMs: number) => void

  /** @param onPause gets the end of each pause, on `performance.now()`'s clock. Online, other timers may look like one. */
  constructor(onPause: (untilMs: number) => void) {
    this.#onPause = onPause
  }

  after(ms: number, run: () => void): { cancel(): void } {
    if (ms <= PAUSE_MAX_MS) this.#onPause(performance.now() + ms)
    const id = setTimeout(run, ms)
    return { cancel: () => clearTimeout(id) }
  }

  soon(run: () => void): void {
    setTimeout(run, 0)
  }

  next(run: () => void): void {
    queueMicrotask(run)
  }
}
