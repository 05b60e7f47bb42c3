import type { Prng } from '@terrane/core'
import type { Access, Claim, ClaimName, NodeSpec } from '@terrane/jobs'
import type { SimulatedTime } from '../../simulated-time.js'
import type { NodePlan } from './job-plan.js'
import { computeKnown, digestOfKnown, type KnownResult } from './known-results.js'
import type { SimSentinel } from './sim-sentinel.js'

/** Takes a message somewhere: late, twice or never. */
export type Send = (deliver: () => void) => void

const TURN_MS = 120
const HEARTBEAT_MS = 400
const LIE_MAX = 1_000_000

interface Work {
  readonly sentinel: SimSentinel
  readonly claim: Claim
}

/** A contributor's machine: claims, computes, beats, forgets, fails, repeats itself, lies. */
export class SimNode {
  readonly plan: NodePlan
  share: Access = 'public'
  isCalm = false
  readonly #time: SimulatedTime
  readonly #random: Prng
  readonly #send: Send
  readonly #sentinels: () => readonly SimSentinel[]
  readonly #poisonOf: (jobId: string) => number | undefined
  #work = new Map<string, Work>()
  /** What was under way before the last crash does not come to an end. */
  #life = 0
  #upAt = 0
  #beatAt = 0

  constructor(options: {
    plan: NodePlan
    time: SimulatedTime
    random: Prng
    send: Send
    sentinels: () => readonly SimSentinel[]
    poisonOf: (jobId: string) => number | undefined
  }) {
    this.plan = options.plan
    this.#time = options.time
    this.#random = options.random
    this.#send = options.send
    this.#sentinels = options.sentinels
    this.#poisonOf = options.poisonOf
    this.#tick()
  }

  crash(): void {
    this.#life++
    this.#work = new Map()
    this.#upAt = this.#time.now() + this.#random.below(3_000)
    // Some come back knowing that they had something, some only ask for more.
    if (this.#random.chance(0.5)) {
      this.#time.after(this.#upAt - this.#time.now() + 1, () => {
        for (const sentinel of this.#sentinels()) {
          this.#ask(
            sentinel,
            (of) => of.claimsOf(this.#spec()),
            (claims) => this.#begin(sentinel, claims),
          )
        }
      })
    }
  }

  /** Goes in good order. */
  leave(): void {
    for (const { sentinel, claim } of this.#work.values()) {
      this.#tell(sentinel, () => sentinel.fail(this.plan.id, claim, 'leaving'))
    }
    for (const sentinel of this.#sentinels()) this.#tell(sentinel, () => sentinel.leave(this.plan.id))
    this.#life++
    this.#work = new Map()
    this.#upAt = this.#time.now() + this.#random.below(3_000)
  }

  #spec(): NodeSpec {
    const { id, owner, cores } = this.plan
    return { id, owner, totalCores: cores, maxParallel: cores, share: this.share }
  }

  #tick(): void {
    this.#time.after(TURN_MS * (0.5 + this.#random.float()), () => this.#tick())
    const now = this.#time.now()
    if (now < this.#upAt) return
    const room = this.plan.cores - this.#work.size
    for (const sentinel of this.#sentinels()) {
      if (room > 0)
        this.#ask(
          sentinel,
          (of) => of.claim(this.#spec(), room),
          (claims) => this.#begin(sentinel, claims),
        )
    }
    if (now < this.#beatAt) return
    this.#beatAt = now + HEARTBEAT_MS
    for (const sentinel of this.#sentinels()) {
      // Whoever answers at the address of a sentinel that has died knows nothing of its claims, and says so.
      const names = [...this.#work.values()]
        .filter((work) => work.sentinel === sentinel || work.sentinel.isDead)
        .map(({ claim }) => claim)
      if (names.length === 0) continue
      this.#ask(
        sentinel,
        (of) => of.heartbeat(this.#spec(), names),
        (lost) => this.#lose(lost),
      )
    }
  }

  #begin(sentinel: SimSentinel, claims: readonly Claim[]): void {
    for (const claim of claims) {
      const key = `${sentinel.name} ${claim.token}`
      if (this.#work.has(key)) continue
      this.#work.set(key, { sentinel, claim })
      const units = claim.to - claim.from
      const { msPerUnit, sits, fails } = this.plan
      if (!this.isCalm && this.#random.chance(sits)) continue
      const isSlow = !this.isCalm && this.#random.chance(0.02)
      const isFailing = (!this.isCalm && this.#random.chance(fails)) || this.#hasPoison(claim)
      const life = this.#life
      this.#time.after(units * msPerUnit * (0.8 + 0.4 * this.#random.float()) * (isSlow ? 20 : 1), () => {
        if (life !== this.#life) return
        this.#work.delete(key)
        if (isFailing) this.#tell(sentinel, () => sentinel.fail(this.plan.id, claim, 'failed'))
        else this.#bring(sentinel, claim)
      })
    }
  }

  #bring(sentinel: SimSentinel, claim: Claim): void {
    const { lies, repeats, contradicts, wrongHash, id } = this.plan
    const lie = () => computeKnown(claim, { by: id, amount: this.#random.between(1, LIE_MAX) })
    const result = this.#random.chance(lies) ? lie() : computeKnown(claim)
    const isOfOther = !this.isCalm && this.#random.chance(wrongHash)
    const workHash = isOfOther ? 'another hash' : claim.workHash
    this.#complete(sentinel, claim, result, workHash)
    if (this.#random.chance(repeats)) this.#later(() => this.#complete(sentinel, claim, result, workHash))
    if (this.#random.chance(contradicts)) {
      const other = { ...result, sum: result.sum + 1, liars: [id] }
      // Behind the answer to the first: before it, it would be a lie.
      const isPast = () => sentinel.runtime.claimOf(id, claim) === undefined
      this.#later(() => isPast() && this.#complete(sentinel, claim, other, claim.workHash))
    }
    // To whoever else there is: no claim of it is theirs.
    for (const other of this.#sentinels()) {
      if (other !== sentinel && this.#random.chance(repeats)) this.#complete(other, claim, result, workHash)
    }
  }

  #complete(sentinel: SimSentinel, claim: ClaimName, result: KnownResult, workHash: string): void {
    const { jobId, token } = claim
    const completion = { jobId, token, node: this.plan.id, workHash, digest: digestOfKnown(result), result }
    // Whoever answers at the address of a sentinel that has died is its successor.
    for (const to of sentinel.isDead ? this.#sentinels() : [sentinel]) this.#tell(to, () => to.complete(completion))
  }

  #lose(lost: readonly ClaimName[]): void {
    for (const [key, { claim }] of this.#work) {
      if (lost.some(({ jobId, token }) => jobId === claim.jobId && token === claim.token)) this.#work.delete(key)
    }
  }

  #hasPoison({ jobId, variant, from, to }: Claim): boolean {
    const unit = this.#poisonOf(jobId)
    return unit !== undefined && variant === 0 && from <= unit && unit < to
  }

  #later(work: () => void): void {
    this.#time.after(this.#random.below(4_000), work)
  }

  #tell(sentinel: SimSentinel, deliver: () => void): void {
    this.#send(() => {
      if (!sentinel.isDead && !sentinel.isFrozen) deliver()
    })
  }

  #ask<A>(sentinel: SimSentinel, question: (of: SimSentinel) => A, answered: (answer: A) => void): void {
    const life = this.#life
    this.#tell(sentinel, () => {
      const answer = question(sentinel)
      this.#send(() => {
        if (life === this.#life) answered(answer)
      })
    })
  }
}
