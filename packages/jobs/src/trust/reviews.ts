import type { ReviewSnapshot, Vote } from '../job/snapshot.js'
import type { TrustPolicy } from './policy.js'

/** A chunk that is being verified. */
export interface Review<R> {
  readonly variant: number
  readonly from: number
  readonly to: number
  votes: Vote<R>[]
  /** Whose nodes are at it. */
  readonly asked: Set<string>
  /** How often it was given and came to nothing. */
  attempt: number
}

/** What a vote led to. */
export type Verdict<R> =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'agreed'
      readonly result: R
      readonly right: readonly string[]
      readonly wrong: readonly string[]
    }
  /** Whatever came now, not enough would agree. */
  | { readonly kind: 'hopeless' }

/** The chunks of a job that are being verified. */
export class Reviews<R> {
  readonly #policy: TrustPolicy
  readonly #open = new Set<Review<R>>()

  constructor(policy: TrustPolicy) {
    this.#policy = policy
  }

  get size(): number {
    return this.#open.size
  }

  open(variant: number, from: number, to: number, attempt: number): Review<R> {
    const review: Review<R> = { variant, from, to, votes: [], asked: new Set(), attempt }
    this.#open.add(review)
    return review
  }

  close(review: Review<R>): void {
    this.#open.delete(review)
  }

  /** One that a node of this user can help with. */
  find(owner: string): Review<R> | undefined {
    for (const review of this.#open) {
      const hasVoted = review.asked.has(owner) || review.votes.some((vote) => vote.owner === owner)
      if (!hasVoted && this.#wants(review) > 0) return review
    }
    return undefined
  }

  get areWanting(): boolean {
    for (const review of this.#open) if (this.#wants(review) > 0) return true
    return false
  }

  vote(review: Review<R>, vote: Vote<R>): Verdict<R> {
    review.votes.push(vote)
    const best = bestOf(review.votes)
    if (best.length >= this.#policy.agreement) {
      const { digest, result } = best[0] as Vote<R>
      const nodesOf = (votes: readonly Vote<R>[]) => votes.map(({ node }) => node)
      return {
        kind: 'agreed',
        result,
        right: nodesOf(best),
        wrong: nodesOf(review.votes.filter((other) => other.digest !== digest)),
      }
    }
    const toCome = this.#policy.resultsMax - review.votes.length
    return best.length + toCome < this.#policy.agreement ? { kind: 'hopeless' } : { kind: 'open' }
  }

  /** Forgets what a node said. Reviews that nobody is left in are closed, and returned. */
  forget(node: string): Review<R>[] {
    const empty: Review<R>[] = []
    for (const review of this.#open) {
      review.votes = review.votes.filter((vote) => vote.node !== node)
      if (review.votes.length === 0 && review.asked.size === 0) empty.push(review)
    }
    for (const review of empty) this.#open.delete(review)
    return empty
  }

  ofVariant(variant: number): Review<R>[] {
    return [...this.#open].filter((review) => review.variant === variant)
  }

  snapshot(): ReviewSnapshot<R>[] {
    return [...this.#open]
      .filter(({ votes }) => votes.length > 0)
      .map(({ variant, from, to, votes }) => ({ variant, from, to, votes: [...votes] }))
  }

  /** How many more nodes to ask at once: as many as would be enough if all agreed. */
  #wants({ votes, asked }: Review<R>): number {
    return this.#policy.agreement - bestOf(votes).length - asked.size
  }
}

/** The largest group of votes that say the same. */
function bestOf<R>(votes: readonly Vote<R>[]): readonly Vote<R>[] {
  let best: readonly Vote<R>[] = []
  for (const { digest } of votes) {
    const same = votes.filter((vote) => vote.digest === digest)
    if (same.length > best.length) best = same
  }
  return best
}
