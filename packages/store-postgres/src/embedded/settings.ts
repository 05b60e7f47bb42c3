import { assert } from '@terrane/core'

/** Decided by this folder. A caller who could change them would lose acknowledged data or lose the server. */
const FIXED_SETTINGS = {
  // A socket file's path has about 100 bytes at most, and its directory must be writable for the account.
  unix_socket_directories: '',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  password_encryption: 'scram-sha-256',
  logging_collector: 'on',
  log_destination: 'stderr',
  log_directory: 'log',
} as const

/** For a machine with about 2 cores and 4 GB that runs the world as well. */
const DEFAULT_SETTINGS = {
  max_connections: '50',
  shared_buffers: '128MB',
  effective_cache_size: '512MB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  // 'try', the default, ends in bus errors in containers whose host has huge pages that they may not use.
  huge_pages: 'off',
  // Queries here touch few rows: compiling them, or planning them for several workers, costs more than it saves.
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  max_logical_replication_workers: '0',
  random_page_cost: '1.1',
  // Every page is written whole to the WAL once per checkpoint, so checkpoints should be rare; 2 GB of WAL
  // are replayed in well under a minute after a crash. Compression of those pages stays off: the binaries are
  // built without lz4 and zstd, and pglz costs more processor time than it saves in disk.
  max_wal_size: '2GB',
  min_wal_size: '256MB',
  checkpoint_timeout: '15min',
  // One file per day of the week, overwritten a week later.
  log_filename: 'postgres-%a.log',
  log_truncate_on_rotation: 'on',
  log_rotation_age: '1d',
  log_rotation_size: '0',
  log_line_prefix: '%m [%p] ',
  log_timezone: 'UTC',
  timezone: 'UTC',
} as const

/** Decided at each start, by this folder as well. */
const PER_START = /^(port|cluster_name|data_directory|listen_addresses|ssl|ssl_.*|hba_file|ident_file)$/

/** Stops a caller who would change what this folder decides, or whose setting cannot be an argument. */
export function assertSettings(extra: Record<string, string>): void {
  for (const [name, value] of Object.entries(extra)) {
    assert(/^[a-z][a-z0-9_.]*$/.test(name), `not a PostgreSQL setting: ${name}`)
    assert(!value.includes('\0'), `setting ${name} holds a zero byte`)
    assert(
      !(name in FIXED_SETTINGS) && !PER_START.test(name),
      `the setting ${name} belongs to the embedded server and cannot be changed`,
    )
  }
}

/**
 * The settings as command line arguments: the configuration of a cluster is then always the one of the
 * program that starts it, and no file has to be kept in step.
 */
export function settingArguments(options: {
  port: number
  clusterName: string
  /** By `reachSettings`. */
  reach: Readonly<Record<string, string>>
  extra: Record<string, string> | undefined
}): string[] {
  const settings = {
    ...DEFAULT_SETTINGS,
    ...options.extra,
    ...FIXED_SETTINGS,
    ...options.reach,
    port: String(options.port),
    cluster_name: options.clusterName,
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
