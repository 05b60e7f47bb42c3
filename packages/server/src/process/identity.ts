/**
 * Telling processes apart across restarts. A process id alone is not enough: after a crash, in a
 * container above all, the same small numbers are given out again.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** When that process started, in whatever form the system tells it; undefined when no such process runs. */
export function startOf(pid: number): string | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined
  try {
    if (process.platform !== 'linux') {
      const args = ['-o', 'lstart=', '-p', String(pid)]
      return execFileSync('ps', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || undefined
    }
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets and may hold anything, brackets and blanks too.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
    const isGone = fields[0] === 'Z' || fields[0] === 'X'
    return isGone ? undefined : fields[19]
  } catch {
    return undefined
  }
}

/**
 * Where process ids mean the same as here: this machine, since it was switched on, and this container.
 * Two machines may share a name, and two containers a machine.
 */
function here(): string {
  const parts = [() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'), () => readlinkSync('/proc/self/ns/pid')]
  const scope = parts.map((read) => {
    try {
      return read()
    } catch {
      return ''
    }
  })
  return `${hostname()}/${createHash('sha256').update(scope.join()).digest('hex').slice(0, 8)}`
}

/** Names this process in zone leases: `host/scope:pid:start`. */
export function ownName(): string {
  return `${here()}:${process.pid}:${startOf(process.pid)}`
}

/** Whether an owner is known to be gone. False for owners of which nothing can be known from here. */
export function isKnownDead(owner: string): boolean {
  const [, place, pid, start] = /^(.*?):(\d+):(.*)$/.exec(owner) ?? []
  return place === here() && startOf(Number(pid)) !== start
}
