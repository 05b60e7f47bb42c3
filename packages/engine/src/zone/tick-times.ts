import { Histogram } from '@terrane/core'

/** How long the world's ticks take, by name, in all zones of a process. */
export class TickTimes {
  readonly #stopwatch: () => number
  readonly #byTick = new Map<string, Histogram>()

  /** @param stopwatch gives ms since any moment, as fine as the machine can */
  constructor(stopwatch: () => number) {
    this.#stopwatch = stopwatch
  }

  get byTick(): ReadonlyMap<string, Histogram> {
    return this.#byTick
  }

  measure<T>(tick: string, work: () => T): T {
    const startedAt = this.#stopwatch()
    try {
      return work()
    } finally {
      this.#of(tick).record(this.#stopwatch() - startedAt)
    }
  }

  #of(tick: string): Histogram {
    let times = this.#byTick.get(tick)
    if (times === undefined) {
      times = new Histogram()
      this.#byTick.set(tick, times)
    }
    return times
  }
}
