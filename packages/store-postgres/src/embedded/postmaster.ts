/**
 * The postmaster, PostgreSQL's first process: starting it, finding one that outlived its parent, waiting
 * until it is ready, and stopping it.
 *
 * It gets a session of its own, so that Ctrl-C in the terminal reaches us alone and we decide when the
 * database goes. The price is that it survives when we are killed, so a start looks for it first.
 *
 * Which process is the postmaster of a directory? `postmaster.pid` names one, but it outlives a crash, and
 * its process id may be anybody's by then. The directory's identity (device and inode) is therefore part of
 * the command line, as `cluster_name`; command lines can be read everywhere, which working directories
 * cannot (a container's root has no CAP_SYS_PTRACE). A copy of the directory has another inode, so a copied
 * `postmaster.pid` does not lead to the original's server. If all this errs, PostgreSQL's own lock on the
 * directory (a shared memory segment keyed by the inode) still refuses a second server.
 */
import { spawn } from 'node:child_process'
import { readFile, rm, stat } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Binaries } from './binaries.js'
import { dataArgument } from './cluster.js'
import { failure } from './failures.js'
import {
  type Account,
  CLEAN_ENVIRONMENT,
  inspectProcess,
  isRunning,
  listProcesses,
  type ProcessInfo,
  signalIfRunning,
  worksIn,
} from './processes.js'
import { type Reach, reachSettings } from './reach.js'
import { markLogs, tailOfLogs } from './server-log.js'
import { settingArguments } from './settings.js'

/** A fast shutdown writes all changed pages; at 2 GB of WAL on a slow disk that takes tens of seconds. */
const FAST_STOP_MS_MAX = 60_000
/** An immediate shutdown kills after 5 s what has not ended, so this is more than it ever needs. */
const IMMEDIATE_STOP_MS_MAX = 15_000
const KILL_MS_MAX = 5_000
const POLL_MS = 25
/** How often a server that is not our child is checked for being alive. */
const WATCH_MS = 500
/** Standard error is only written until the log file is open; more than this is dropped. */
const STDERR_CHARS_MAX = 16_384

type PostmasterStatus = 'starting' | 'ready' | 'stopping'

export interface PidFile {
  pid: number
  port: number
  status: PostmasterStatus
}

