import { type SlotList, slotList } from '../claims/slot-lists.js'
import type { Access } from '../nodes/eligibility.js'
import type { Node } from '../nodes/node.js'
import type { JobLimits, ResultPort } from '../runtime/ports.js'
import { type Seats, seatsOf } from '../schedule/schedule.js'
import type { Moments } from '../statistics/moments.js'
import { firstPhase, isPrecise, nextPhase, type Phase, phaseCount, rank, unitsOf } from '../strategies/strategy.js'
import { mustVerify, type TrustPolicy } from '../trust/policy.js'
import { type Review, Reviews } from '../trust/reviews.js'
import { Accepted } from './accepted.js'
import type { Job, JobOutcome, JobProgress } from './job.js'
import { Pace } from './pace.js'
import type { JobSnapshot } from './snapshot.js'
import { type Chunk, WorkPool } from './work-pool.js'

export interface RunningJobOptions<R> {
  readonly results: ResultPort<R>
  readonly policy: TrustPolicy
  readonly limits: JobLimits
}

/**
 * One job: its phase, the work that nobody has, what waits for agreement, and what was accepted. Who
 * has which claim is the runtime's to know.
 */
export class RunningJob<R> {
  readonly job: Job
  readonly owner: string
  readonly priority: number
  readonly access: Access
  readonly seats: Seats<RunningJob<R>> = seatsOf<RunningJob<R>>(this)
  number = -1
  readonly claims: SlotList = slotList()
  readonly pace: Pace
  readonly reviews: Reviews<R>
  outcome: JobOutcome<R> | undefined
  /** Something was accepted or given up since the last snapshot. */
  isChanged = false
  isEndTold = false
  /** When it was last seen to be worked on; undefined until somebody looks. */
  #workedAt: number | undefined
  readonly #options: RunningJobOptions<R>
  readonly #pool = new WorkPool()
  readonly #accepted: Accepted<R>
  /** Variants that are known well enough. */
  readonly #settled = new Set<number>()
  readonly #isSettled = (variant: number): boolean => this.#settled.has(variant)
  readonly #momentsOf = (variant: number): Moments | undefined => this.#accepted.momentsOf(variant)
  /** What is decided by: equal means must be equal on every way to them. */
  readonly #finalMomentsOf = (variant: number): Moments | undefined => this.#accepted.finalMomentsOf(variant)
  #phase: Phase
  #phaseIndex = 0
  /** Variants of the phase. */
  #members: ReadonlySet<number> = new Set()
  /** Units that the phase still needs. */
  #remaining = 0
  #total = 0

  constructor(job: Job, options: RunningJobOptions<R>) {
    this.job = job
    this.owner = job.owner
    this.priority = job.priority ?? 0
    this.access = job.access ?? 'public'
    this.pace = new Pace(options.limits)
    this.reviews = new Reviews(options.policy)
    this.#options = options
    this.#accepted = new Accepted(options.results)
    this.#phase = firstPhase(job.strategy)
    this.#enter()
  }

  get id(): string {
    return this.job.id
  }

  // ── work ────────────────────────────────────────────────────────────────────────────────────────

  get hasWork(): boolean {
    if (this.outcome !== undefined) return false
    return this.#pool.retries > 0 || this.reviews.areWanting || this.#pool.hasNew(this.#phase, this.#isSettled)
  }

