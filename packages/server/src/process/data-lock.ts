import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { messageOf } from '@terrane/core'
import { CommandFailure } from './failure.js'
import { startOf } from './identity.js'

interface Holder {
  readonly pid: number
  readonly start: string
  /** Where it serves; empty until it does. */
  readonly url: string
}

const ATTEMPTS_MAX = 10

/**
 * One server per data directory. The file `server.lock` names the holder; a holder that is gone does not
 * count. The file appears with its content or not at all, so nobody reads half of it.
 */
export class DataLock {
  readonly #path: string
  #text: string

  private constructor(path: string, text: string) {
    this.#path = path
    this.#text = text
  }

  /** Creates the directory when missing. Throws `CommandFailure`: `data_in_use`, `data_not_writable`. */
  static take(directory: string): DataLock {
    const path = join(resolve(directory), 'server.lock')
    const text = textOf('')
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        if (create(path, text)) return new DataLock(path, text)
        const found = read(path)
        if (found === undefined) continue
        const holder = parse(found)
        if (holder !== undefined && startOf(holder.pid) === holder.start) throw inUse(directory, holder)
        removeIf(path, found)
      }
    } catch (error) {
      if (error instanceof CommandFailure) throw error
      throw notWritable(directory, error)
    }
    throw inUse(directory, undefined)
  }

  /** Tells whoever comes second where this server is. */
  announce(url: string): void {
    const text = textOf(url)
    const temporary = temporaryOf(this.#path)
    writeFileSync(temporary, text, { mode: 0o600 })
    renameSync(temporary, this.#path)
    this.#text = text
  }

  release(): void {
    removeIf(this.#path, this.#text)
  }
}

function textOf(url: string): string {
  return JSON.stringify({ pid: process.pid, start: startOf(process.pid) ?? '', url } satisfies Holder)
}

function create(path: string, text: string): boolean {
  const temporary = temporaryOf(path)
  writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' })
  try {
    linkSync(temporary, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(temporary, { force: true })
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function parse(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder
  } catch {
    return undefined
  }
}

/** Removes the file only if it still says `text`: moved aside first, because another process may replace it. */
function removeIf(path: string, text: string): void {
  if (read(path) !== text) return
  const aside = temporaryOf(path)
  try {
    renameSync(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  if (read(aside) === text) rmSync(aside, { force: true })
  else renameSync(aside, path)
}

function temporaryOf(path: string): string {
  return `${path}.${randomBytes(6).toString('hex')}`
}

function inUse(directory: string, holder: Holder | undefined): CommandFailure {
  const who = holder === undefined ? 'another process' : `process ${holder.pid}`
  const where = holder === undefined || holder.url === '' ? '' : `, which serves ${holder.url}`
  return new CommandFailure('data_in_use', {
    what: `the data in ${resolve(directory)} is in use`,
    why: `a Terrane server runs on it already: ${who}${where}`,
    next: `use that server, stop it (${holder === undefined ? 'Ctrl-C' : `kill ${holder.pid}`}), or start with other data: --data <directory>`,
  })
}

function notWritable(directory: string, cause: unknown): CommandFailure {
  const code = (cause as NodeJS.ErrnoException).code
  const isFull = code === 'ENOSPC' || code === 'EDQUOT'
  return new CommandFailure('data_not_writable', {
    what: `the data directory ${resolve(directory)} cannot be used`,
    why: isFull ? `the disk is full (${messageOf(cause)})` : `it cannot be written (${messageOf(cause)})`,
    next: isFull
      ? 'free some space there, or choose a directory on another disk: --data <directory>'
      : 'make it writable for this user, or choose another: --data <directory>',
    cause,
  })
}
