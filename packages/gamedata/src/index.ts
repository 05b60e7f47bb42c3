export { CLIENT_TABLE_NAMES } from './client-tables/client-columns.js'
export { type ClientFiles, type GameDataFormat, recogniseFormat } from './client-tables/client-files.js'
export { importClientTables } from './client-tables/import-client-tables.js'
export type { ImportReport } from './client-tables/import-report.js'
export { parseRequest, type WantedRange } from './query/parse-request.js'
export type { Condition, Embedded, OrderTerm, ReadPlan, Selected, SelectedColumn } from './query/read-plan.js'
export type { ReadableColumn, ReadableTable } from './query/readable-tables.js'
export { RestError } from './query/rest-error.js'
export { GameDataResolver, type ResolverOptions, type ResolverStatistics } from './resolver/game-data-resolver.js'
export { IndexedDbLayer } from './resolver/indexed-db-layer.js'
export type { CacheLayer, ColumnRow, GameNetwork, GameRevision } from './resolver/ports.js'
export { RestNetwork } from './resolver/rest-network.js'
export { canonicalTables, canonicalTexts, checksumOf } from './schema/canonical.js'
export {
  GAME_TABLES,
  type GameColumn,
  type GameTable,
  type Reference,
  type SqlType,
} from './schema/game-schema.js'
export { type ReadFiles, readFiles } from './schema/read-files.js'
