/**
 * The embedded PostgreSQL: a real server, from binaries that npm installs, in a directory of ours. It is
 * what `npm start` uses when no database is configured.
 *
 *     <dataDir>/server.json      port and password (0600)
 *     <dataDir>/owner            which process uses the directory now (owner-lock.ts)
 *     <dataDir>/cluster/         PostgreSQL's own files; its log is in cluster/log
 *     <dataDir>/initializing-*   an interrupted first start, removed by the next
 *
 * A start, in order: take the directory (owner-lock), choose the account (account), make the programs usable
 * (binaries), create the cluster if there is none (cluster), take over a server that outlived its parent or
 * start one (postmaster), wait until it answers (readiness).
 *
 * We may be killed at any point of this. Every file appears complete or not at all, and the server itself
 * survives us, so the next start finds either nothing, or a stopped cluster, or a live server to adopt.
 */
import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '@terrane/core'
import { type Access, freePort, readAccess, urlOf, writeAccess } from './access.js'
import { chooseAccount } from './account.js'
import { prepareBinaries } from './binaries.js'
import {
  checkClusterVersion,
  clusterExists,
  createCluster,
  type DataPaths,
  dataPaths,
  repairOwner,
  sweepUnfinished,
} from './cluster.js'
import { failure, fromSystemError, fromText } from './failures.js'
import { takeOwnerLock } from './owner-lock.js'
import {
  adoptPostmaster,
  endLeftovers,
  findPostmaster,
  type LaunchOptions,
  launchPostmaster,
  type Postmaster,
  type StopMode,
  stopPostmaster,
} from './postmaster.js'
import { signalIfRunning } from './processes.js'
import { assertDatabaseName, ensureDatabase, type Readiness, waitUntilReady } from './readiness.js'
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
  /** Created when missing. Default 'terrane'. */
  database?: string
}

export interface EmbeddedPostgres {
  /** postgres://terrane:<password>@127.0.0.1:<port>/<database>; the user is the superuser. */
  readonly url: string
  readonly pid: number
  /** True when the server was running already, left by a process that was killed. */
  readonly adopted: boolean
  /**
   * Resolves when no process of the server is left. `immediate` does not wait for a checkpoint, and also
   * hastens a `fast` stop that is under way. Errors: `embedded_stop_failed`.
   */
  stop(mode?: StopMode): Promise<void>
  /** Calls back once when the server ends without `stop`; also when it has ended already. */
  onExit(listener: (why: string) => void): void
}

/** A port can be taken between being found free and being listened on; that twice in a row is bad luck. */
const LAUNCHES_MAX = 5
/** Another postmaster may hold the directory for the moment it needs to fail or to write its pid file. */
const RETRY_DELAY_MS = 300

