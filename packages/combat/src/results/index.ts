/** What browsers need of results; it brings no simulation along. */
export type {
  AuraRow,
  Bucket,
  IterationRange,
  JobResult,
  PowerRow,
  SpellRow,
} from '../generated/terrane/combat/v1/result_pb.js'
export type { NamedId, Timeline } from '../generated/terrane/combat/v1/timeline_pb.js'
export { decodeJobResult, decodeTimeline, encodeJobResult, encodeTimeline } from './codec.js'
export { decodeComparison, encodeComparison } from './comparison.js'
export { bucketAt, bucketFloor, bucketMiddle, bucketOf } from './histogram.js'
export { areOfOneShape, iterationsOf, mergeResults, momentsOf } from './merge.js'
export {
  confidenceHalfWidthOf,
  type Moments,
  m2Of,
  meanOf,
  mergeMoments,
  relativeErrorOf,
  standardDeviationOf,
  standardErrorOf,
} from './moments.js'
export { type DpsSummary, representativeIteration, summarize } from './summary.js'