/** Undefined when there is none, or only the beginning of one. */
export async function readPidFile(clusterDir: string): Promise<PidFile | undefined> {
  const text = await readFile(join(clusterDir, 'postmaster.pid'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  // Lines: process id, data directory, start time, port, socket directory, address, shared memory, status.
  const lines = text?.split('\n').map((line) => line.trim()) ?? []
  const pid = Number(lines[0])
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined
  const status = lines[7] === 'ready' || lines[7] === 'stopping' ? lines[7] : 'starting'
  return { pid, port: Number(lines[3] ?? 0), status }
}

async function clusterName(clusterDir: string): Promise<string> {
  const { dev, ino } = await stat(clusterDir)
  return `terrane-${dev}-${ino}`
}

/** The live postmaster of this very directory. A pid file that names another process is removed. */
export async function findPostmaster(
  clusterDir: string,
  log: (line: string) => void,
): Promise<(PidFile & { process: ProcessInfo }) | undefined> {
  const file = await readPidFile(clusterDir)
  const info = file === undefined ? undefined : await inspectProcess(file.pid)
  // The file of a dead process is PostgreSQL's own business: it holds the key of memory that may still be in use.
  if (file === undefined || info === undefined) return undefined
  const name = await clusterName(clusterDir)
  const named = info.command.some((argument) => argument === `cluster_name=${name}`)
  // For a server somebody started by hand in this directory. A shell may work there as well.
  const isPostgres = basename(info.command[0] ?? '') === 'postgres'
  if (named || (isPostgres && (await worksIn(info.pid, clusterDir)))) return { ...file, process: info }
  log(`removing a stale postmaster.pid: process ${file.pid} is not the server of ${clusterDir}`)
  await rm(join(clusterDir, 'postmaster.pid'), { force: true })
  return undefined
}

/** A postmaster that we answer for, started or adopted. */
export interface Postmaster {
  readonly process: ProcessInfo
  /** Resolves when it is gone, with the reason as far as it is known. Never rejects. */
  readonly ended: Promise<string>
  /** Set together with `ended`. */
  endedWhy(): string | undefined
  /** The end of what it has printed and logged since it was started or adopted. */
  tail(): Promise<string>
}

export interface LaunchOptions {
  binaries: Binaries
  account: Account | undefined
  clusterDir: string
  port: number
  reach: Reach
  settings: Record<string, string> | undefined
  log: (line: string) => void
}

/** Starts a postmaster and returns without waiting for it to be ready. */
export async function launchPostmaster(options: LaunchOptions): Promise<Postmaster> {
  const { binaries, account, clusterDir, port, reach, settings, log } = options
  const name = await clusterName(clusterDir)
  const mark = await markLogs(clusterDir)
  const child = spawn(
    binaries.postgres,
    [
      ...['-D', dataArgument(clusterDir)],
      ...settingArguments({ port, clusterName: name, reach: reachSettings(reach, clusterDir), extra: settings }),
    ],
    {
      cwd: clusterDir,
      ...(account ?? {}),
      detached: true,
      env: { ...CLEAN_ENVIRONMENT },
      // A pipe is safe although we may die before the server: it ignores SIGPIPE, and its logger lets go of the
      // pipe as soon as the log file is open.
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let printed = ''
  child.stderr.on('data', (chunk: Buffer) => {
    if (printed.length < STDERR_CHARS_MAX) printed += chunk
    for (const line of chunk.toString().split('\n')) if (/WARNING|ERROR|FATAL|PANIC|DETAIL/.test(line)) log(line)
  })
  let why: string | undefined
  const ended = new Promise<string>((resolve) => {
    const end = (reason: string) => {
      why ??= reason
      resolve(why)
    }
    child.on('error', (error) => end(`PostgreSQL could not be started: ${error.message}`))
    // 'close' follows 'exit' when standard error has been read to its end.
    child.on('close', (code, signal) =>
      end(`PostgreSQL ended ${signal === null ? `with code ${code}` : `by ${signal}`}`),
    )
  })
  // The server must not keep us alive: whoever needs it does.
  child.unref()
  const stderr = child.stderr as Socket
  stderr.unref()
  const info = child.pid === undefined ? undefined : await inspectProcess(child.pid)
  return {
    // A process that has ended already is described by nothing that runs.
    process: info ?? { pid: child.pid ?? 0, parent: process.pid, identity: 'ended', command: [] },
    ended,
    endedWhy: () => why,
    tail: async () => [printed.trim(), await tailOfLogs(clusterDir, mark)].filter((part) => part !== '').join('\n'),
  }
}

/** Answers from now on for a postmaster that another process started. */
export async function adoptPostmaster(info: ProcessInfo, clusterDir: string): Promise<Postmaster> {
  const mark = await markLogs(clusterDir)
  let why: string | undefined
  const ended = new Promise<string>((resolve) => {
    const timer = setInterval(async () => {
      if (await isRunning(info)) return
      clearInterval(timer)
      why ??= 'PostgreSQL ended; it was not our child, so the reason is in its log only'
      resolve(why)
    }, WATCH_MS)
    timer.unref()
  })
  return { process: info, ended, endedWhy: () => why, tail: () => tailOfLogs(clusterDir, mark) }
}

export type StopMode = 'fast' | 'immediate'

/**
 * Ends the postmaster and everything it started; resolves when no process is left. `fast` ends open
 * transactions and writes everything back; `immediate` is a crash that the next start recovers from. When
 * `fast` takes too long, it becomes `immediate`: nothing that was committed is lost by either.
 */
export async function stopPostmaster(
  info: ProcessInfo,
  clusterDir: string,
  mode: StopMode,
  log: (line: string) => void,
): Promise<void> {
  const steps: [NodeJS.Signals, number][] = [
    ['SIGINT', FAST_STOP_MS_MAX],
    ['SIGQUIT', IMMEDIATE_STOP_MS_MAX],
    ['SIGKILL', KILL_MS_MAX],
  ]
  if (mode === 'immediate') steps.shift()
  for (const [signal, boundMs] of steps) {
    if (!(await isRunning(info))) break
    if (signal !== steps[0]?.[0]) log(`PostgreSQL (process ${info.pid}) is still running, sending ${signal}`)
    await signalIfRunning(info, signal)
    await waitUntilGone([info], boundMs)
  }
  // The logger ends after the postmaster, by noticing that it is gone.
  await endLeftovers(clusterDir, log)
  if (await isRunning(info)) {
    throw failure('embedded_stop_failed', `PostgreSQL (process ${info.pid}) does not end, not even by SIGKILL`, {
      hint: 'its disk probably does not answer: look for processes in state D and at the kernel log',
    })
  }
}

/** Whether all are gone within `boundMs`. */
async function waitUntilGone(infos: ProcessInfo[], boundMs: number): Promise<boolean> {
  const endMs = performance.now() + boundMs
  for (;;) {
    const running = await Promise.all(infos.map(isRunning))
    if (!running.includes(true)) return true
    if (performance.now() >= endMs) return false
    await delay(POLL_MS)
  }
}

/**
 * Ends server processes whose postmaster is gone. They notice that themselves, except while they compute,
 * and as long as one is left no new postmaster starts.
 */
export async function endLeftovers(clusterDir: string, log: (line: string) => void): Promise<void> {
  for (const signal of [undefined, 'SIGQUIT', 'SIGKILL'] as const) {
    const { postmasters, servers } = await serverProcesses(clusterDir)
    const leftovers = servers.filter(({ parent }) => !postmasters.some(({ pid }) => pid === parent))
    if (leftovers.length === 0) return
    if (signal !== undefined) {
      log(`sending ${signal} to ${leftovers.length} PostgreSQL processes without a postmaster`)
      for (const info of leftovers) await signalIfRunning(info, signal)
    }
    if (await waitUntilGone(leftovers, KILL_MS_MAX)) return
  }
}

/** All live processes of this directory's server. */
export async function serverProcesses(
  clusterDir: string,
): Promise<{ postmasters: ProcessInfo[]; servers: ProcessInfo[] }> {
  // A directory that somebody removed has no name any more, and its server ends by itself.
  const name = await clusterName(clusterDir).catch(() => undefined)
  const all = name === undefined ? [] : await listProcesses()
  return {
    postmasters: all.filter(({ command }) => command.includes(`cluster_name=${name}`)),
    // They rewrite their command line to 'postgres: <cluster name>: <what they do>'.
    servers: all.filter(({ command }) => command.join(' ').startsWith(`postgres: ${name}: `)),
  }
}
