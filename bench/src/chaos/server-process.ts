import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { killPostgres, postgresProcesses } from '@terrane/testing/postgres-processes'

/** The command as it is shipped, whichever form this process runs in. */
const CLI = fileURLToPath(new URL('../../../packages/server/dist/cli.js', import.meta.url))

const READY_MS_MAX = 180_000
const READY_POLL_MS = 10
const STOP_MS_MAX = 60_000
const LOG_LINES_MAX = 400
const CLEAN_UP_MS_MAX = 5_000

/** Variables of whoever runs the benchmark that would make another server of it. */
const NOT_INHERITED = [
  'DATABASE_URL',
  'DATABASE_ADMIN_URL',
  'DATABASE_CERTS',
  'TERRANE_BUS_URL',
  'TERRANE_JWT_SECRET',
  'TERRANE_JWKS_URL',
  'LOG_LEVEL',
  'NODE_ENV',
]

export interface ServerProcessOptions {
  /** A world's module. */
  readonly world: URL
  /** Names the temporary directory. */
  readonly name: string
  readonly args?: readonly string[]
  /** Of a database that is not the server's own: DATABASE_URL and what belongs to it. */
  readonly database?: Readonly<Record<string, string>>
  /** Flags of Node itself. */
  readonly execArgv?: readonly string[]
}

/**
 * The real `terrane start` with its embedded PostgreSQL, in a temporary directory of its own, to be killed
 * and started again. However this process ends, short of a SIGKILL, nothing of it is left.
 */
export class ServerProcess {
  readonly data: string
  readonly #options: ServerProcessOptions
  readonly #log: string[] = []
  readonly #onExit = () => this.#cleanUp()
  #child: ChildProcess | undefined
  #exited: Promise<unknown> = Promise.resolve()
  #port = 0

  constructor(options: ServerProcessOptions) {
    if (process.platform !== 'linux') throw new Error(`${options.name} reads /proc: it runs on Linux only`)
    this.#options = options
    this.data = realpathSync(mkdtempSync(join(tmpdir(), `terrane-${options.name}-`)))
    process.once('exit', this.#onExit)
  }

  /** Known from the first time that it serves; stays the same. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('the server is not running')
    return this.#child.pid
  }

  /** The end of what it has printed over all its lives. */
  get log(): readonly string[] {
    return this.#log
  }

  /** Starts the process. It does not serve yet. */
  launch(): void {
    const { world, args = [], execArgv = [], database = {} } = this.#options
    const env = { ...process.env, LOG_LEVEL: 'info' }
    for (const name of NOT_INHERITED) if (name !== 'LOG_LEVEL') delete (env as NodeJS.ProcessEnv)[name]
    Object.assign(env, database)
    const own = ['start', '--port', String(this.#port), '--data', this.data, '--world', fileURLToPath(world)]
    const child = spawn(process.execPath, [...execArgv, CLI, ...own, '--bots', '0', '--no-console', ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ctrl-C in a terminal reaches a whole group of processes; this one is ended by us.
      detached: true,
    })
    this.#child = child
    this.#note(`— process ${child.pid} —`)
    createInterface({ input: child.stderr }).on('line', (line) => this.#note(line))
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.#note(line)
      const port = /http:\/\/[^ ]*:(\d+)/.exec(line)?.[1]
      if (port !== undefined) this.#port = Number(port)
    })
    this.#exited = once(child, 'close')
  }

  /** Resolves when inputs are taken. Rejects when the process ends instead. */
  async ready(): Promise<void> {
    const deadlineMs = performance.now() + READY_MS_MAX
    const child = this.#child
    while (performance.now() < deadlineMs) {
      if (child === undefined || child !== this.#child || child.exitCode !== null || child.signalCode !== null) {
        throw new Error('the server ended while it started')
      }
      if (this.#port !== 0 && (await this.#isReady())) return
      await delay(READY_POLL_MS)
    }
    throw new Error(`the server did not come to serve within ${READY_MS_MAX / 1_000} s`)
  }

  /** SIGKILL; resolves when the process is gone, to false when it had gone already. */
  async kill(): Promise<boolean> {
    const wasRunning = this.#child?.exitCode === null && this.#child.signalCode === null
    this.#child?.kill('SIGKILL')
    await this.#exited
    return wasRunning
  }

  /** Ends it as Ctrl-C does. Rejects unless it ends well and leaves no process. */
  async stop(): Promise<void> {
    const child = this.#child
    child?.kill('SIGTERM')
    const timer = setTimeout(() => child?.kill('SIGKILL'), STOP_MS_MAX)
    await this.#exited
    clearTimeout(timer)
    if (child?.exitCode !== 0) {
      throw new Error(`the server did not end in order (${child?.signalCode ?? `exit code ${child?.exitCode}`})`)
    }
    const left = this.#options.database === undefined ? postgresProcesses(this.data) : []
    if (left.length > 0) throw new Error(`the server has left ${left.length} processes of PostgreSQL`)
  }

  /** Ends whatever is left, and removes the directory. */
  async dispose(): Promise<void> {
    process.removeListener('exit', this.#onExit)
    this.#child?.kill('SIGKILL')
    await this.#exited
    this.#cleanUp()
  }

  async #isReady(): Promise<boolean> {
    try {
      const answer = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(5_000) })
      await answer.arrayBuffer()
      return answer.status === 200
    } catch {
      return false
    }
  }

  #cleanUp(): void {
    this.#child?.kill('SIGKILL')
    const deadlineMs = performance.now() + CLEAN_UP_MS_MAX
    // Again and again: a server that is being started may have more processes by the time it is looked at.
    while (killPostgres(this.data) > 0 && performance.now() < deadlineMs) pause(20)
    rmSync(this.data, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }

  #note(line: string): void {
    this.#log.push(line)
    if (this.#log.length > LOG_LINES_MAX) this.#log.shift()
  }
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
