import type { Work } from '../job/job.js'
import type { Circle } from '../nodes/eligibility.js'
import type { Moments } from '../statistics/moments.js'

/** What the runtime must know of results, which are opaque to it and which it never changes. */
export interface ResultPort<R> {
  /** Of disjoint units of one variant. Associative and commutative, or the order of arrival shows. */
  merge(left: R, right: R): R
  /** Of the value that is maximised, one per unit. */
  momentsOf(result: R): Moments
  /** Why the result is not believed to be of this work; undefined when it may be. */
  objection(result: R, work: Work): Objection | undefined
}

export interface Objection {
  /**
   * `outdated`: computed by other rules than the sentinel's, which no honest node can help until it is updated.
   * `impossible`: whoever computed it by these rules cannot have come to it.
   */
  readonly kind: 'outdated' | 'impossible'
  readonly message: string
}

/** Who is near to a user. Asked at every assignment, so consent that was taken back counts at once. */
export type CircleOf = (user: string) => Circle

export type JobEvent =
  /** A job has an outcome. It stays until `remove`. */
  | { readonly type: 'job_ended'; readonly jobId: string }
  /** There is work where there was none: a hint to ask for claims. */
  | { readonly type: 'work_available'; readonly jobId: string }
  /** A claim came to nothing. */
  | {
      readonly type: 'claim_failed'
      readonly jobId: string
      readonly node: string
      readonly token: string
      readonly reason: ClaimFailure
      readonly message: string
    }
  | { readonly type: 'node_confirmed'; readonly node: string; readonly confirmations: number }
  | { readonly type: 'node_distrusted'; readonly node: string; readonly reason: string }
  /** It computes by other rules; it gets no work until it comes with other software. */
  | { readonly type: 'node_outdated'; readonly node: string; readonly reason: string }
  | { readonly type: 'results_discarded'; readonly jobId: string; readonly node: string; readonly units: number }

export type ClaimFailure = 'failed' | 'expired' | 'leaving' | 'lost' | 'wrong_hash' | 'distrusted' | 'outdated'

export interface JobLimits {
  /** A chunk that has come to nothing so often has failed. */
  readonly attemptsMax: number
  /** What a chunk should take on the node that gets it. */
  readonly chunkMs: number
  /** For a node of which nothing is known. */
  readonly firstChunkUnits: number
  readonly chunkUnitsMax: number
  /** A lease is so many times what the chunk is expected to take, and between the limits. */
  readonly leaseFactor: number
  readonly leaseMsMin: number
  readonly leaseMsMax: number
  /** Heartbeats extend a lease to no more than so long after the claim: a node may live and yet never finish. */
  readonly holdMsMax: number
  /** The node at which a chunk failed gets it again only after so long, so that another one may have it. */
  readonly avoidMs: number
  /** Of a job. With more, nodes whose results must be verified get no new chunks of it. */
  readonly reviewsMax: number
  /** A job whose chunks wait for agreement, and that no node has worked on for so long, has failed. */
  readonly agreementMsMax: number
  /** Latest claims whose completions are remembered, to tell repeated ones from contradicting ones. */
  readonly completionsRemembered: number
}

export const JOB_LIMITS: JobLimits = {
  attemptsMax: 5,
  chunkMs: 5_000,
  firstChunkUnits: 1_000,
  chunkUnitsMax: 1_000_000,
  leaseFactor: 4,
  leaseMsMin: 30_000,
  leaseMsMax: 600_000,
  holdMsMax: 3_600_000,
  avoidMs: 1_000,
  reviewsMax: 256,
  agreementMsMax: 3_600_000,
  completionsRemembered: 65_536,
}
