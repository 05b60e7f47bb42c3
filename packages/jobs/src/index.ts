export type {
  ChunkFailure,
  Claim,
  ClaimName,
  Completion,
  CompletionOutcome,
  Job,
  JobOutcome,
  JobProgress,
  Work,
} from './job/job.js'
export type { UnitRange } from './job/range-set.js'
export type { JobSnapshot, PartSnapshot, ReviewSnapshot, Vote } from './job/snapshot.js'
export { type Access, type Circle, includes, relationOf } from './nodes/eligibility.js'
export { capacityOf, type NodeSpec, type NodeStatus } from './nodes/node.js'
export { JobRuntime, type JobRuntimeOptions } from './runtime/job-runtime.js'
export {
  type CircleOf,
  type ClaimFailure,
  JOB_LIMITS,
  type JobEvent,
  type JobLimits,
  type Objection,
  type ResultPort,
} from './runtime/ports.js'
export { type Moments, mergeMoments, relativeErrorOf } from './statistics/moments.js'
export type {
  AdaptiveStop,
  Rung,
  SingleStrategy,
  StatWeightsStrategy,
  Strategy,
  TournamentStrategy,
} from './strategies/strategy.js'
export { TRUST_EVERYBODY, type TrustPolicy } from './trust/policy.js'
