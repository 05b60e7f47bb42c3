import { Histogram } from '@terrane/core'
import type { Quantiles } from '@terrane/protocol'

/**
 * Splits a histogram that others record into into the last second's and the total. Empties the source
 * each time, so it must be its only reader.
 */
export class LatencyWindow {
  readonly #last = new Histogram()
  /** Since the start. */
  readonly total = new Histogram()

  advance(source: Histogram): void {
    this.#last.reset()
    this.#last.merge(source)
    this.total.merge(source)
    source.reset()
  }

  /** Of the last second. */
  get quantiles(): Quantiles {
    if (this.#last.count === 0) return { p50: null, p99: null }
    return { p50: rounded(this.#last.quantile(0.5)), p99: rounded(this.#last.quantile(0.99)) }
  }
}

/** To a microsecond. */
function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000
}
