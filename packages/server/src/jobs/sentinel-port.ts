import type {
  Assignments,
  ChunkFailure,
  ClaimName,
  ClaimRequest,
  Completion,
  CompletionAnswer,
  HeartbeatAnswer,
} from '@terrane/node'
import type { NodeRecord } from '@terrane/store-postgres'

/** How far a running job is. */
export interface JobProgress {
  /** Fights that have been accepted, over all variants. */
  readonly unitsDone: number
  /** As many as its phase needs at most. */
  readonly unitsTotal: number
  readonly chunksInFlight: number
  /** Counted from 0; tournaments have several. */
  readonly phase: number
  readonly phaseCount: number
  readonly variantsActive: number
  /** Damage per second of the leading variant so far, and the standard error of it as a fraction. */
  readonly mean: number | undefined
  readonly relativeError: number | undefined
}

/** What a node does for this process. */
export interface NodeActivity {
  /** How many chunks it has, by job. */
  readonly chunks: readonly { readonly jobId: string; readonly count: number }[]
  /** Fights of one of its cores; undefined before its first chunk. */
  readonly unitsPerSecond: number | undefined
  /** Why it gets no work until it is updated. */
  readonly outdated: string | undefined
}

/** What nodes ask of the sentinel of this process. Refusals are TerraneErrors with the codes of `refusals.ts`. */
export interface SentinelPort {
  /** Waits for work for `request.waitMs` at most, or until `signal`. */
  claim(node: NodeRecord, request: ClaimRequest, signal: AbortSignal): Promise<Assignments>
  workOf(publicKey: string): Assignments
  /** Undefined when it has not spoken here. */
  statusOf(publicKey: string): NodeActivity | undefined
  heartbeat(publicKey: string, claims: readonly ClaimName[]): HeartbeatAnswer
  /** Answers when what was accepted is kept. */
  complete(publicKey: string, completions: readonly Completion[]): Promise<CompletionAnswer>
  fail(publicKey: string, failure: ChunkFailure): Promise<void>
  /** The node goes: whatever it has claimed is free again, also what it has not heard of. */
  left(publicKey: string): void
  /** The job's work context, for who holds a claim of it. */
  contextOf(publicKey: string, claim: ClaimName, hash: string): string
  /** Undefined when this process has not got the job. */
  progressOf(jobId: string): JobProgress | undefined
  /** The job has ended otherwise: what is under way of it is not wanted. */
  dropped(jobId: string): void
}
