/**
 * What the operating system knows about a process id. Linux is read from /proc, because small images
 * have no `ps`; elsewhere `ps` is asked. A zombie counts as gone: in a container whose first process
 * does not reap orphans, an adopted server stays a zombie for ever and would never seem to stop.
 */
import { execFile, spawn } from 'node:child_process'
import { readdir, readFile, stat } from 'node:fs/promises'

/** The account a process is started under; undefined anywhere below means our own. */
export interface Account {
  uid: number
  gid: number
}

export interface ProcessInfo {
  pid: number
  parent: number
  /** Tells two processes apart that had the same id at different times, also across reboots. */
  identity: string
  /** The arguments the process was started with. */
  command: string[]
}

/** Undefined when no such process runs. */
export async function inspectProcess(pid: number): Promise<ProcessInfo | undefined> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined
  return process.platform === 'linux' ? inspectByProc(pid) : parsePs(await ps([...PS_FORMAT, '-p', String(pid)]))[0]
}

async function inspectByProc(pid: number): Promise<ProcessInfo | undefined> {
  try {
    const [line, command, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    ])
    // The second field is the program's name in brackets and may hold anything, brackets and blanks too.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
    const [state, parent] = fields
    if (state === 'Z' || state === 'X') return undefined
    const startedTicks = fields[19]
    return { pid, parent: Number(parent), identity: `${boot.trim()}/${startedTicks}`, command: command.split('\0') }
  } catch {
    return undefined
  }
}

const PS_FORMAT = ['-o', 'pid=,stat=,ppid=,lstart=,command=']

function parsePs(text: string): ProcessInfo[] {
  const rows = text.matchAll(/^\s*(\d+)\s+(\S+)\s+(\d+)\s+(\w+\s+\w+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/gm)
  return [...rows]
    .filter(([, , state]) => state?.startsWith('Z') === false)
    .map(([, pid, , parent, identity, command]) => ({
      pid: Number(pid),
      parent: Number(parent),
      identity: String(identity),
      command: String(command).split(' '),
    }))
}

function ps(args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile('ps', args, { env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } }, (_error, stdout) => resolve(stdout))
  })
}

/** Every process that can be seen. */
export async function listProcesses(): Promise<ProcessInfo[]> {
  if (process.platform !== 'linux') return parsePs(await ps(['-A', ...PS_FORMAT]))
  const ids = (await readdir('/proc')).map(Number).filter((id) => id > 0)
  return (await Promise.all(ids.map(inspectByProc))).filter((info) => info !== undefined)
}

/** Whether the very process that `info` describes still runs. */
export async function isRunning(info: ProcessInfo): Promise<boolean> {
  return (await inspectProcess(info.pid))?.identity === info.identity
}

/** Whether `pid` works in `dir`; undefined when the system will not tell (another user's process, no /proc). */
export async function worksIn(pid: number, dir: string): Promise<boolean | undefined> {
  try {
    // The link itself leads to the directory, so the permissions of the directories above do not matter.
    const [theirs, ours] = await Promise.all([stat(`/proc/${pid}/cwd`), stat(dir)])
    return theirs.dev === ours.dev && theirs.ino === ours.ino
  } catch {
    return undefined
  }
}

/** Does nothing when the process is gone. */
export async function signalIfRunning(info: ProcessInfo, signal: NodeJS.Signals): Promise<void> {
  if (!(await isRunning(info))) return
  try {
    process.kill(info.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** The environment of PostgreSQL's programs: nothing of ours, so that no PGDATA or PGPORT of the user's gets in. */
export const CLEAN_ENVIRONMENT: Readonly<Record<string, string>> = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

export interface RunResult {
  /** 0 for success; -1 when the program was ended by a signal or could not be started. */
  code: number
  /** Standard output and standard error, in order of arrival. */
  output: string
}

/** Runs a program to its end. Never rejects: a program that cannot be started is a result like any other. */
export function runProgram(
  file: string,
  args: string[],
  options: { cwd: string; account: Account | undefined; timeoutMs: number },
): Promise<RunResult> {
  return new Promise((resolve) => {
    let output = ''
    try {
      const child = spawn(file, args, {
        cwd: options.cwd,
        ...(options.account ?? {}),
        env: { ...CLEAN_ENVIRONMENT },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      child.stdout.on('data', (chunk) => {
        output += chunk
      })
      child.stderr.on('data', (chunk) => {
        output += chunk
      })
      // Not spawn's own timeout: that timer keeps running, and us alive, when the program cannot be started.
      const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs)
      const finish = (result: RunResult) => {
        clearTimeout(timer)
        resolve(result)
      }
      child.on('error', (error) => finish({ code: -1, output: `${output}${error.message}` }))
      child.on('close', (code, signal) => {
        finish({ code: code ?? -1, output: signal === null ? output : `${output}ended by ${signal}` })
      })
    } catch (error) {
      // spawn throws, rather than reports, when the account may not be used (EPERM in a user namespace).
      resolve({ code: -1, output: String(error) })
    }
  })
}
