import { readFileSync } from 'node:fs'

/** What /proc reports times in: 100 on every Linux that Node runs on (sysconf(_SC_CLK_TCK)). */
const TICKS_PER_SECOND = 100

/**
 * User and system time of all threads of a process since its start, in seconds. The resolution is
 * 10 ms, so measure over seconds. On loopback the receiving half of TCP runs inside the sender's
 * system call and is charged to it, for every contender alike.
 */
export function cpuSeconds(pid: number): number {
  const stat = readProc(pid, 'stat')
  // The name in parentheses may contain spaces; fields are counted from behind it (utime is the 14th of all).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/**
 * How long the main thread of a process was ready to run while its core was busy with something else,
 * in seconds since its start. More than a little of it makes a measurement of latency worthless.
 */
export function cpuWaitSeconds(pid: number): number {
  return Number(readProc(pid, 'schedstat').split(' ')[1]) / 1e9
}

/** Time that the calling thread has run, in milliseconds: what it does itself, however busy the machine is. */
export function threadCpuMs(): number {
  return Number(readProc('thread-self', 'schedstat').split(' ')[0]) / 1e6
}

/** Resident memory of a process, in bytes. The kernel's socket buffers are not part of it. */
export function rssBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readProc(pid, 'status'))?.[1]
  if (kilobytes === undefined) throw new Error(`process ${pid} has no resident memory: it has ended`)
  return Number(kilobytes) * 1024
}

function readProc(pid: number | 'thread-self', file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch (cause) {
    throw new Error(`cannot read /proc/${pid}/${file}: the process has ended, or this is not Linux`, { cause })
  }
}
