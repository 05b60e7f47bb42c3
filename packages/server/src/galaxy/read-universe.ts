import { readFile } from 'node:fs/promises'
import { messageOf } from '@terrane/core'
import { CommandFailure } from '../process/failure.js'

/** What a universe file holds, unchecked. Throws `CommandFailure`. */
export async function readUniverseFile(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new CommandFailure('galaxy_not_read', {
      what: `${file} cannot be read as a universe`,
      why: messageOf(cause),
      next: 'name a JSON file, such as terrane galaxy generate --out writes',
      cause,
    })
  }
}
