/**
 * One live process per data directory. Without this, a second start would take the first one's server for
 * an orphan, adopt it, and stop it under the first one's feet.
 *
 * The file `owner` names the holder by process id and start time; a holder that is gone, or whose id now
 * belongs to another process, does not count. Process ids mean nothing between machines or containers: a
 * data directory shared by two of those is protected by PostgreSQL's own locks only.
 */
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { failure } from './failures.js'
import { uniqueSuffix } from './files.js'
import { inspectProcess } from './processes.js'

/** Between creating the file and writing it a holder needs far less than this in total. */
const EMPTY_READS_MAX = 10
const EMPTY_READ_DELAY_MS = 50

const ATTEMPTS_MAX = 10

export interface OwnerLock {
  release(): Promise<void>
}

interface Holder {
  pid: number
  identity: string
}

export async function takeOwnerLock(path: string): Promise<OwnerLock> {
  const us = await inspectProcess(process.pid)
  const text = JSON.stringify({ pid: process.pid, identity: us?.identity ?? '' } satisfies Holder)
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    if (await tryCreate(path, text)) return { release: () => removeIfHolds(path, text) }
    const found = await readHolder(path)
    if (found === undefined) continue
    const holder = found === '' ? undefined : parseHolder(found)
    if (holder !== undefined && (await inspectProcess(holder.pid))?.identity === holder.identity) {
      throw failure('embedded_in_use', `process ${holder.pid} already uses the database in ${dirname(path)}`, {
        retry: 'later',
        hint: 'stop that process, or choose another data directory',
      })
    }
    await removeIfHolds(path, found)
  }
  throw failure('embedded_in_use', `other processes keep taking ${path}`, {
    retry: 'later',
    hint: 'start only one process on this data directory',
  })
}

async function tryCreate(path: string, text: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx', 0o600)
    try {
      const owner = await stat(dirname(path))
      if (process.geteuid?.() === 0) await handle.chown(owner.uid, owner.gid)
      await handle.writeFile(text)
    } catch (error) {
      await rm(path, { force: true })
      throw error
    } finally {
      await handle.close()
    }
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Undefined when the file is gone; '' when its writer died before writing. */
async function readHolder(path: string): Promise<string | undefined> {
  for (let read = 0; read < EMPTY_READS_MAX; read++) {
    try {
      const text = await readFile(path, 'utf8')
      if (text !== '') return text
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
    await delay(EMPTY_READ_DELAY_MS)
  }
  return ''
}

function parseHolder(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder
  } catch {
    return undefined
  }
}

/** Removes the file only if it still says `text`: moved aside first, because another process may replace it. */
async function removeIfHolds(path: string, text: string): Promise<void> {
  const aside = `${path}.${uniqueSuffix()}`
  try {
    if ((await readFile(path, 'utf8')) !== text) return
    await rename(path, aside)
    if ((await readFile(aside, 'utf8')) === text) await rm(aside, { force: true })
    else await rename(aside, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
