import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { TerraneError } from '@terrane/core'
import type { CacheLayer } from '@terrane/gamedata'

/** Checksums come from a server: nothing else than one may become part of a path. */
const CHECKSUM = /^[0-9a-f]{64}$/
const KEY = /^[a-z_]+(\/-?\d+)?$/

/** Keeps entries as files: `<directory>/<checksum>/<table>.json`, and `…/<table>/<id>.json` for single rows. */
export class DirectoryLayer implements CacheLayer {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  async read(checksum: string, key: string): Promise<string | undefined> {
    try {
      return await readFile(this.#pathOf(checksum, key), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  async write(checksum: string, key: string, text: string): Promise<void> {
    const path = this.#pathOf(checksum, key)
    await mkdir(dirname(path), { recursive: true })
    // Whole or not at all, also for processes that share the directory.
    const unfinished = `${path}.${randomUUID()}`
    try {
      await writeFile(unfinished, text)
      await rename(unfinished, path)
    } catch (error) {
      await rm(unfinished, { force: true })
      throw error
    }
  }

  async remove(checksum: string, key: string): Promise<void> {
    await rm(this.#pathOf(checksum, key), { force: true })
  }

  async retain(checksums: readonly string[]): Promise<void> {
    const names = await readdir(this.#directory).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    const others = names.filter((name) => CHECKSUM.test(name) && !checksums.includes(name))
    await Promise.all(others.map((name) => rm(join(this.#directory, name), { recursive: true, force: true })))
  }

  #pathOf(checksum: string, key: string): string {
    if (CHECKSUM.test(checksum) && KEY.test(key)) return join(this.#directory, checksum, `${key}.json`)
    throw new TerraneError('bad_cache_key', `${checksum}/${key} cannot name an entry of the cache`, {
      hint: 'The server that was asked is no Terrane server, or one of another version.',
    })
  }
}
