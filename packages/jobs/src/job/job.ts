import { TerraneError } from '@terrane/core'
import type { Access } from '../nodes/eligibility.js'
import { type Strategy, validateStrategy } from '../strategies/strategy.js'

/** A job as it is submitted. */
export interface Job {
  readonly id: string
  /** The user whose job it is. */
  readonly owner: string
  /** Of the sentinel's hold of this job. Tokens of earlier epochs mean nothing: it fences whoever had the job before. */
  readonly epoch: number
  /** Names all that results depend on beside variant and units. A result of another context is refused. */
  readonly workHash: string
  readonly strategy: Strategy
  /** Higher goes first. Default: 0. */
  readonly priority?: number | undefined
  /** Whose nodes may compute it. Default: `public`. */
  readonly access?: Access | undefined
  /** Cuts each phase into about so many chunks; default: by how fast nodes are. */
  readonly chunks?: number | undefined
  /** When a chunk has failed too often: the job fails, or it ends without these units. Default: `fail_job`. */
  readonly onChunkFailure?: 'fail_job' | 'finish_partially' | undefined
}

/** Units [from, to) of a variant. */
export interface Work {
  readonly jobId: string
  readonly variant: number
  readonly from: number
  readonly to: number
}

/** Work that a node has. */
export interface Claim extends Work {
  /** Its name. A chunk that is given again has another one. */
  readonly token: string
  readonly workHash: string
  /** How often the chunk was given before and came to nothing. */
  readonly attempt: number
  /** ms since the epoch of the runtime's clock; heartbeats move it. */
  readonly leaseUntil: number
}

export interface ClaimName {
  readonly jobId: string
  readonly token: string
}

/** What a node says that a claim came to. */
export interface Completion<R> extends ClaimName {
  readonly node: string
  readonly workHash: string
  /** Of the result's bytes, taken by who calls and not by the node: equal digests are equal results. */
  readonly digest: string
  readonly result: R
}

export interface ChunkFailure extends ClaimName {
  readonly node: string
  /** `leaving`: nothing is wrong with the chunk, so it does not count against it. */
  readonly kind: 'failed' | 'leaving'
  readonly code: string
  readonly message: string
}

/** The answer to a completion: exactly one of four. */
export type CompletionOutcome =
  /** Recorded. A chunk that is verified counts when enough nodes agree. */
  | { readonly kind: 'accepted'; readonly jobEnded: boolean }
  /** This claim has been accepted with the same digest. */
  | { readonly kind: 'idempotent' }
  /** The claim was accepted with another digest, or the result cannot be one of the claimed work. */
  | { readonly kind: 'conflict'; readonly message: string }
  /** There is no such claim, or no longer, or it is another node's. */
  | { readonly kind: 'stale'; readonly message: string }

/** How a job ended. */
export type JobOutcome<R> =
  | {
      readonly status: 'completed'
      /** By variant, ascending; all that was accepted of it, merged. */
      readonly results: readonly { readonly variant: number; readonly result: R }[]
      /** Of the last phase, the best mean first. */
      readonly ranking: readonly number[]
      readonly phases: number
      readonly units: number
      /** Units that were given up (`finish_partially`). */
      readonly unitsLost: number
    }
  | { readonly status: 'failed'; readonly code: string; readonly message: string }

export interface JobProgress {
  /** From 0. */
  readonly phase: number
  readonly phases: number
  /** Of the phase. */
  readonly unitsDone: number
  readonly unitsTotal: number
  readonly variants: number
  readonly inFlight: number
  /** Chunks that wait for a node to agree or not. */
  readonly inReview: number
  readonly isEnded: boolean
}

const CHUNKS_MAX = 1_000_000
const PRIORITY_MAX = 1_000

/** Throws `invalid_job`. */
export function validateJob(job: Job): void {
  validateStrategy(job.strategy)
  if (job.id === '' || job.owner === '') throw invalidJob('a job needs an id and an owner')
  if (!Number.isSafeInteger(job.epoch) || job.epoch < 0) throw invalidJob(`epoch is ${job.epoch}`)
  const { chunks = 1, priority = 0 } = job
  if (!Number.isSafeInteger(chunks) || chunks < 1 || chunks > CHUNKS_MAX) {
    throw invalidJob(`chunks is ${chunks}; it is a whole number from 1 to ${CHUNKS_MAX}`)
  }
  if (!Number.isSafeInteger(priority) || Math.abs(priority) > PRIORITY_MAX) {
    throw invalidJob(`priority is ${priority}; it is a whole number from -${PRIORITY_MAX} to ${PRIORITY_MAX}`)
  }
}

function invalidJob(message: string): TerraneError {
  return new TerraneError('invalid_job', message, { hint: 'Correct the job and submit it again.' })
}
