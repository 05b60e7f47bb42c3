/** The real command in a process of its own, for tests. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect } from '@terrane/client'
import { onTestFinished } from 'vitest'
import type { Counter } from './counter-world.js'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const CLI = join(ROOT, 'packages/server/dist/cli.js')

const COUNTER_WORLD = fileURLToPath(new URL('./counter-world.ts', import.meta.url))
export const ISLANDS_WORLD = fileURLToPath(new URL('./islands-world.ts', import.meta.url))
export const FATAL_WORLD = fileURLToPath(new URL('./fatal-world.ts', import.meta.url))

/** Variables of whoever runs the tests that would make another server of it. */
const NOT_INHERITED = [
  'DATABASE_URL',
  'DATABASE_ADMIN_URL',
  'DATABASE_READER_URL',
  'DATABASE_CERTS',
  'TERRANE_BUS_URL',
  'TERRANE_JWT_SECRET',
  'TERRANE_JWKS_URL',
  'LOG_LEVEL',
  'NODE_ENV',
]

/** A loaded machine that creates a database needs this long at worst. */
const START_MS_MAX = 60_000

/** The command runs from the build, so it must be the build of these sources. */
export function buildAll(): void {
  const script =
    "import('./scripts/setup/lock.mjs').then(async (l) => l.withLock((await import('./scripts/setup/build.mjs')).build))"
  const { status, stderr } = spawnSync(process.execPath, ['-e', script], { cwd: ROOT, encoding: 'utf8' })
  if (status !== 0) throw new Error(`the build failed: ${stderr}`)
}

/** A directory that is removed with all that lives in it when the test ends. */
export function temporaryDirectory(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'terrane-server-')))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

export interface ServerProcessOptions {
  readonly data: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly world?: string
  /** Flags of Node itself. */
  readonly execArgv?: readonly string[]
}

export class ServerProcess {
  readonly child: ChildProcess
  readonly #data: string
  #stdout = ''
  #stderr = ''
  readonly #ended: Promise<number>

  constructor(options: ServerProcessOptions) {
    const { data, world = COUNTER_WORLD, args = [], env = {}, execArgv = [] } = options
    this.#data = data
    const inherited = { ...process.env }
    for (const name of NOT_INHERITED) delete inherited[name]
    this.child = spawn(
      process.execPath,
      [...execArgv, CLI, 'start', '--data', data, '--port', '0', '--world', world, ...args],
      { env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    this.child.stdout?.on('data', (chunk) => {
      this.#stdout += chunk
    })
    this.child.stderr?.on('data', (chunk) => {
      this.#stderr += chunk
    })
    this.#ended = once(this.child, 'close').then(([code]) => code ?? -1)
    onTestFinished(async () => {
      this.child.kill('SIGKILL')
      await this.#ended
      for (const pid of processesOf(data)) killIfThere(pid)
    })
  }

  get pid(): number {
    return this.child.pid ?? -1
  }

  get stdout(): string {
    return this.#stdout
  }

  get stderr(): string {
    return this.#stderr
  }

  /** Where it serves. Rejects with what it said when it ends instead. */
  async url(): Promise<string> {
    const deadlineMs = performance.now() + START_MS_MAX
    for (;;) {
      const found = /https?:\/\/\S+/.exec(this.#stdout)?.[0]
      if (found !== undefined) return found
      if (this.child.exitCode !== null || performance.now() > deadlineMs) {
        throw new Error(`the server did not start: ${this.#stderr}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }

  /** Exit code. */
  ended(): Promise<number> {
    return this.#ended
  }

  async end(signal: NodeJS.Signals): Promise<number> {
    this.child.kill(signal)
    return this.#ended
  }

  /** Of this server's data: PostgreSQL and bots, not the server itself. */
  relatives(): number[] {
    return processesOf(this.#data).filter((pid) => pid !== this.pid)
  }
}

/** It may have ended by itself since it was found. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Processes that work in `directory` or name it on their command line. Linux only: empty elsewhere. */
export function processesOf(directory: string): number[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && belongsTo(pid, directory))
}

function belongsTo(pid: number, directory: string): boolean {
  try {
    if (isZombie(pid)) return false
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    return command.includes(directory) || readlinkSync(`/proc/${pid}/cwd`).startsWith(directory)
  } catch {
    return false
  }
}

/** One that has ended: its new parent may leave it so for ever. Throws when there is no such process. */
export function isZombie(pid: number | string): boolean {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
}

export async function getJson(url: string, token?: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(10_000) })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

export async function guestAt(url: string): Promise<{ token: string; player: string }> {
  const response = await fetch(`${url}/api/guest`, { method: 'POST' })
  return (await response.json()) as { token: string; player: string }
}

export async function playAt(url: string, token: string) {
  const client = await connect<Counter>(url, { token })
  onTestFinished(() => client.close())
  return client
}

/** Waits until `probe` gives something other than undefined. */
export async function eventually<T>(probe: () => Promise<T | undefined>, withinMs = 30_000): Promise<T> {
  const deadlineMs = performance.now() + withinMs
  for (;;) {
    const found = await probe().catch(() => undefined)
    if (found !== undefined) return found
    if (performance.now() > deadlineMs) throw new Error(`did not come true within ${withinMs} ms: ${probe}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
