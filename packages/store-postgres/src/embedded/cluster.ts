/**
 * The directory PostgreSQL keeps its files in, and how it is created.
 *
 * PostgreSQL's account must reach the directory although it may not pass the directories above it (root's
 * home is 0700). On Linux that works without opening anything up: a child process changes to its working
 * directory before it gives up root, and `/proc/self/cwd` is a link to that directory that is followed
 * without looking at the path. So programs are started inside the cluster, with that link as the data
 * directory. On other systems the path itself is passed.
 */
import { existsSync } from 'node:fs'
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '@terrane/core'
import { SUPERUSER } from './access.js'
import type { Binaries } from './binaries.js'
import { failure, fromText } from './failures.js'
import { giveTree, statOrUndefined, syncDirectory, uniqueSuffix } from './files.js'
import { type Account, runProgram } from './processes.js'

/** initdb takes about a second; a slow or busy disk has been seen to need a minute. */
const INITDB_MS_MAX = 600_000

/**
 * A new segment of the WAL is filled with zeros while commits wait: 12 ms for PostgreSQL's 16 MB, 3 ms for these, on a
 * disk that now and then is many times slower.
 */
const WAL_SEGMENT_MB = 4

const UNFINISHED_PREFIX = 'initializing-'
const OWN_CWD = '/proc/self/cwd'

export interface DataPaths {
  /** The directory the caller named, absolute. */
  dataDir: string
  clusterDir: string
  accessFile: string
  ownerFile: string
  certsDir: string
}

export function dataPaths(dataDir: string): DataPaths {
  return {
    dataDir,
    clusterDir: join(dataDir, 'cluster'),
    accessFile: join(dataDir, 'server.json'),
    ownerFile: join(dataDir, 'owner'),
    certsDir: join(dataDir, 'certs'),
  }
}

/** The `-D` argument for a program that is started with `clusterDir` as its working directory. */
export function dataArgument(clusterDir: string): string {
  return process.platform === 'linux' && existsSync(OWN_CWD) ? OWN_CWD : clusterDir
}

/** An empty directory, say a fresh mount, is no cluster yet. */
export async function clusterExists(clusterDir: string): Promise<boolean> {
  return (await statOrUndefined(clusterDir)) !== undefined && (await readdir(clusterDir)).length > 0
}

export interface CreateClusterOptions {
  paths: DataPaths
  binaries: Binaries
  account: Account | undefined
  password: string
  log: (line: string) => void
}

/**
 * Creates the cluster beside its final place and renames it: whenever this is interrupted, a complete
 * cluster or none is there, and the rest is swept away at the next start.
 */
export async function createCluster({ paths, binaries, account, password, log }: CreateClusterOptions): Promise<void> {
  const work = join(paths.dataDir, `${UNFINISHED_PREFIX}${uniqueSuffix()}`)
  const cluster = join(work, 'cluster')
  const passwordFile = join(work, 'password')
  await mkdir(work, { mode: 0o700 })
  try {
    await mkdir(cluster, { mode: 0o700 })
    await writeFile(passwordFile, password, { mode: 0o600 })
    if (account !== undefined) {
      for (const path of [work, cluster, passwordFile]) await chown(path, account.uid, account.gid)
    }
    const result = await runProgram(
      binaries.initdb,
      [
        ...['-D', dataArgument(cluster), `--username=${SUPERUSER}`, '--auth=scram-sha-256', '--pwfile=../password'],
        ...[
          '--encoding=UTF8',
          '--locale=C',
          '--set=huge_pages=off',
          `--wal-segsize=${WAL_SEGMENT_MB}`,
          '--no-instructions',
        ],
      ],
      { cwd: cluster, account, timeoutMs: INITDB_MS_MAX },
    )
    if (result.code !== 0) throw fromText(result.output, 'creating the database (initdb)', paths.dataDir)
    await rename(cluster, paths.clusterDir)
    await syncDirectory(paths.dataDir)
    log(`created a PostgreSQL ${binaries.version} cluster in ${paths.clusterDir}`)
  } finally {
    await rm(work, { recursive: true, force: true }).catch((error) => log(`cannot remove ${work}: ${messageOf(error)}`))
  }
}

/** Removes what an interrupted creation left. Failing is harmless, the names are never used again. */
export async function sweepUnfinished(paths: DataPaths, log: (line: string) => void): Promise<void> {
  for (const name of await readdir(paths.dataDir)) {
    if (!name.startsWith(UNFINISHED_PREFIX)) continue
    log(`removing ${name}, left by an interrupted start`)
    // An orphaned initdb may still be writing there.
    await rm(join(paths.dataDir, name), { recursive: true, force: true, maxRetries: 5 }).catch((error) => {
      log(`cannot remove ${name}: ${messageOf(error)}`)
    })
  }
}

export async function checkClusterVersion(paths: DataPaths, binaries: Binaries): Promise<void> {
  const text = await readFile(join(paths.clusterDir, 'PG_VERSION'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) {
    throw failure('embedded_data_damaged', `${paths.clusterDir} is not empty and not a PostgreSQL cluster`, {
      hint: 'restore the directory from a backup, or move it away to start with an empty database',
    })
  }
  const found = text.trim()
  if (found === binaries.major) return
  throw failure(
    'embedded_version_mismatch',
    `the data in ${paths.clusterDir} is of PostgreSQL ${found}, and this program brings PostgreSQL ${binaries.major}`,
    {
      hint: `dump it with the release of this program that brought PostgreSQL ${found} (pg_dumpall), move ${paths.dataDir} away, start once and load the dump; or go back to that release`,
    },
  )
}

/** A cluster copied in by root belongs to root, which the server does not accept. */
export async function repairOwner(paths: DataPaths, account: Account | undefined): Promise<void> {
  if (account === undefined || (await statOrUndefined(paths.clusterDir))?.uid === account.uid) return
  await giveTree(paths.clusterDir, account)
}
