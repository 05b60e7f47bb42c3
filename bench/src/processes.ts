import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Message } from './child.js'
import { note } from './report.js'

export interface ChildSpec {
  /** Shown before the lines that it prints. */
  name: string
  script: URL
  /** Passed as JSON in the only argument: read it with `childOptions()`. */
  options: unknown
  /** The only core it may run on; ignored where `canPin()` is false. */
  core?: number
  env?: Record<string, string>
  /** Flags of Node, beside those of this process. */
  nodeFlags?: readonly string[]
}

/**
 * For a process that plays many clients and takes the time of their answers. Its heap is so small that V8 would compact
 * it every second, for 10 to 50 ms each, which the clients of a game do not wait for: they are processes of their own.
 */
export const NO_GARBAGE_PAUSES: readonly string[] = ['--initial-old-space-size=512', '--max-semi-space-size=32']

const STOP_GRACE_MS = 3000

/** Says whether `taskset` can keep the server and the load on a core each. */
export function canPin(): boolean {
  return [0, 1].every((core) => spawnSync('taskset', ['-c', String(core), 'true']).status === 0)
}

/** Sibling of a module in the form that this process runs: .ts under tsx, .js in the build. */
export function sibling(path: string, moduleUrl: string): URL {
  return new URL(`${path}${moduleUrl.endsWith('.ts') ? '.ts' : '.js'}`, moduleUrl)
}

/**
 * A script in a process of its own that speaks lines of JSON (see child.ts). Other lines that it
 * prints go to stderr under its name. It ends with this process, however this process ends.
 */
export class BenchChild {
  readonly #child: ChildProcess
  readonly #name: string
  readonly #inbox: Message[] = []
  readonly #exited: Promise<void>
  #waiting: { resolve: (message: Message) => void; reject: (error: Error) => void } | undefined
  #ended: Error | undefined
  #stopping = false

  constructor(spec: ChildSpec, pin: boolean) {
    const node = [
      ...process.execArgv,
      ...(spec.nodeFlags ?? []),
      fileURLToPath(spec.script),
      JSON.stringify(spec.options),
    ]
    const [command, args] =
      pin && spec.core !== undefined
        ? ['taskset', ['-c', String(spec.core), process.execPath, ...node]]
        : [process.execPath, node]
    this.#name = spec.name
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...spec.env } })
    const kill = (): boolean => this.#child.kill('SIGKILL')
    process.once('exit', kill)
    this.#exited = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        process.removeListener('exit', kill)
        this.#end(new Error(`${spec.name} ended by itself (${signal ?? `exit code ${code}`})`))
        resolve()
      })
      this.#child.once('error', (error) => {
        this.#end(error)
        resolve()
      })
    })
    // A write to a child that has just died fails here first; the exit says why.
    this.#child.stdin?.on('error', () => {})
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on('line', (line) => this.#receive(line))
    }
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#name} did not start`)
    return this.#child.pid
  }

  /** The next message, which for a server is the ready line. */
  async next(timeoutMs: number): Promise<Message> {
    const message = this.#inbox.shift() ?? (await this.#wait(timeoutMs))
    if (typeof message.error === 'string') throw new Error(`${this.#name}: ${message.error}`)
    return message
  }

  /** One request, one answer, never two at a time. */
  async request(message: Message, timeoutMs: number): Promise<Message> {
    this.#child.stdin?.write(`${JSON.stringify(message)}\n`)
    return this.next(timeoutMs)
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#child.stdin?.end()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_GRACE_MS)
    await this.#exited
    clearTimeout(timer)
  }

  #wait(timeoutMs: number): Promise<Message> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting = undefined
        reject(new Error(`${this.#name} did not answer within ${timeoutMs / 1000} s`))
      }, timeoutMs)
      this.#waiting = {
        resolve: (message) => {
          clearTimeout(timer)
          resolve(message)
        },
        reject: (error) => {
          clearTimeout(timer)
          reject(error)
        },
      }
    })
  }

  #receive(line: string): void {
    const message = parseMessage(line)
    if (message === undefined) {
      if (line.trim() !== '' && !this.#stopping) note(`[${this.#name}] ${line}`)
      return
    }
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting === undefined) this.#inbox.push(message)
    else waiting.resolve(message)
  }

  #end(error: Error): void {
    this.#ended ??= error
    this.#waiting?.reject(error)
    this.#waiting = undefined
  }
}

function parseMessage(line: string): Message | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Message
  } catch {
    return undefined
  }
}

/**
 * Makes sure that the processes to be started may open so many sockets each. Node lifts the soft
 * limit to the hard one by itself, so only the hard one matters; children inherit it.
 */
export function requireFileDescriptors(needed: number): void {
  const pid = String(process.pid)
  if (hardLimit(pid) >= needed) return
  spawnSync('prlimit', ['--pid', pid, `--nofile=${needed}:${needed}`])
  const limit = hardLimit(pid)
  if (limit < needed) {
    throw new Error(
      `this benchmark opens ${needed} files per process, the limit is ${limit}: run \`ulimit -n ${needed}\` as root first`,
    )
  }
}

function hardLimit(pid: string): number {
  const result = spawnSync('prlimit', ['--pid', pid, '--nofile', '--output=HARD', '--noheadings'], { encoding: 'utf8' })
  // Without prlimit there is nothing to check with: the connections will say it themselves.
  if (result.status !== 0) return Number.POSITIVE_INFINITY
  const text = result.stdout.trim()
  return text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text)
}
