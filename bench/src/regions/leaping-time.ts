import { type Clock, systemClock, systemTimers, type Timer, type Timers } from '@terrane/core'

interface Pending {
  readonly at: number
  readonly work: () => void
  timer: Timer
}

/** The system's time, which can leap ahead: what falls due meanwhile happens at once. */
export class LeapingTime implements Clock, Timers {
  #aheadMs = 0
  readonly #pending = new Set<Pending>()

  now(): number {
    return systemClock.now() + this.#aheadMs
  }

  after(delayMs: number, work: () => void): Timer {
    const pending = { at: this.now() + delayMs, work }
    return this.#arm(pending as Pending)
  }

  soon(work: () => void): void {
    systemTimers.soon(work)
  }

  next(work: () => void): void {
    systemTimers.next(work)
  }

  leap(ms: number): void {
    this.#aheadMs += ms
    for (const pending of [...this.#pending]) {
      pending.timer.cancel()
      this.#arm(pending)
    }
  }

  #arm(pending: Pending): Timer {
    pending.timer = systemTimers.after(Math.max(0, pending.at - this.now()), () => {
      this.#pending.delete(pending)
      pending.work()
    })
    this.#pending.add(pending)
    return {
      cancel: () => {
        this.#pending.delete(pending)
        pending.timer.cancel()
      },
    }
  }
}
