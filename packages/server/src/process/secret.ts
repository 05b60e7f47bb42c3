import { randomBytes } from 'node:crypto'
import { chmodSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { JWT_SECRET_LENGTH_MIN } from '../config/environment.js'
import { CommandFailure } from './failure.js'

/**
 * The secret that signs guests' tokens, from `<data>/secret`; made on the first start. Kept, so that
 * tokens survive a restart, and readable by its owner only.
 */
export function keptSecret(directory: string): string {
  const path = pathIn(directory)
  const found = secretIfThere(directory)
  if (found !== undefined) {
    if (found.length < JWT_SECRET_LENGTH_MIN) {
      throw new CommandFailure('damaged_secret', {
        what: `the secret in ${path} cannot be used`,
        why: `it has ${found.length} characters, and ${JWT_SECRET_LENGTH_MIN} are the least`,
        next: 'restore the file, or delete it: a new one is made, and players must sign in again',
      })
    }
    chmodSync(path, 0o600)
    return found
  }
  const secret = randomBytes(32).toString('base64url')
  const temporary = `${path}.${randomBytes(6).toString('hex')}`
  writeFileSync(temporary, `${secret}\n`, { mode: 0o600, flag: 'wx' })
  linkSync(temporary, path)
  rmSync(temporary)
  return secret
}

/** The secret that a server has kept there; undefined when none has. */
export function secretIfThere(directory: string): string | undefined {
  return readIfThere(pathIn(directory))
}

function pathIn(directory: string): string {
  return join(directory, 'secret')
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
