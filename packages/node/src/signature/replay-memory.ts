/** Why a nonce is not taken. */
export type NonceRefusal = 'replayed' | 'too_many'

/** For each node and generation: 166 requests a second for two minutes. */
const NONCES_PER_KEY_MAX = 20_000
/** In all, per generation: some 100 MB. */
const NONCES_MAX = 1_000_000

/**
 * Nonces that were used, so that none is used twice. What cannot be remembered is refused, never forgotten: a request
 * may be repeated for as long as its timestamp is good, and two generations of nonces last longer than that.
 */
export class ReplayMemory {
  readonly #generationMs: number
  readonly #perKeyMax: number
  readonly #max: number
  #current = new Map<string, Set<string>>()
  #previous = new Map<string, Set<string>>()
  #count = 0
  #begunAt: number

  /** @param rememberMs the least time for which a nonce is remembered */
  constructor(rememberMs: number, now: number, limits: { perKeyMax?: number; max?: number } = {}) {
    this.#generationMs = rememberMs
    this.#begunAt = now
    this.#perKeyMax = limits.perKeyMax ?? NONCES_PER_KEY_MAX
    this.#max = limits.max ?? NONCES_MAX
  }

  /** Takes a nonce; undefined when this is the first time. */
  take(key: string, nonce: string, now: number): NonceRefusal | undefined {
    this.#turn(now)
    if (this.#previous.get(key)?.has(nonce)) return 'replayed'
    const known = this.#current.get(key)
    if (known?.has(nonce)) return 'replayed'
    if ((known?.size ?? 0) >= this.#perKeyMax || this.#count >= this.#max) return 'too_many'
    this.#count++
    if (known === undefined) this.#current.set(key, new Set([nonce]))
    else known.add(nonce)
    return undefined
  }

  #turn(now: number): void {
    const passed = now - this.#begunAt
    if (passed < this.#generationMs) return
    this.#previous = passed < 2 * this.#generationMs ? this.#current : new Map()
    this.#current = new Map()
    this.#count = 0
    this.#begunAt = now
  }
}