/** Errors: `TerraneError` with a code of `EmbeddedErrorCode`. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const paths = dataPaths(resolve(options.dataDir))
  assertDatabaseName(options.database ?? 'terrane')
  assertSettings(options.settings ?? {})
  try {
    await mkdir(paths.dataDir, { recursive: true, mode: 0o700 })
    const lock = await takeOwnerLock(paths.ownerFile)
    try {
      const { postmaster, access, adopted } = await start(paths, options)
      const url = urlOf(access, options.database ?? 'terrane')
      return handleOf({ paths, postmaster, url, adopted, log: options.log ?? (() => {}), release: lock.release })
    } catch (error) {
      await lock.release()
      throw error
    }
  } catch (error) {
    throw fromSystemError(error, 'starting the embedded PostgreSQL', paths.dataDir)
  }
}

interface Running {
  postmaster: Postmaster
  access: Access
  adopted: boolean
}

async function start(paths: DataPaths, options: EmbeddedOptions): Promise<Running> {
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

  const launch = { binaries, account, clusterDir: paths.clusterDir, settings, log }
  const running =
    (await adopt(paths, access, log, progress)) ?? (await launchUntilReady(paths, access, launch, progress))
  try {
    await ensureDatabase(running.access, database)
  } catch (error) {
    await stopPostmaster(running.postmaster.process, paths.clusterDir, 'fast', log)
    throw fromText(messageOf(error), `creating the database ${database}`, paths.dataDir, error)
  }
  if (running.access.port !== access.port) await writeAccess(paths.accessFile, running.access)
  progress('ready')
  return running
}

/** Takes over the directory's server when one runs and answers; stops one that does not. */
async function adopt(
  paths: DataPaths,
  stored: Access,
  log: (line: string) => void,
  progress: (stage: string) => void,
): Promise<Running | undefined> {
  const found = await findPostmaster(paths.clusterDir, log)
  if (found === undefined) {
    await endLeftovers(paths.clusterDir, log)
    return undefined
  }
  if (found.status !== 'stopping') {
    progress('adopting')
    const postmaster = await adoptPostmaster(found.process, paths.clusterDir)
    const access = { ...stored, port: found.port }
    const readiness = await waitUntilReady(postmaster, paths.clusterDir, access, () => progress('recovering'))
    if (readiness.ready) {
      log(`adopted the PostgreSQL that was running already (process ${found.pid}, port ${found.port})`)
      return { postmaster, access, adopted: true }
    }
    log(`the PostgreSQL that is running (process ${found.pid}) is of no use: ${readiness.why}`)
  }
  await stopPostmaster(found.process, paths.clusterDir, 'fast', log)
  return undefined
}

async function launchUntilReady(
  paths: DataPaths,
  stored: Access,
  launch: Omit<LaunchOptions, 'port'>,
  progress: (stage: string) => void,
): Promise<Running> {
  let preferredPort = stored.port
  for (let attempt = 1; ; attempt++) {
    progress('starting')
    const access = { ...stored, port: await freePort(preferredPort) }
    const postmaster = await launchPostmaster({ ...launch, port: access.port })
    const readiness = await waitUntilReady(postmaster, paths.clusterDir, access, () => progress('recovering'))
    if (readiness.ready) return { postmaster, access, adopted: false }
    await stopPostmaster(postmaster.process, paths.clusterDir, 'fast', launch.log)
    const said = await postmaster.tail()
    const busyPort = /Address already in use/.test(said)
    const busyDirectory = /lock file "postmaster.pid" already exists|shared memory block .* still in use/.test(said)
    if (attempt === LAUNCHES_MAX || !(busyPort || busyDirectory)) throw startFailure(readiness, said, paths)
    launch.log(`PostgreSQL did not start (${busyPort ? 'port taken' : 'directory in use'}), trying again`)
    if (busyPort) preferredPort = 0
    await delay(RETRY_DELAY_MS)
    const running = busyDirectory ? await adopt(paths, stored, launch.log, progress) : undefined
    if (running !== undefined) return running
  }
}

function startFailure(readiness: Readiness & { ready: false }, said: string, paths: DataPaths): Error {
  const text = `${readiness.why}\n${said}`
  if (readiness.cause === 'refused') {
    return failure('embedded_credentials', `PostgreSQL does not accept the password in ${paths.accessFile}: ${text}`, {
      hint: 'restore server.json from the backup that the cluster is from',
    })
  }
  return fromText(text, 'starting PostgreSQL', paths.dataDir)
}

function handleOf(context: {
  paths: DataPaths
  postmaster: Postmaster
  url: string
  adopted: boolean
  log: (line: string) => void
  release: () => Promise<void>
}): EmbeddedPostgres {
  const { paths, postmaster, url, adopted, log, release } = context
  let stopping: Promise<void> | undefined
  return {
    url,
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
    onExit(listener) {
      void postmaster.ended.then(async (why) => {
        if (stopping === undefined) listener(`${why}\n${await postmaster.tail()}`.trim())
      })
    },
  }
}
