export {
  broadcastHeader,
  type ChannelMessage,
  decodeBinary,
  decodeText,
  encodeText,
  FRAME_BROADCAST,
  FRAME_PUSH,
  FRAME_REPLY,
  joinBytes,
  pushHeader,
} from './channel-frames.js'
export { ERRORS, type ErrorKind, type WireError, wireError } from './errors.js'
export { pack, unpack, unpackEach } from './payloads.js'
export type {
  ClusterStats,
  DatabasePoolStats,
  DatabaseStats,
  DatabaseTlsStats,
  OpStats,
  Quantiles,
  ServerStats,
  ZoneHolderStats,
  ZoneOpStats,
  ZoneStats,
} from './server-stats.js'
export {
  BlockEncoder,
  CELL_HALF,
  cellId,
  decodeBlocks,
  ENTRY_CHANGED,
  ENTRY_FULL,
  ENTRY_GONE,
  encodeMark,
  FORM_DELTA,
  FORM_LEFT,
  FORM_SNAPSHOT,
  popCount,
  type StateBlock,
  type StateEntry,
  type WireType,
} from './state-blocks.js'
export { PROTOCOL_HISTORY, PROTOCOL_VERSION, type ProtocolChange } from './version.js'
export {
  CELLS_MAX,
  EVENT_ACK,
  EVENT_INPUTS,
  EVENT_STATE,
  type JoinReply,
  OUTCOME_REJECTED,
  OUTCOME_RESULT,
  SKIP,
  type WireKind,
} from './zone-channel.js'
export {
  type Focus,
  focusSchema,
  type JoinParams,
  joinSchema,
  resyncSchema,
  textInputSchema,
} from './zone-channel-schemas.js'
export type { MappedRange, MappedZone, ZoneMapChange, ZoneMapInfo } from './zone-map.js'
