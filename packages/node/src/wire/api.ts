/** What nodes and server say to each other as JSON; completions travel as protobuf (`completion.ts`). */

/** Where a node speaks. `PUT` of `me` registers it. */
export const NODE_PATHS = {
  me: '/api/nodes/me',
  rotate: '/api/nodes/me/key',
  work: '/api/nodes/me/work',
  claim: '/api/nodes/me/claim',
  heartbeat: '/api/nodes/me/heartbeat',
  leave: '/api/nodes/me/leave',
  complete: '/api/chunks/complete',
  fail: '/api/chunks/fail',
} as const

export function contextPath(jobId: string, hash: string, claimToken: string): string {
  return `/api/jobs/${encodeURIComponent(jobId)}/context?${new URLSearchParams({ hash, claim: claimToken })}`
}

export function gameDataPath(hash: string): string {
  return `/api/game-data/${hash}`
}

export const PROTOBUF_TYPE = 'application/x-protobuf'

/** The most chunks that one request completes. */
export const COMPLETIONS_MAX = 64

export interface NodeRegistration {
  readonly claimToken: string
  readonly name: string
  readonly totalCores: number
  readonly maxParallel: number
  readonly platform: string
  readonly version: string
}

export interface NodeState {
  readonly publicKey: string
  readonly name: string
  /** Chunks that it may have at a time: min(max_parallel, total_cores). */
  readonly capacity: number
}

/** A chunk that a node has claimed. */
export interface Assignment {
  readonly jobId: string
  readonly claimToken: string
  /** Hash of the work context. */
  readonly workHash: string
  readonly variant: number
  readonly first: number
  readonly count: number
  /** How long the claim holds without a heartbeat. */
  readonly leaseMs: number
}

/** What a node computes with. */
export interface NodeSoftware {
  /** Of its combat engine (`ENGINE_VERSION`). One of another version than the server's gets no work. */
  readonly engine: number
  /** Of Terrane there, for who looks after the node. */
  readonly version: string
}

export interface ClaimRequest {
  readonly max: number
  /** How long to wait for work when there is none. */
  readonly waitMs: number
  /** A node that does not say is taken for outdated. */
  readonly software?: NodeSoftware
}

export interface Assignments {
  readonly chunks: readonly Assignment[]
}

export interface ClaimName {
  readonly jobId: string
  readonly claimToken: string
}

export interface HeartbeatRequest {
  readonly claims: readonly ClaimName[]
}

export interface HeartbeatAnswer {
  /** Those that are no longer this node's: their results are not wanted. */
  readonly lost: readonly ClaimName[]
}

export interface ChunkFailure extends ClaimName {
  /** `leaving`: the node goes, and the chunk is as good as before. */
  readonly kind: 'failed' | 'leaving'
  readonly code: string
  readonly message: string
}

export type CompletionOutcome = 'accepted' | 'idempotent' | 'conflict' | 'stale'

export interface CompletionAnswer {
  readonly outcomes: readonly (ClaimName & { readonly outcome: CompletionOutcome; readonly message: string })[]
}
