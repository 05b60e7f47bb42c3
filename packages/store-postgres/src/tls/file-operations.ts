import {
  closeSync,
  existsSync,
  fchownSync,
  fsyncSync,
  lchownSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'

/** What changes a directory: each of these either happens or does not. Tests end the process between two. */
export interface FileOperations {
  /** Private to its owner. Parents are made as well. */
  makeDirectory(path: string): void
  /** A new file, on disk when this returns. */
  write(path: string, text: string, mode: number): void
  rename(from: string, to: string): void
  /** A file or a directory with all that is in it. */
  remove(path: string): void
  /** Puts a directory's entries on disk. */
  sync(directory: string): void
}

/**
 * Synchronous, so that two renames follow each other without a turn of the event loop. What root makes belongs
 * to the directory's owner, who must be able to read it.
 */
export const fileOperations: FileOperations = {
  makeDirectory(path) {
    // Asked for parents, Node tries forever where nothing can be made, as in /proc.
    mkdirSync(path, { recursive: !existsSync(dirname(path)), mode: 0o700 })
    const owner = ownerForRoot(path)
    if (owner !== undefined) lchownSync(path, owner.uid, owner.gid)
  },
  write(path, text, mode) {
    const descriptor = openSync(path, 'wx', mode)
    try {
      writeFileSync(descriptor, text)
      const owner = ownerForRoot(path)
      if (owner !== undefined) fchownSync(descriptor, owner.uid, owner.gid)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  },
  rename: renameSync,
  remove(path) {
    rmSync(path, { recursive: true, force: true })
  },
  sync(directory) {
    // Windows cannot open a directory; its file systems write renames down by themselves.
    if (process.platform === 'win32') return
    const descriptor = openSync(directory, 'r')
    try {
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  },
}

function ownerForRoot(path: string): { uid: number; gid: number } | undefined {
  return process.geteuid?.() === 0 ? statSync(dirname(path)) : undefined
}
