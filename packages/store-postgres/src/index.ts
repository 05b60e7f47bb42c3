export { type CheckOptions, type ConnectionReport, type Criterion, checkConnection } from './check/check-connection.js'
export type { ConnectionFacts, TlsFacts } from './connection/connection-facts.js'
export { parseDatabaseUrl, withUser } from './connection/database-url.js'
export { connectHintOf, type Diagnosis } from './connection/failures.js'
export { withConnection } from './connection/one-connection.js'
export type { PoolStats } from './connection/pool.js'
export type { Session } from './connection/session.js'
export type { ConnectionSettings } from './connection/settings.js'
export { type EmbeddedOptions, type EmbeddedPostgres, startEmbedded } from './embedded/embedded.js'
export { embeddedRoleAccess } from './embedded/role-access.js'
export { type CurrentRevision, GameReader, type ReadRows } from './game/game-reader.js'
export {
  type Loaded,
  listRevisions,
  loadRevision,
  type NewRevision,
  pruneRevisions,
  type RevisionRecord,
} from './game/game-store.js'
export type { JobStatus } from './jobs/job-status.js'
export type {
  AvailableJob,
  ChunkEvent,
  JobCheckpoint,
  JobEnd,
  JobHold,
  JobRecord,
  NewJob,
  PostgresJobs,
  TakenJob,
} from './jobs/job-store.js'
export type {
  NodeDescription,
  NodeRecord,
  NodeSettings,
  NodeShare,
  PostgresNodes,
  Relations,
} from './jobs/node-store.js'
export { type JobsDatabase, type JobsDatabaseOptions, openJobsDatabase } from './jobs/open.js'
export type { AppendStatistics } from './log/commit-log.js'
export type { MigrateOptions } from './migrations/migrator.js'
export { type OpenedStore, openPostgresStore, type PostgresStoreOptions } from './open.js'
export { type ConnectionInfo, type PostgresStatistics, PostgresStore } from './postgres-store.js'
export { PROFILES, type Profile, type ProfileName } from './profile.js'
export { type EnsureRolesOptions, ensureRoles, existingRoles, requireSuperuser } from './roles/ensure-roles.js'
export { ROLES, type RoleName } from './roles/role-names.js'
