import { randomBytes } from 'node:crypto'
import type { Stats } from 'node:fs'
import { lchown, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Account } from './processes.js'

export async function statOrUndefined(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** A name nobody else uses. */
export function uniqueSuffix(): string {
  return randomBytes(6).toString('hex')
}

export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Replaces a file in one step, on disk before this returns, readable by its owner only. The owner is the
 * directory's, so that a start by root leaves files that the directory's user can still read.
 */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${uniqueSuffix()}`
  try {
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      const owner = await stat(dirname(path))
      if (process.geteuid?.() === 0) await handle.chown(owner.uid, owner.gid)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncDirectory(dirname(path))
}

/** chown -R, not following links. */
export async function giveTree(dir: string, account: Account): Promise<void> {
  await lchown(dir, account.uid, account.gid)
  for (const entry of await readdir(dir, { recursive: true })) await lchown(join(dir, entry), account.uid, account.gid)
}
