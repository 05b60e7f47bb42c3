import type { Prng, Timers } from '@terrane/core'
import { sleep } from '@terrane/core'
import { TransientStoreError, UncertainStoreError } from '@terrane/engine'
import type { StoreFaults } from '@terrane/store-memory'

/** How hostile a run is. All probabilities are per call, frame or second as named. */
export interface FaultPlan {
  /** Database call fails without effect. */
  readonly callFails: number
  /** Database call takes effect and its answer is lost. */
  readonly answerLost: number
  /** Database call is lost on its way, which looks just like a lost answer. */
  readonly requestLost: number
  /** Database call is slow: up to `slowMs` instead of `callMs`. */
  readonly callSlow: number
  readonly callMs: number
  readonly slowMs: number
  /** The database is gone for up to `outageMs`, per second. */
  readonly outagePerSecond: number
  readonly outageMs: number
  /** A server process dies, or freezes for up to `freezeMs`, per second. */
  readonly killPerSecond: number
  readonly freezePerSecond: number
  readonly freezeMs: number
  /** A client's connection breaks, per second and client. */
  readonly dropPerSecond: number
  /** A frame from a client arrives twice, or out of order. */
  readonly frameTwice: number
  readonly frameLate: number
  readonly latencyMs: number
  /** Default: 0. */
  readonly latencyMsMin?: number
  /**
   * A segment between client and server is lost: what it carried, and all that follows, comes by `retransmitMs` later.
   * With this, also when it is 0, frames to the server never overtake each other but for those that are `frameLate`.
   */
  readonly segmentLost?: number
  readonly retransmitMs?: number
  /** A client's socket takes no frames for a while, per second and client. */
  readonly congestPerSecond: number
}

/** Draws how hostile this run is: some runs are calm, some have one kind of trouble, some have all. */
export function drawFaultPlan(random: Prng): FaultPlan {
  const some = (share: number, value: number) => (random.chance(share) ? value * random.float() : 0)
  return {
    callFails: some(0.5, 0.1),
    answerLost: some(0.5, 0.1),
    requestLost: some(0.5, 0.1),
    callSlow: some(0.5, 0.1),
    callMs: 1 + random.below(8),
    slowMs: 100 + random.below(3_000),
    outagePerSecond: some(0.4, 0.2),
    outageMs: 500 + random.below(6_000),
    killPerSecond: some(0.7, 0.5),
    freezePerSecond: some(0.5, 0.4),
    freezeMs: 500 + random.below(8_000),
    dropPerSecond: some(0.6, 0.4),
    frameTwice: some(0.5, 0.1),
    frameLate: some(0.5, 0.1),
    latencyMs: 1 + random.below(30),
    congestPerSecond: some(0.5, 0.5),
  }
}

/** Nothing goes wrong; database calls and frames take their time. */
export function calmFaultPlan(callMs: number, latencyMs: number): FaultPlan {
  return {
    callFails: 0,
    answerLost: 0,
    requestLost: 0,
    callSlow: 0,
    callMs,
    slowMs: callMs,
    outagePerSecond: 0,
    outageMs: 0,
    killPerSecond: 0,
    freezePerSecond: 0,
    freezeMs: 0,
    dropPerSecond: 0,
    frameTwice: 0,
    frameLate: 0,
    latencyMs,
    latencyMsMin: 0,
    segmentLost: 0,
    congestPerSecond: 0,
  }
}

/** The database as one server process meets it: delays, failures, outages, and what freezing does to answers. */
export class DatabaseFaults implements StoreFaults {
  /** While true every call fails. Shared by all processes of a run. */
  static isDown(state: { downUntil: number }, now: number): boolean {
    return now < state.downUntil
  }

  readonly #plan: FaultPlan
  readonly #random: Prng
  readonly #timers: Timers & { now(): number }
  readonly #database: { downUntil: number }
  readonly #whileRunning: () => Promise<void>
  /** Set at the end of a run, so that everything can come to rest. */
  calm = false

  constructor(options: {
    plan: FaultPlan
    random: Prng
    time: Timers & { now(): number }
    database: { downUntil: number }
    /** Resolves when the process is not frozen. */
    whileRunning: () => Promise<void>
  }) {
    this.#plan = options.plan
    this.#random = options.random
    this.#timers = options.time
    this.#database = options.database
    this.#whileRunning = options.whileRunning
  }

  async before(call: { readonly writes: boolean }): Promise<void> {
    const { callMs, slowMs, callSlow, callFails, requestLost } = this.#plan
    const slow = !this.calm && this.#random.chance(callSlow)
    await sleep(this.#timers, (slow ? slowMs : callMs) * this.#random.float())
    if (this.calm) return
    if (DatabaseFaults.isDown(this.#database, this.#timers.now())) throw new TransientStoreError('the database is down')
    if (this.#random.chance(callFails)) throw new TransientStoreError('the call failed before it had an effect')
    if (call.writes && this.#random.chance(requestLost))
      throw new UncertainStoreError('nobody knows what became of the call')
  }

  async after(call: { readonly writes: boolean }): Promise<void> {
    await sleep(this.#timers, this.#plan.callMs * this.#random.float())
    await this.#whileRunning()
    if (this.calm || !call.writes) return
    if (this.#random.chance(this.#plan.answerLost)) throw new UncertainStoreError('the answer was lost')
  }
}
