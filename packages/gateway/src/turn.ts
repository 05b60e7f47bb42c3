import type { Clock, Histogram, Timers } from '@terrane/core'

/** Something that has collected output during a turn. */
export interface Flushable {
  /** @param now the time at the end of the turn, ms */
  flush(now: number): void
}

/**
 * One turn of the event loop: many sockets are read in it, then everything that came of it is written.
 * The clock is read once when the turn begins and once when it ends, not per frame.
 */
export class Turn {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #appliedMs: Histogram
  readonly #onBug: (error: unknown) => void
  /** Counts turns, so that others can tell whether something happened in this one already. */
  #number = 0
  #startedAt = 0
  #arrivals = 0
  #underWay = false
  #dirty: Flushable[] = []
  #spare: Flushable[] = []
  #urgent: Flushable[] = []

  constructor(clock: Clock, timers: Timers, appliedMs: Histogram, onBug: (error: unknown) => void) {
    this.#clock = clock
    this.#timers = timers
    this.#appliedMs = appliedMs
    this.#onBug = onBug
  }

  /** When this turn began; begins one when none is under way. */
  now(): number {
    if (!this.#underWay) {
      this.#underWay = true
      this.#number++
      this.#startedAt = this.#clock.now()
      this.#timers.soon(this.#end)
    }
    return this.#startedAt
  }

  get number(): number {
    return this.#number
  }

  /** A channel has had its first inputs of this turn: one sample for the histogram. */
  arrived(): void {
    this.#arrivals++
  }

  /** Has `item` flushed at the end of the turn. The caller sees to it that it asks once per turn. */
  flushLater(item: Flushable): void {
    this.now()
    this.#dirty.push(item)
  }

  /**
   * Has `item` flushed as soon as what runs now has ended: for what became durable. The rest of the turn may be
   * many milliseconds of other sockets' input, and the clients' next inputs wait for this.
   */
  flushNext(item: Flushable): void {
    if (this.#urgent.length === 0) this.#timers.next(this.#flushUrgent)
    this.#urgent.push(item)
  }

  readonly #flushUrgent = (): void => {
    const urgent = this.#urgent
    this.#urgent = []
    const now = this.#clock.now()
    for (const item of urgent) this.#flush(item, now)
  }

  #flush(item: Flushable, now: number): void {
    try {
      item.flush(now)
    } catch (error) {
      this.#onBug(error)
    }
  }

  readonly #end = (): void => {
    this.#underWay = false
    const dirty = this.#dirty
    if (dirty.length === 0 && this.#arrivals === 0) return
    // What a flush marks anew belongs to the next turn.
    this.#dirty = this.#spare
    const now = this.#clock.now()
    for (; this.#arrivals > 0; this.#arrivals--) this.#appliedMs.record(Math.max(0, now - this.#startedAt))
    for (const item of dirty) this.#flush(item, now)
    dirty.length = 0
    this.#spare = dirty
  }
}
