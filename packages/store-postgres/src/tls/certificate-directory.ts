import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { messageOf, TerraneError } from '@terrane/core'
import { CLIENT_USERS, clientFiles, nodeFiles } from './certificate-files.js'
import type { FileOperations } from './file-operations.js'

/*
 * How a set of files changes as one.
 *
 * The new files are written into `.making-…`, which a single rename turns into `.staged`. With that rename the
 * set is decided: killed before, the directory is as it was; killed later, whatever runs next moves the rest
 * (`settle`). Files in `.staged` go before those one level up when this package reads (`readNewest`), so its
 * readers see all of the new set from the moment it is decided. Databases read when they are told to, which
 * is after the command has ended.
 *
 * Rejected: a symbolic link that is switched from one complete directory to the next. It would spare other
 * readers the microseconds between two renames, but operators copy, move and chmod these files, and a `ca.key`
 * that is a link stays behind when it is moved to a safe place.
 */
const STAGED = '.staged'
const MAKING = '.making-'

const KEY_MODE = 0o600
const CERTIFICATE_MODE = 0o644

/** What a complete set has. The CA's key is kept elsewhere when nothing is being issued. */
const REQUIRED: readonly string[] = [nodeFiles('.'), ...CLIENT_USERS.map((user) => clientFiles('.', user))]
  .flatMap(({ ca, cert, key }) => [ca, cert, key])
  .map((path) => basename(path))
  .filter((name, index, all) => all.indexOf(name) === index)

export const AUTHORITY_KEY = 'ca.key'

/** The text of a file in its newest version; undefined when there is none. */
export function readNewest(path: string): string | undefined {
  return readIfThere(join(dirname(path), STAGED, basename(path))) ?? readIfThere(path)
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new TerraneError('unreadable_certificate', `cannot read a certificate file: ${messageOf(error)}`, {
      hint: 'The files must belong to the account that runs this program, keys with mode 0600.',
      cause: error,
    })
  }
}

/** Finishes what a run before this one had decided, and removes what it had not. */
export function settle(directory: string, operations: FileOperations): void {
  if (!existsSync(directory)) return
  moveStaged(directory, operations)
  for (const name of readdirSync(directory)) {
    if (name.startsWith(MAKING)) operations.remove(join(directory, name))
  }
}

/**
 * Whether a directory holds a set.
 * @throws TerraneError `incomplete_certificates` when it holds some of the files
 */
export function holdsSet(directory: string): boolean {
  const missing = REQUIRED.filter((name) => !existsSync(join(directory, name)))
  if (missing.length === 0) return true
  if (missing.length === REQUIRED.length && !existsSync(join(directory, AUTHORITY_KEY))) return false
  throw new TerraneError(
    'incomplete_certificates',
    `${directory} holds some certificate files, but lacks ${missing.join(', ')}`,
    {
      hint: 'Put the missing files back, or name another directory. Nothing was changed.',
    },
  )
}

/**
 * Puts files into a directory, all or none of them, replacing those of the same names.
 * @param contents text by file name
 */
export function putSet(directory: string, contents: ReadonlyMap<string, string>, operations: FileOperations): void {
  makePrivate(directory, operations)
  const making = join(directory, `${MAKING}${randomBytes(6).toString('hex')}`)
  operations.makeDirectory(making)
  checkAlone(directory, making, operations)
  for (const [name, text] of contents) {
    operations.write(join(making, name), text, name.endsWith('.key') ? KEY_MODE : CERTIFICATE_MODE)
  }
  operations.sync(making)
  operations.rename(making, join(directory, STAGED))
  operations.sync(directory)
  moveStaged(directory, operations)
}

function makePrivate(directory: string, operations: FileOperations): void {
  if (!existsSync(directory)) {
    operations.makeDirectory(directory)
    operations.sync(dirname(resolve(directory)))
  } else if (process.platform !== 'win32' && readdirSync(directory).length === 0) {
    // One with other things in it is not ours to close; the keys are private by their own mode.
    chmodSync(directory, 0o700)
  }
}

/** Two runs that began at once: each has removed what it found, and sees the other's directory now. */
function checkAlone(directory: string, making: string, operations: FileOperations): void {
  const others = readdirSync(directory).filter((name) => name.startsWith(MAKING) && name !== basename(making))
  if (others.length === 0) return
  operations.remove(making)
  throw new TerraneError('certificates_in_progress', `another command is making certificates in ${directory}`, {
    retry: 'later',
    hint: 'Wait until it has ended, then run this one again.',
  })
}

/** Sorted by name, so that a certificate and its key move one right after the other. */
function moveStaged(directory: string, operations: FileOperations): void {
  const staged = join(directory, STAGED)
  if (!existsSync(staged)) return
  for (const name of readdirSync(staged).sort()) operations.rename(join(staged, name), join(directory, name))
  operations.sync(directory)
  operations.remove(staged)
  operations.sync(directory)
}

/** Whether others than the owner may enter. */
export function isOpenToOthers(directory: string): boolean {
  return process.platform !== 'win32' && (statSync(directory).mode & 0o077) !== 0
}
