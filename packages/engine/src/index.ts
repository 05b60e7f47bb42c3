export { Engine, type EngineOptions, type EngineStats, type SharedZones } from './engine.js'
export { DEFAULT_LIMITS, type EngineLimits } from './limits.js'
export type { DeadLetter } from './ops/dead-letters.js'
export { LocalExchange } from './ops/local-exchange.js'
export { storedDelivered, storedOps } from './ops/stored-ops.js'
export { OUTBOX } from './ops/system-kinds.js'
export type { OpEndpoint, OpExchange, OpParcel, OpReceipt, ZoneNote } from './ports/op-exchange.js'
export {
  type AppendResult,
  type CheckpointStore,
  type CheckpointWrite,
  type CommitLog,
  type KindChanges,
  type LogAppend,
  type LogEntry,
  type MapWrite,
  type Store,
  type StoredMap,
  type StreamPosition,
  TransientStoreError,
  UncertainStoreError,
  type ZoneClaim,
  type ZoneDirectory,
  type ZoneHeld,
  type ZoneMapStore,
  type ZoneRecord,
} from './ports/store.js'
export { type Borders, type Bounds, boxes, type Position } from './world/borders.js'
export {
  type AnyKind,
  type AnyWorld,
  type CommandDefinition,
  defineWorld,
  type FigureDefinition,
  fieldsOf,
  type Index,
  type IndexDefinition,
  type InputDefinition,
  type InputResult,
  type InsertOf,
  type InterestDefinition,
  type Invariant,
  type Key,
  type KindDefinition,
  type Kinds,
  kind,
  type OpDefinition,
  type OpRefusal,
  type OpSender,
  type RangeOptions,
  type ReadTable,
  type ReadTables,
  type RowOf,
  type TickDefinition,
  type Transaction,
  type TransactionContext,
  type Visibility,
  type World,
  type WorldDefinition,
  type WriteTable,
  type WriteTables,
} from './world/define-world.js'
export type { HandoverDefinition, HandoverSender, Handovers } from './world/handover.js'
export {
  COLUMNS_MAX,
  type ColumnSchema,
  type ColumnType,
  type KindSchema,
  kindSchemaOf,
  schemasForClients,
  wireTypeOf,
} from './world/kind-schema.js'
export type {
  Motion,
  Replica,
  ReplicaReader,
  ReplicaRow,
  ReplicaTable,
  ReplicaTables,
  Replication,
} from './world/replication.js'
export { type Batch, type BatchKind, type BatchVisitor, decodeBatch, visitChanges } from './zone/batch-codec.js'
export type { EngineEvent, Report, ZoneEnd } from './zone/events.js'
export type { ZoneFigure } from './zone/figures.js'
export { Zone, type ZoneStatus } from './zone/zone.js'
export type { ZoneCounters } from './zone/zone-counters.js'
export type { FollowedZone } from './zone/zone-followers.js'
export {
  type InputStream,
  type ResumeFrom,
  STATE_HEADROOM,
  type StateCast,
  type StateFrame,
  type StateLane,
  type StateSink,
  type StreamHolder,
  type SubmitOutcome,
  type Subscription,
  type ZoneSessions,
} from './zone/zone-session.js'
export type { ZoneState } from './zone/zone-state.js'
export { type PersonaAddress, type PlaceAddress, persona, place, type ZoneAddress } from './zones/zone-address.js'
export type { Authority, Placement, SpaceDefinition, ZonesDefinition } from './zones/zone-layout.js'
export { type MapRange, ZoneMap } from './zones/zone-map.js'
export type { Reshaped } from './zones/zone-reshaper.js'
