export {
  type CombatConfig,
  type CombatConfigInput,
  GEAR_SLOTS,
  parseCombatConfig,
  STATS,
  type StatName,
} from './config/config.js'
export { ENGINE_VERSION } from './job/engine-version.js'
export { CombatRunner, ITERATION_MAX, type IterationsRequest } from './job/run.js'
export { recordTimeline } from './job/timeline.js'
export { compileCombat } from './plan/compile.js'
export type { CombatPlan } from './plan/plan.js'
export {
  type AuraRow,
  areOfOneShape,
  type Bucket,
  bucketAt,
  bucketFloor,
  bucketMiddle,
  bucketOf,
  confidenceHalfWidthOf,
  type DpsSummary,
  decodeComparison,
  decodeJobResult,
  decodeTimeline,
  encodeComparison,
  encodeJobResult,
  encodeTimeline,
  type IterationRange,
  iterationsOf,
  type JobResult,
  type Moments,
  m2Of,
  meanOf,
  mergeMoments,
  mergeResults,
  momentsOf,
  type NamedId,
  type PowerRow,
  relativeErrorOf,
  representativeIteration,
  type SpellRow,
  standardDeviationOf,
  standardErrorOf,
  summarize,
  type Timeline,
} from './results/index.js'
export { findRunaway, runaway } from './tables/check-values.js'
export { CsvParser } from './tables/csv.js'
export { buildGameData, type GameData, type GameTables, parseGameData } from './tables/game-data.js'
export { readTable, readTableLines } from './tables/read-table.js'
export { type ColumnType, type Row, TABLE_NAMES, TABLES, type TableName } from './tables/schema.js'
