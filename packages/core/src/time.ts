/** Milliseconds since the Unix epoch. Engine code reads time through this and nothing else. */
export interface Clock {
  now(): number
}

/** A pending timer; cancelling one that has fired does nothing. */
export interface Timer {
  cancel(): void
}

/** Deferred work. The simulator supplies its own, so no engine code may touch the global timers. */
export interface Timers {
  /** Runs `work` once, `delayMs` from now. */
  after(delayMs: number, work: () => void): Timer
  /** Runs `work` once all input that is already waiting has been handled (a turn of the event loop). */
  soon(work: () => void): void
  /** Runs `work` as soon as the present callback and all that its promises set off have ended, before further input. */
  next(work: () => void): void
}

export const systemClock: Clock = { now: () => Date.now() }

export const systemTimers: Timers = {
  after(delayMs, work) {
    const handle = setTimeout(work, delayMs)
    return { cancel: () => clearTimeout(handle) }
  },
  soon(work) {
    // Browsers have no setImmediate; there a message turn is close enough.
    if (typeof setImmediate === 'function') setImmediate(work)
    else setTimeout(work, 0)
  },
  next(work) {
    if (typeof process === 'object' && typeof process.nextTick === 'function') process.nextTick(work)
    else queueMicrotask(work)
  },
}

/** Resolves after `delayMs` of the given timers' time. */
export function sleep(timers: Timers, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    timers.after(delayMs, resolve)
  })
}

/** As `work` does; rejects with `late()` when that takes longer than `delayMs` of the given timers' time. */
export async function inTime<T>(timers: Timers, delayMs: number, work: Promise<T>, late: () => Error): Promise<T> {
  let timer: Timer | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = timers.after(delayMs, () => reject(late()))
  })
  try {
    return await Promise.race([work, tooLate])
  } finally {
    timer?.cancel()
  }
}

/**
 * Delay before attempt `attempt` (0-based) of a retried operation: exponential with full jitter,
 * random in (0, min(cap, base·2^attempt)], never zero (Brooker 2015, "Exponential Backoff And Jitter").
 */
export function backoffMs(attempt: number, random: () => number, baseMs = 50, capMs = 5_000): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(attempt, 20))
  return Math.max(1, Math.ceil(random() * ceiling))
}
