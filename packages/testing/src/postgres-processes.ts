import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The processes of the embedded PostgreSQL in a data directory of the server. Synchronous, so that it can
 * be used while this process exits. They are known by the directory's identity, which is part of their
 * command lines, and not by postmaster.pid, which may be missing or stale.
 */
export function postgresProcesses(data: string): number[] {
  const name = clusterName(data)
  if (name === undefined) return []
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0)
    .map((pid) => ({ pid, command: commandOf(pid) }))
    .filter(({ command }) => command.includes(`\0cluster_name=${name}\0`) || command.startsWith(`postgres: ${name}: `))
    .sort((a, b) => Number(isPostmaster(b.command)) - Number(isPostmaster(a.command)))
    .map(({ pid }) => pid)
}

/** Kills the postmaster and all that it started, as if the machine had lost them. Returns how many there were. */
export function killPostgres(data: string): number {
  return signalPostgres(data, 'SIGKILL')
}

/** The postmaster and all that it started get the signal, save those that end meanwhile. Returns how many there were. */
export function signalPostgres(data: string, signal: NodeJS.Signals): number {
  const pids = postgresProcesses(data)
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  return pids.length
}

function isPostmaster(command: string): boolean {
  return !command.startsWith('postgres: ')
}

function clusterName(data: string): string | undefined {
  try {
    const { dev, ino } = statSync(join(data, 'postgres', 'cluster'))
    return `terrane-${dev}-${ino}`
  } catch {
    return undefined
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
  } catch {
    return ''
  }
}
