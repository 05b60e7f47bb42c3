import { messageOf, TerraneError } from '@terrane/core'

/**
 * Everything that can go wrong between "start" and "ready", as closed codes:
 *
 * - `embedded_platform`: no PostgreSQL binaries for this machine, or they do not run on it.
 * - `embedded_binaries`: the binaries exist but could not be made usable.
 * - `embedded_permission`: a file or account is not ours to use.
 * - `embedded_disk_full`: no space for the data directory.
 * - `embedded_in_use`: another live process owns the data directory.
 * - `embedded_version_mismatch`: the data was written by another major version.
 * - `embedded_data_damaged`: the cluster directory is not a PostgreSQL cluster.
 * - `embedded_credentials`: the stored password is missing or refused.
 * - `embedded_start_failed`, `embedded_stop_failed`: anything else, with PostgreSQL's own words.
 */
export type EmbeddedErrorCode =
  | 'embedded_platform'
  | 'embedded_binaries'
  | 'embedded_permission'
  | 'embedded_disk_full'
  | 'embedded_in_use'
  | 'embedded_version_mismatch'
  | 'embedded_data_damaged'
  | 'embedded_credentials'
  | 'embedded_start_failed'
  | 'embedded_stop_failed'

export interface FailureOptions {
  hint: string
  retry?: 'never' | 'later'
  cause?: unknown
}

export function failure(code: EmbeddedErrorCode, message: string, options: FailureOptions): TerraneError {
  return new TerraneError(code, message, options)
}

/** Turns a failed file operation or spawn into the matching error; errors that are already ours pass through. */
export function fromSystemError(thrown: unknown, doing: string, dataDir: string): TerraneError {
  if (thrown instanceof TerraneError) return thrown
  return fromText(messageOf(thrown), doing, dataDir, thrown)
}

/** The same for what a PostgreSQL program printed. `text` ends up in the message as it is. */
export function fromText(text: string, doing: string, dataDir: string, cause?: unknown): TerraneError {
  const message = `${doing} failed: ${text.trim() === '' ? 'no output' : text.trim()}`
  // PostgreSQL's words for too little shared memory contain those for a full disk.
  if (/shared memory|semaphore/i.test(text) && /No space left on device|Cannot allocate memory/.test(text)) {
    return failure('embedded_start_failed', message, {
      hint: 'enlarge /dev/shm (docker run --shm-size=256m) or the kernel limits for System V shared memory',
      cause,
    })
  }
  if (/\bENOSPC\b|\bEDQUOT\b|No space left on device|Disk quota exceeded|Check free disk space/.test(text)) {
    return failure('embedded_disk_full', message, {
      retry: 'later',
      hint: `free some space on the disk of ${dataDir} (a new database needs about 100 MB) and start again`,
      cause,
    })
  }
  if (/\bEACCES\b|\bEPERM\b|\bEROFS\b|Permission denied|Operation not permitted|Read-only file system/.test(text)) {
    return failure('embedded_permission', message, {
      hint: `start as the user who owns ${dataDir}, give the directory to the present user, or choose another data directory`,
      cause,
    })
  }
  return failure('embedded_start_failed', message, {
    hint: `read the newest file in ${dataDir}/cluster/log; the database can also be any PostgreSQL server given by its URL`,
    cause,
  })
}
