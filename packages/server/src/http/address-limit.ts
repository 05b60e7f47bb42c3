/** How many addresses are remembered; beyond it the longest silent is forgotten, and starts afresh. */
const ADDRESSES_MAX = 10_000

interface Bucket {
  tokens: number
  filledAtMs: number
}

/** So many requests per second and address, with a burst. Constant memory, no timers. */
export class AddressLimit {
  readonly #perSecond: number
  readonly #burst: number
  readonly #buckets = new Map<string, Bucket>()

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond
    this.#burst = burst
  }

  /** False when this address has had its share. @param nowMs of a clock that never goes back */
  take(address: string, nowMs: number): boolean {
    const bucket = this.#buckets.get(address) ?? { tokens: this.#burst, filledAtMs: nowMs }
    const passedS = (nowMs - bucket.filledAtMs) / 1000
    bucket.tokens = Math.min(this.#burst, bucket.tokens + passedS * this.#perSecond)
    bucket.filledAtMs = nowMs
    // Moves it to the end, so that the first is the longest silent.
    this.#buckets.delete(address)
    this.#buckets.set(address, bucket)
    if (this.#buckets.size > ADDRESSES_MAX) this.#buckets.delete(this.#buckets.keys().next().value ?? '')
    if (bucket.tokens < 1) return false
    bucket.tokens--
    return true
  }
}