  /** @param capacity chunks that all nodes together can have */
  take(node: Node, capacity: number, now: number): { readonly chunk: Chunk; readonly review?: Review<R> } | undefined {
    const review = this.reviews.size > 0 ? this.reviews.find(node.owner) : undefined
    if (review !== undefined) {
      review.asked.add(node.owner)
      const { variant, from, to, attempt } = review
      return { chunk: { variant, from, to, attempt }, review }
    }
    const { policy, limits } = this.#options
    // Their results would have to wait for others, and those that wait already are as many as there may be.
    if (this.reviews.size >= limits.reviewsMax && mustVerify(policy, node, this.owner)) return undefined
    const units = this.pace.unitsFor(node.id, this.#remaining, capacity)
    const chunk =
      this.#pool.takeRetry(node.id, units, now) ?? this.#pool.takeNew(node.id, this.#phase, this.#isSettled, units)
    return chunk && { chunk }
  }

  /** A chunk that came to nothing through no fault of its own. */
  giveBack(chunk: Chunk): void {
    if (chunk.attempt === 0) this.#pool.giveBack(chunk.variant, chunk.from, chunk.to)
    else this.#pool.retry(chunk, '', 0)
  }

  /** A chunk that has failed at a node, once more. */
  fail(chunk: Chunk, node: string, message: string, now: number): void {
    const { attemptsMax, avoidMs } = this.#options.limits
    const { variant, from, to } = chunk
    const attempt = chunk.attempt + 1
    if (attempt < attemptsMax) this.#pool.retry({ variant, from, to, attempt }, node, now + avoidMs)
    else if (this.job.onChunkFailure === 'finish_partially') {
      this.#accepted.giveUp(variant, { from, to })
      this.isChanged = true
      this.#recount()
    } else {
      this.#end({
        status: 'failed',
        code: 'chunk_failed',
        message: `units ${from} to ${to - 1} of variant ${variant} failed ${attempt} times, last: ${message}`,
      })
    }
  }

  /**
   * Ends a job whose chunks wait for agreement when no node has worked on it for too long: only nodes of users who
   * have had their say may serve it, or none at all, so that it would wait for ever.
   * @returns whether it has ended it
   */
  endIfDeserted(now: number): boolean {
    if (this.reviews.size === 0 || this.claims.length > 0) this.#workedAt = now
    this.#workedAt ??= now
    const { policy, limits } = this.#options
    if (this.outcome !== undefined || now - this.#workedAt < limits.agreementMsMax) return false
    this.#end({
      status: 'failed',
      code: 'no_agreement_possible',
      message:
        `${this.reviews.size} chunks wait for ${policy.agreement} users' nodes to agree, and for ` +
        `${limits.agreementMsMax / 60_000} minutes no node has come that could compute them. Submit it again when nodes ` +
        'of more users may serve it (its access, their share), or run a node of your own: what that computes needs no agreement',
    })
    return true
  }

  // ── results ─────────────────────────────────────────────────────────────────────────────────────

  /**
   * @param node whom to believe for it; undefined: enough nodes agree
   * @returns whether the variant is now known well enough, so that claims of it are not needed any more
   */
  accept(node: string | undefined, { variant, from, to }: Omit<Chunk, 'attempt'>, result: R): boolean {
    this.#accepted.add(node, variant, [{ from, to }], result)
    this.isChanged = true
    if (!this.#settled.has(variant) && isPrecise(this.job.strategy.stop, this.#momentsOf(variant))) {
      this.#settled.add(variant)
      this.#pool.dropRetriesOf(variant)
      for (const review of this.reviews.ofVariant(variant)) this.closeReview(review)
      this.#recount()
      return true
    }
    const { units } = this.#phase
    if (this.#members.has(variant)) this.#remaining -= Math.min(to, units) - Math.min(from, units)
    return false
  }

  /** A review whose chunk is as if it had never been given. */
  closeReview(review: Review<R>): void {
    this.reviews.close(review)
    this.#pool.giveBack(review.variant, review.from, review.to)
  }

  /**
   * Takes out all that is believed of a node. What phases decided by it is undone: the strategy starts
   * over, and goes on as far as what is left carries it.
   * @returns units
   */
  discard(node: string): number {
    for (const { variant, from, to } of this.reviews.forget(node)) this.#pool.giveBack(variant, from, to)
    const reopened = this.#accepted.discard(node)
    if (reopened.length === 0) return 0
    for (const { variant, range } of reopened) this.#pool.giveBack(variant, range.from, range.to)
    this.isChanged = true
    for (const variant of this.#settled) {
      if (!isPrecise(this.job.strategy.stop, this.#momentsOf(variant))) this.#settled.delete(variant)
    }
    this.#phaseIndex = 0
    this.#phase = firstPhase(this.job.strategy)
    this.#enter()
    return reopened.reduce((sum, { range }) => sum + range.to - range.from, 0)
  }

  /** Goes to the next phase when this one has all its units, and to the end after the last. */
  advance(): void {
    while (this.outcome === undefined && this.#remaining === 0) {
      const next = nextPhase(this.job.strategy, this.#phaseIndex, this.#phase, this.#finalMomentsOf)
      if (next === undefined) this.#complete()
      else {
        this.#phase = next
        this.#phaseIndex++
        this.#enter()
      }
    }
  }

  progress(): JobProgress {
    return {
      phase: this.#phaseIndex,
      phases: phaseCount(this.job.strategy),
      unitsDone: this.#total - this.#remaining,
      unitsTotal: this.#total,
      variants: this.#phase.variants.length,
      inFlight: this.claims.length,
      inReview: this.reviews.size,
      isEnded: this.outcome !== undefined,
    }
  }

  /** Of the variants of this phase, the best mean first. */
  ranking(): { readonly variant: number; readonly moments: Moments }[] {
    return rank(this.#phase.variants, this.#momentsOf).map((variant) => ({
      variant,
      moments: this.#momentsOf(variant) as Moments,
    }))
  }

  /** Of the best variant so far. */
  leading(): R | undefined {
    const best = rank(this.#phase.variants, this.#momentsOf)[0]
    return best === undefined ? undefined : this.#accepted.resultOf(best)
  }

  snapshot(): JobSnapshot<R> {
    this.isChanged = false
    const index = this.#phaseIndex
    const variants = index === 0 ? [] : this.#phase.variants
    return { phase: { index, variants }, ...this.#accepted.snapshot(), reviews: this.reviews.snapshot() }
  }

  /** @param isBelieved whether a node has not been found to lie meanwhile */
  restore(snapshot: JobSnapshot<R>, isBelieved: (node: string) => boolean): void {
    for (const { node, variant, ranges, result } of snapshot.parts) {
      if (node !== undefined && !isBelieved(node)) continue
      this.#accepted.add(node, variant, ranges, result)
      for (const { from, to } of ranges) this.#pool.take(variant, from, to)
    }
    // Only when all parts are there: some of them alone may seem more precise than all together.
    for (const { variant } of snapshot.parts) {
      if (isPrecise(this.job.strategy.stop, this.#momentsOf(variant))) this.#settled.add(variant)
    }
    for (const { variant, ranges } of snapshot.lost) {
      for (const range of ranges) {
        this.#accepted.giveUp(variant, range)
        this.#pool.take(variant, range.from, range.to)
      }
    }
    for (const { variant, from, to, votes } of snapshot.reviews) {
      const believed = votes.filter(({ node }) => isBelieved(node))
      if (believed.length === 0 || this.#settled.has(variant)) continue
      const review = this.reviews.open(variant, from, to, 0)
      this.#pool.take(variant, from, to)
      // The policy may be another one than when they were given.
      const verdict = believed.map((vote) => this.reviews.vote(review, vote)).find(({ kind }) => kind !== 'open')
      if (verdict?.kind === 'agreed') {
        this.reviews.close(review)
        this.accept(undefined, review, verdict.result)
      } else if (verdict?.kind === 'hopeless') this.closeReview(review)
    }
    const { index, variants } = snapshot.phase
    // A phase that a liar has had a part in is decided again.
    if (index > 0 && snapshot.parts.every(({ node }) => node === undefined || isBelieved(node))) {
      this.#phaseIndex = index
      this.#phase = { variants, units: unitsOf(this.job.strategy, index) }
    }
    this.#enter()
    this.advance()
  }

  #enter(): void {
    this.#members = new Set(this.#phase.variants)
    this.#pool.rewind()
    this.#recount()
    const { strategy, chunks } = this.job
    if (chunks === undefined) return
    const before = this.#phaseIndex === 0 ? 0 : unitsOf(strategy, this.#phaseIndex - 1)
    this.pace.cut(this.#phase.variants.length * (this.#phase.units - before), chunks)
  }

  #recount(): void {
    const { variants, units } = this.#phase
    this.#total = variants.length * units
    this.#remaining = 0
    for (const variant of variants) {
      if (!this.#settled.has(variant)) this.#remaining += units - this.#accepted.doneBelow(variant, units)
    }
  }

  #complete(): void {
    const ranking = rank(this.#phase.variants, this.#finalMomentsOf)
    const needed = this.job.strategy.kind === 'tournament' ? 1 : this.#phase.variants.length
    if (ranking.length < needed) {
      this.#end({ status: 'failed', code: 'no_results', message: 'all units of a variant have failed' })
      return
    }
    this.#end({
      status: 'completed',
      results: this.#accepted.results(),
      ranking,
      phases: this.#phaseIndex + 1,
      units: this.#accepted.units,
      unitsLost: this.#accepted.unitsLost,
    })
  }

  #end(outcome: JobOutcome<R>): void {
    this.outcome ??= outcome
  }
}
