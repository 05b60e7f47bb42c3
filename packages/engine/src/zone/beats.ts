import type { Clock, Timer, Timers } from '@terrane/core'

/** What a zone does by the clock, until it closes. */
export class Beats {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #armed = new Set<Timer>()
  #isStopped = false

  constructor(clock: Clock, timers: Timers) {
    this.#clock = clock
    this.#timers = timers
  }

  /** Runs `work` on a steady beat; beats that the process missed are skipped, not made up for. */
  every(periodMs: number, work: (elapsedMs: number) => void): void {
    let last = this.#clock.now()
    let next = last + periodMs
    let timer: Timer | undefined
    const arm = () => {
      timer = this.#timers.after(Math.max(0, next - this.#clock.now()), beat)
      this.#armed.add(timer)
    }
    const beat = () => {
      if (timer !== undefined) this.#armed.delete(timer)
      if (this.#isStopped) return
      const now = this.#clock.now()
      work(now - last)
      last = now
      next = Math.max(next + periodMs, now)
      if (!this.#isStopped) arm()
    }
    arm()
  }

  stop(): void {
    this.#isStopped = true
    for (const timer of this.#armed) timer.cancel()
    this.#armed.clear()
  }
}
