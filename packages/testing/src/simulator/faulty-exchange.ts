import type { Prng, Timers } from '@terrane/core'
import type { OpEndpoint, OpExchange, OpParcel, OpReceipt, ZoneNote } from '@terrane/engine'

/** How hostile the way between zones is. Probabilities are per parcel, or per op where that is said. */
export interface ExchangePlan {
  readonly lost: number
  readonly repeated: number
  readonly late: number
  /** Parcels come apart, and their ops arrive in any order. */
  readonly torn: number
  readonly latencyMs: number
  readonly lateMs: number
}

export function drawExchangePlan(random: Prng): ExchangePlan {
  const some = (share: number, value: number) => (random.chance(share) ? value * random.float() : 0)
  return {
    lost: some(0.6, 0.3),
    repeated: some(0.6, 0.3),
    late: some(0.6, 0.3),
    torn: some(0.5, 0.5),
    latencyMs: 1 + random.below(10),
    lateMs: 50 + random.below(3_000),
  }
}

/** Everything comes once and in order of its own delay. */
export function calmExchangePlan(latencyMs: number): ExchangePlan {
  return { lost: 0, repeated: 0, late: 0, torn: 0, latencyMs, lateMs: latencyMs }
}

/** Loses, repeats, delays, tears and reorders ops and receipts. */
export class FaultyExchange implements OpExchange {
  readonly #endpoint: OpEndpoint
  readonly #timers: Timers
  readonly #random: Prng
  readonly #plan: ExchangePlan
  readonly #isCalm: () => boolean
  #isStopped = false

  constructor(options: {
    endpoint: OpEndpoint
    timers: Timers
    random: Prng
    plan: ExchangePlan
    /** True at the end of a run, so that everything can come to rest. */
    isCalm: () => boolean
  }) {
    this.#endpoint = options.endpoint
    this.#timers = options.timers
    this.#random = options.random
    this.#plan = options.plan
    this.#isCalm = options.isCalm
  }

  send(parcel: OpParcel): void {
    if (this.#happens(this.#plan.torn)) {
      for (const op of this.#random.shuffle([...parcel.ops])) this.#carry(() => this.#receive({ ...parcel, ops: [op] }))
    } else this.#carry(() => this.#receive(parcel))
  }

  acknowledge(receipt: OpReceipt): void {
    this.#carry(() => {
      if (!this.#isStopped) this.#endpoint.acknowledged(receipt)
    })
  }

  tell(note: ZoneNote): void {
    this.#carry(() => {
      if (!this.#isStopped && this.#endpoint.has(note.to)) this.#endpoint.told(note)
    })
  }

  stop(): void {
    this.#isStopped = true
  }

  #receive(parcel: OpParcel): void {
    if (!this.#isStopped) this.#endpoint.receive(parcel)
  }

  #carry(deliver: () => void): void {
    const { lost, repeated, late, latencyMs, lateMs } = this.#plan
    if (this.#happens(lost)) return
    for (let copies = this.#happens(repeated) ? 2 : 1; copies > 0; copies--) {
      const ms = this.#happens(late) ? lateMs : latencyMs
      this.#timers.after(ms * this.#random.float(), deliver)
    }
  }

  #happens(probability: number): boolean {
    return !this.#isCalm() && this.#random.chance(probability)
  }
}
