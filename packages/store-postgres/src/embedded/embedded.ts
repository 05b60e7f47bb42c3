/**
 * The embedded PostgreSQL: a real server, from binaries that npm installs, in a directory of ours. It is
 * what `npm start` uses when no database is configured.
 *
 *     <dataDir>/server.json      port and passwords (0600)
 *     <dataDir>/certs            with `mtls`: certificates of the server and of its users
 *     <dataDir>/owner            which process uses the directory now (owner-lock.ts)
 *     <dataDir>/cluster/         PostgreSQL's own files; its log is in cluster/log
 *     <dataDir>/initializing-*   an interrupted first start, removed by the next
 *
 * A start, in order: take the directory (owner-lock), choose the account (account), make the programs usable
 * (binaries), create the cluster if there is none (cluster), see to the certificates (certificates, server-files),
 * take over a server that outlived its parent or start one (postmaster), wait until it answers (readiness), make
 * the database and the roles.
 *
 * We may be killed at any point of this. Every file appears complete or not at all, and the server itself
 * survives us, so the next start finds either nothing, or a stopped cluster, or a live server to adopt.
 */
import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { messageOf } from '@terrane/core'
import { withConnection } from '../connection/one-connection.js'
import { ensureRoles } from '../roles/ensure-roles.js'
import { ROLES } from '../roles/role-names.js'
import { type Access, readAccess, writeAccess } from './access.js'
import { chooseAccount } from './account.js'
import { prepareBinaries } from './binaries.js'
import { ensureCertificates } from './certificates.js'
import {
  checkClusterVersion,
  clusterExists,
  createCluster,
  type DataPaths,
  dataPaths,
  repairOwner,
  sweepUnfinished,
} from './cluster.js'
import { fromSystemError, fromText } from './failures.js'
import { takeOwnerLock } from './owner-lock.js'
import { type StopMode, stopPostmaster } from './postmaster.js'
import { type Account, signalIfRunning } from './processes.js'
import { chooseReach, type LoopbackAddress, type Reach, roleUrl, superuserUrl } from './reach.js'
import { assertDatabaseName, ensureDatabase } from './readiness.js'
import { adoptOrLaunch, type Running, type StartContext } from './running-server.js'
import { installServerFiles, rereadServerFiles } from './server-files.js'
import { assertSettings } from './settings.js'

export interface EmbeddedOptions {
  /** For example './data/postgres'. Created, with mode 0700, when missing. */
  dataDir: string
  /** Receives one line per event, for a person to read. */
  log?: (line: string) => void
  /** Receives 'preparing', 'initializing', 'starting', 'adopting', 'recovering', 'ready', as they begin. */
  progress?: (stage: string) => void
  /** Extra postgresql.conf settings. Those that decide durability or reachability cannot be changed. */
  settings?: Record<string, string>
  /** Created when missing, with the roles and what they may do. Default 'terrane'. */
  database?: string
  /** Whoever connects must do so by TLS and show a certificate of the role; no passwords. Default: no TLS. */
  mtls?: boolean
  /** Default: with `mtls` both, of those that the machine has; else IPv4. */
  listen?: readonly LoopbackAddress[]
}

export interface EmbeddedPostgres {
  /**
   * What a world's server uses, as gateway_writer: `postgres://gateway_writer:<password>@127.0.0.1:<port>/<database>`;
   * with `mtls` `postgres://gateway_writer@[::1]:<port>/<database>`, which is used together with `certs`.
   */
  readonly url: string
  /** As gateway_admin, for migrations. */
  readonly adminUrl: string
  /** As gateway_reader. */
  readonly readerUrl: string
  /** As the cluster's superuser, for maintenance and tests; never for a server. Needs no `certs` beside it. */
  readonly superuserUrl: string
  /** With `mtls` the directory of the certificates. */
  readonly certs: string | undefined
  readonly pid: number
  /** True when the server was running already, left by a process that was killed. */
  readonly adopted: boolean
  /**
   * Resolves when no process of the server is left. `immediate` does not wait for a checkpoint, and also
   * hastens a `fast` stop that is under way. Errors: `embedded_stop_failed`.
   */
  stop(mode?: StopMode): Promise<void>
  /**
   * With `mtls`, replaces certificates that end soon and lets the server read its own anew, also one that somebody
   * else has replaced. Connections that are open stay. For servers that run for months.
   */
  renewCertificates(): Promise<void>
  /** Calls back once when the server ends without `stop`; also when it has ended already. */
  onExit(listener: (why: string) => void): void
}

