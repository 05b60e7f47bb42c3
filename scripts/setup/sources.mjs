import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** All files below `dir`, as paths relative to it, in order; empty when there is no such directory. */
export function filesBelow(dir) {
  let entries
  try {
    entries = readdirSync(dir, { recursive: true, withFileTypes: true })
  } catch (error) {
    if (error.code === 'ENOENT') return []
    throw error
  }
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath ?? entry.path}/${entry.name}`.slice(dir.length + (dir.endsWith('/') ? 0 : 1)))
    .sort()
}

/** Changes whenever the file's content may have changed. */
export function stampOf(path) {
  const { mtimeMs, size } = statSync(path)
  return `${mtimeMs}:${size}`
}

export function readStamps(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return {}
  }
}

export function writeStamps(path, stamps) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, JSON.stringify(stamps))
}
