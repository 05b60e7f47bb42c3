import type { UnitRange } from './range-set.js'

/** What is saved of a job, so that nothing of it is computed twice after a restart. */
export interface JobSnapshot<R> {
  /** The present phase, and its variants unless it is the first: who knows more decides otherwise than it was decided. */
  readonly phase: { readonly index: number; readonly variants: readonly number[] }
  readonly parts: readonly PartSnapshot<R>[]
  readonly reviews: readonly ReviewSnapshot<R>[]
  /** Units that were given up, by variant. */
  readonly lost: readonly { readonly variant: number; readonly ranges: readonly UnitRange[] }[]
}

/** All that was accepted of one node and one variant, merged. */
export interface PartSnapshot<R> {
  /** Whoever is to be believed for it; undefined: enough nodes agree on it. */
  readonly node: string | undefined
  readonly variant: number
  readonly ranges: readonly UnitRange[]
  readonly result: R
}

/** A chunk that is being verified. */
export interface ReviewSnapshot<R> extends UnitRange {
  readonly variant: number
  readonly votes: readonly Vote<R>[]
}

export interface Vote<R> {
  readonly node: string
  readonly owner: string
  readonly digest: string
  readonly result: R
}
