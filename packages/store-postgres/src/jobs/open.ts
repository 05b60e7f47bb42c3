import { parseDatabaseUrl } from '../connection/database-url.js'
import { ConnectionPool } from '../connection/pool.js'
import type { ConnectionSettings } from '../connection/settings.js'
import { tlsOptions } from '../connection/tls-options.js'
import { PROFILES, type ProfileName, profileOf } from '../profile.js'
import { PostgresJobs } from './job-store.js'
import { PostgresNodes } from './node-store.js'
import { listenForPendingJobs, type PendingNotices } from './pending-notices.js'

/** Jobs wait for nobody else's connections, and nobody for theirs. */
const POOL_SIZE = 4

export interface JobsDatabase {
  readonly jobs: PostgresJobs
  readonly nodes: PostgresNodes
  close(): Promise<void>
}

export interface JobsDatabaseOptions extends ConnectionSettings {
  /** Takes the database for this one, whatever it says of itself. */
  readonly profile?: ProfileName
  /** Called some milliseconds after jobs were inserted, where the database tells. */
  readonly onPending?: () => void
}

/** Jobs and nodes, in a database whose tables are up to date. */
export async function openJobsDatabase(options: JobsDatabaseOptions): Promise<JobsDatabase> {
  tlsOptions(parseDatabaseUrl(options.url), options)
  const pool = new ConnectionPool({ poolSize: POOL_SIZE, ...options })
  let notices: PendingNotices | undefined
  if (options.onPending !== undefined) {
    const profile = options.profile === undefined ? await profileIn(pool) : PROFILES[options.profile]
    if (profile.hasNotices) notices = listenForPendingJobs(options, options.onPending)
  }
  return {
    jobs: new PostgresJobs(pool),
    nodes: new PostgresNodes(pool),
    async close() {
      await notices?.close()
      await pool.close()
    },
  }
}

async function profileIn(pool: ConnectionPool) {
  const { rows } = await pool.run('version', (session) => session.query('SELECT version()'))
  return profileOf(rows[0]?.[0] ?? '')
}