/** Errors: `TerraneError` with a code of `EmbeddedErrorCode`. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const paths = dataPaths(resolve(options.dataDir))
  assertDatabaseName(options.database ?? 'terrane')
  assertSettings(options.settings ?? {})
  try {
    await mkdir(paths.dataDir, { recursive: true, mode: 0o700 })
    const lock = await takeOwnerLock(paths.ownerFile)
    try {
      return handleOf(await start(paths, options), paths, options, lock.release)
    } catch (error) {
      await lock.release()
      throw error
    }
  } catch (error) {
    throw fromSystemError(error, 'starting the embedded PostgreSQL', paths.dataDir)
  }
}

interface Started extends Running {
  reach: Reach
  account: Account | undefined
}

async function start(paths: DataPaths, options: EmbeddedOptions): Promise<Started> {
  const { log = () => {}, progress = () => {}, database = 'terrane', settings } = options
  progress('preparing')
  const account = await chooseAccount(paths.clusterDir)
  const binaries = await prepareBinaries({ account, log })
  await sweepUnfinished(paths, log)
  const exists = await clusterExists(paths.clusterDir)
  const access = await readAccess(paths.accessFile, exists)
  if (!exists) {
    progress('initializing')
    await writeAccess(paths.accessFile, access)
    await createCluster({ paths, binaries, account, password: access.password, log })
  }
  await checkClusterVersion(paths, binaries)
  await repairOwner(paths, account)

  const reach = await chooseReach(options.listen, options.mtls === true ? paths.certsDir : undefined)
  await prepareCertificates(paths, reach, account, log)
  const context: StartContext = { paths, reach, log, progress }
  const launch = { binaries, account, clusterDir: paths.clusterDir, reach, settings, log }
  const running = await adoptOrLaunch(context, access, launch)
  try {
    // The port may be another; and passwords are on disk before the server knows them.
    await writeAccess(paths.accessFile, running.access)
    await ensureDatabase(superuserUrl(running.access, reach, 'postgres'), database)
    await prepareRoles(running.access, reach, database, log)
  } catch (error) {
    await stopPostmaster(running.postmaster.process, paths.clusterDir, 'fast', log)
    throw fromText(messageOf(error), `preparing the database ${database}`, paths.dataDir, error)
  }
  progress('ready')
  return { ...running, reach, account }
}

/** Sees that server and users have certificates. A server that runs must be told. */
async function prepareCertificates(
  { certsDir, clusterDir }: DataPaths,
  { certs }: Reach,
  account: Account | undefined,
  log: (line: string) => void,
): Promise<void> {
  if (certs === undefined) return
  await ensureCertificates(certsDir, log)
  await installServerFiles(certs, clusterDir, account)
}

/** The roles with their passwords, which are set anew each time: what `server.json` says is what holds. */
async function prepareRoles(
  access: Access,
  reach: Reach,
  database: string,
  log: (line: string) => void,
): Promise<void> {
  const passwords = reach.certs === undefined ? access.roles : {}
  const changes = await withConnection({ url: superuserUrl(access, reach, database) }, 'roles', (session) =>
    ensureRoles(session, { passwords }),
  )
  for (const change of changes) log(`roles: ${change}`)
}

function handleOf(
  { postmaster, access, adopted, reach, account }: Started,
  paths: DataPaths,
  { database = 'terrane', log = () => {} }: EmbeddedOptions,
  release: () => Promise<void>,
): EmbeddedPostgres {
  let stopping: Promise<void> | undefined
  return {
    url: roleUrl(access, reach, ROLES.writer, database),
    adminUrl: roleUrl(access, reach, ROLES.admin, database),
    readerUrl: roleUrl(access, reach, ROLES.reader, database),
    superuserUrl: superuserUrl(access, reach, database),
    certs: reach.certs,
    pid: postmaster.process.pid,
    adopted,
    stop(mode = 'fast') {
      if (stopping !== undefined) {
        if (mode === 'immediate') void signalIfRunning(postmaster.process, 'SIGQUIT')
        return stopping
      }
      stopping = stopPostmaster(postmaster.process, paths.clusterDir, mode, log).then(release)
      return stopping
    },
    async renewCertificates() {
      if (stopping !== undefined || reach.certs === undefined) return
      await prepareCertificates(paths, reach, account, log)
      await rereadServerFiles(postmaster)
    },
    onExit(listener) {
      void postmaster.ended.then(async (why) => {
        if (stopping === undefined) listener(`${why}\n${await postmaster.tail()}`.trim())
      })
    },
  }
}
