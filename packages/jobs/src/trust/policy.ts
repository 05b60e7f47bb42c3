import { TerraneError } from '@terrane/core'

/**
 * When results are believed. A chunk that is verified is given to nodes of different users until `agreement` of them
 * give the same result; whoever gave another one has lied: it gets no more work, and what was believed of it is
 * discarded. What a node computes for its own user is believed: it would deceive nobody else.
 */
export interface TrustPolicy {
  /** 1: everything is believed. */
  readonly agreement: number
  /** After so many results without agreement nobody is believed, and the chunk has failed once. */
  readonly resultsMax: number
  /** Until so many chunks of a node were confirmed, all are verified. */
  readonly confirmations: number
  /** Share of the chunks of confirmed nodes that are verified all the same, 0 to 1. */
  readonly sample: number
}

export const TRUST_EVERYBODY: TrustPolicy = { agreement: 1, resultsMax: 1, confirmations: 0, sample: 0 }

/** Throws `invalid_policy`. */
export function validatePolicy({ agreement, resultsMax, confirmations, sample }: TrustPolicy): void {
  const areNumbers = [agreement, resultsMax, confirmations].every((value) => Number.isSafeInteger(value) && value >= 0)
  if (areNumbers && agreement >= 1 && resultsMax >= agreement && sample >= 0 && sample <= 1) return
  throw new TerraneError('invalid_policy', `${agreement} of ${resultsMax}, ${confirmations}, ${sample} is no policy`, {
    hint: 'agreement is 1 or more, resultsMax at least that, confirmations 0 or more, sample from 0 to 1.',
  })
}

/** Whether all that this node computes for that user is verified. */
export function mustVerify(
  policy: TrustPolicy,
  node: { readonly owner: string; readonly confirmations: number },
  jobOwner: string,
): boolean {
  return policy.agreement > 1 && node.owner !== jobOwner && node.confirmations < policy.confirmations
}
