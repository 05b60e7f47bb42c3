import type { ServerStats } from '@terrane/protocol'

/** Seconds of stats that the charts show. */
export const HISTORY_S = 120

/**
 * The last samples of the server's stats, oldest first. A silence longer than `gapMs` leaves a hole,
 * so that a chart shows an outage as an outage and not as a straight line.
 */
export class StatsHistory {
  readonly #capacity: number
  readonly #gapMs: number
  readonly #samples: (ServerStats | { readonly at: number; readonly hole: true })[] = []

  constructor(capacity: number = HISTORY_S, gapMs = 6_000) {
    this.#capacity = capacity
    this.#gapMs = gapMs
  }

  /** Samples from the past, and the same sample twice, are ignored. */
  push(stats: ServerStats): boolean {
    const last = this.#samples.at(-1)
    if (last !== undefined) {
      // A restarted server may run on an earlier clock: its history is another one.
      if (stats.at < last.at - 60_000) this.#samples.length = 0
      else if (stats.at <= last.at) return false
      else if (stats.at - last.at > this.#gapMs) this.#samples.push({ at: last.at + 1, hole: true })
    }
    this.#samples.push(stats)
    if (this.#samples.length > this.#capacity) this.#samples.splice(0, this.#samples.length - this.#capacity)
    return true
  }

  get length(): number {
    return this.#samples.length
  }

  get last(): ServerStats | undefined {
    const sample = this.#samples.at(-1)
    return sample === undefined || 'hole' in sample ? undefined : sample
  }

  /** Times in seconds and one column per value, as uPlot wants them; holes are null. */
  columns(values: readonly ((stats: ServerStats) => number | null)[]): [number[], ...(number | null)[][]] {
    const times = this.#samples.map((sample) => sample.at / 1000)
    return [times, ...values.map((value) => this.#samples.map((sample) => ('hole' in sample ? null : value(sample))))]
  }
}
