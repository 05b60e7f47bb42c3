import { randomBytes } from 'node:crypto'
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { messageOf, TerraneError } from '@terrane/core'
import { createIdentity, exportIdentity, importIdentity, type NodeIdentity } from '@terrane/node'
import { CommandFailure } from '../process/failure.js'

/** The node's key from a file that only its owner can read; made when there is none. */
export async function keptIdentity(path: string): Promise<NodeIdentity> {
  try {
    const found = readIfThere(path)
    if (found !== undefined) {
      chmodSync(path, 0o600)
      return await importIdentity(found)
    }
    const identity = await createIdentity(true)
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    // Whole or not at all, and never over a key that another process has made meanwhile.
    const temporary = `${path}.${randomBytes(6).toString('hex')}`
    writeFileSync(temporary, `${await exportIdentity(identity)}\n`, { mode: 0o600, flag: 'wx' })
    try {
      linkSync(temporary, path)
    } finally {
      rmSync(temporary)
    }
    return identity
  } catch (error) {
    throw new CommandFailure(error instanceof TerraneError ? error.code : 'key_file', {
      what: `the key in ${path} cannot be used`,
      why: messageOf(error),
      next:
        error instanceof TerraneError && error.hint !== undefined
          ? error.hint
          : 'check that the directory exists and can be written, or name another file: --key <file>',
      cause: error,
    })
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
