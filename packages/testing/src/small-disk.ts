import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'

/** A disk that can be filled without harm has to be mounted, which is root's alone. */
export const CAN_MOUNT = process.getuid?.() === 0 && existsSync('/bin/mount')

export interface SmallDisk {
  readonly path: string
  /** Leaves not a block. */
  fill(): void
  /** Gives back what `fill` took. */
  free(): void
}

/** A disk of its own, which goes when the test ends. @param size as `mount` has it: `160m` */
export function smallDisk(size: string): SmallDisk {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'terrane-small-disk-')))
  expect(spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path]).status).toBe(0)
  onTestFinished(() => {
    spawnSync('umount', ['-l', path])
    rmSync(path, { recursive: true })
  })
  // PostgreSQL runs as another user.
  chmodSync(path, 0o755)
  const filler = join(path, 'filler')
  return {
    path,
    fill: () => void spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4k']),
    free: () => rmSync(filler),
  }
}
