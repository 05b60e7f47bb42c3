/** Before the first measurement. */
const RTO_MS_INITIAL = 1000
const ALPHA = 1 / 8
const BETA = 1 / 4

/**
 * How long to wait for an answer from one neighbour: SRTT + 4·RTTVAR (Jacobson, Karels, "Congestion avoidance and
 * control", 1988). Measure only questions that were asked once: an answer to a repeated one may be to either
 * (Karn, Partridge, 1987).
 */
export class RttEstimator {
  #smoothedMs: number | undefined
  #varianceMs = 0

  sample(rttMs: number): void {
    if (this.#smoothedMs === undefined) {
      this.#smoothedMs = rttMs
      this.#varianceMs = rttMs / 2
      return
    }
    this.#varianceMs += BETA * (Math.abs(rttMs - this.#smoothedMs) - this.#varianceMs)
    this.#smoothedMs += ALPHA * (rttMs - this.#smoothedMs)
  }

  get rtoMs(): number {
    return this.#smoothedMs === undefined ? RTO_MS_INITIAL : this.#smoothedMs + 4 * this.#varianceMs
  }
}
