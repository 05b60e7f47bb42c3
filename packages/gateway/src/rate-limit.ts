import type { GatewayLimits } from './limits.js'

/** Token bucket without a timer: it fills by the time that has passed when somebody takes from it. */
export class TokenBucket {
  readonly #perMs: number
  readonly #burst: number
  #tokens: number
  #filledAt: number

  constructor(perSecond: number, burst: number, now: number) {
    this.#perMs = perSecond / 1000
    this.#burst = burst
    this.#tokens = burst
    this.#filledAt = now
  }

  /** Takes `count` tokens when there are so many. Otherwise takes none and returns false. */
  take(count: number, now: number): boolean {
    if (now !== this.#filledAt) {
      // A clock that was set back gives nothing, and must not stop the bucket from filling either.
      const passed = Math.max(0, now - this.#filledAt)
      this.#tokens = Math.min(this.#burst, this.#tokens + passed * this.#perMs)
      this.#filledAt = now
    }
    if (this.#tokens < count) return false
    this.#tokens -= count
    return true
  }
}

/** The buckets of one session. */
export class SessionBuckets {
  readonly inputs: TokenBucket
  /** Frames and refused inputs. Empty means flooding. */
  readonly frames: TokenBucket
  /** Empty means flooding. */
  readonly bytes: TokenBucket

  constructor(limits: GatewayLimits, now: number) {
    this.inputs = new TokenBucket(limits.inputsPerSecond, limits.inputsBurst, now)
    this.frames = new TokenBucket(limits.framesPerSecond, limits.framesBurst, now)
    this.bytes = new TokenBucket(limits.bytesPerSecond, limits.bytesBurst, now)
  }
}
