import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { signalPostgres } from '@terrane/testing/postgres-processes'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const START_MS_MAX = 90_000
const STOP_MS_MAX = 15_000

/** Builds the packages and the page, as `npm start` does, where they are stale. */
export function buildServerAndConsole(): void {
  const script = `
    const { withLock } = await import('./scripts/setup/lock.mjs')
    const { build } = await import('./scripts/setup/build.mjs')
    const { buildConsole } = await import('./scripts/setup/console.mjs')
    await withLock(async () => { await build(); await buildConsole() })`
  const args = ['--input-type=module', '-e', script]
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' })
  if (status !== 0) throw new Error(`the build failed: ${stderr}`)
}

/**
 * The real server, with ten bots or as its options say, on a database of its own that it reaches by TLS, or on that of
 * `DATABASE_URL`.
 */
export class ConsoleServer {
  readonly #data = mkdtempSync(join(tmpdir(), 'terrane-console-'))
  readonly #options: readonly string[]
  readonly #variables: Readonly<Record<string, string>>
  #child: ChildProcess | undefined
  #url = ''

  /** @param variables of its environment, beside those of the tests */
  constructor(options: readonly string[] = ['--bots', '10'], variables: Readonly<Record<string, string>> = {}) {
    this.#options = 'DATABASE_URL' in variables ? options : [...options, '--mtls']
    this.#variables = variables
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  get url(): string {
    return this.#url
  }

  /** Starts it; a second time on the same data and port. */
  async start(): Promise<void> {
    const port = this.#url === '' ? '0' : new URL(this.#url).port
    const args = ['packages/server/dist/cli.js', 'start', '--port', port, '--data', join(this.#data, 'data')]
    const child = spawn(process.execPath, [...args, ...this.#options], {
      cwd: ROOT,
      env: { ...process.env, ...this.#variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    let output = ''
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    this.#url = await new Promise<string>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`${why}: ${output}`))
      const limit = setTimeout(() => fail('the server did not start in time'), START_MS_MAX)
      child.once('exit', () => fail('the server ended'))
      child.stdout.on('data', (chunk) => {
        const found = /https?:\/\/\S+/.exec(String(chunk))?.[0]
        if (found === undefined) return
        clearTimeout(limit)
        resolve(found)
      })
    })
  }

  /** As in a crash; PostgreSQL stays, and the next start adopts it. */
  async crash(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Does the work while its own PostgreSQL stands still. Linux only. */
  async whileDatabaseHangs<T>(work: () => Promise<T>): Promise<T> {
    const data = join(this.#data, 'data')
    if (signalPostgres(data, 'SIGSTOP') === 0) throw new Error(`no PostgreSQL runs in ${data}`)
    try {
      return await work()
    } finally {
      signalPostgres(data, 'SIGCONT')
    }
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM')
    rmSync(this.#data, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    const limit = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX)
    await ended
    clearTimeout(limit)
  }
}
