export type { ZoneId } from './clock/counts.js'
export { compareHybrid, decodeHybrid, encodeHybrid, HybridClock, type HybridTime } from './clock/hybrid-clock.js'
export { type RelReplica, stale } from './clock/replica.js'
export { type ClockOrder, VClock } from './clock/vclock.js'
export { type BroadcastOp, type BroadcastState, CausalBroadcast } from './delivery/causal-broadcast.js'
export {
  type BufferCounters,
  type BufferLimits,
  type BufferState,
  CausalBuffer,
  type Deliverable,
  type Gap,
  type Offer,
  type Refusal,
} from './delivery/causal-buffer.js'
export {
  CausalMailbox,
  type MailboxState,
  type OpStamp,
  type QueueOp,
  readStamp,
  writeStamp,
} from './delivery/causal-mailbox.js'
export { type Columns, type LinkStamp, type LinkState, readColumns, writeColumns } from './delivery/link-constraints.js'
export { type MemberStatus, Membership, type MembershipState, type Retirement } from './delivery/membership.js'
export {
  ABSENT,
  ASKS_MAX,
  type Handover,
  type HandoverEffect,
  type HandoverEvent,
  type HandoverStep,
  HYSTERESIS_TICKS,
  handover,
  isOwner,
  owned,
  recovered,
  WAIT_MS_MAX,
  waitMs,
} from './handover/handover.js'
export { RttEstimator } from './handover/rtt.js'
export { DisjointRanges } from './ranges/disjoint-ranges.js'
export {
  AXIS_BITS,
  type Bounds,
  CODE_MAX,
  hilbertDecode,
  hilbertEncode,
  hilbertOf,
  type Position,
} from './ranges/hilbert.js'
export { personaCode } from './ranges/persona.js'
export { uniformPartition, uniformWidth, zoneBand } from './ranges/uniform-partition.js'
export { contains, type Span, type ZoneRange } from './ranges/zone-range.js'
