export { canonicalTexts, checksumOf } from './schema/canonical.js'
export {
  GAME_TABLES,
  type GameColumn,
  type GameTable,
  propertyOf,
  type Reference,
  type SqlType,
} from './schema/game-schema.js'
export { type ReadFiles, readFiles } from './schema/read-files.js'
