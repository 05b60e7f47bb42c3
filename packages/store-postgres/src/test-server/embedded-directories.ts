/** Embedded servers of a test's own, in temporary directories, and processes that start one and are killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect } from 'vitest'
import { type EmbeddedOptions, type EmbeddedPostgres, startEmbedded } from '../embedded/embedded.js'
import { serverProcesses } from '../embedded/postmaster.js'

/** Where child processes run. */
export const REPOSITORY = fileURLToPath(new URL('../../../..', import.meta.url))
const MODULE = new URL('../embedded/embedded.ts', import.meta.url).href

/** A process that starts the embedded server. */
export interface Parent {
  readonly child: ChildProcess
  /** The next line it prints. */
  line(): Promise<string>
  /** What the server's handle says, or why it did not start. */
  handle(): Promise<{ superuserUrl: string; pid: number; adopted: boolean; code?: string }>
  /** By SIGKILL; the server stays. */
  kill(): Promise<void>
}

/** After each test everything in it is stopped and removed, and no process of a server may be left. */
export class EmbeddedDirectories {
  readonly #dataDirs: string[] = []
  readonly #roots: string[] = []
  readonly #servers: EmbeddedPostgres[] = []
  /** Processes to kill after the test. */
  readonly helpers: ChildProcess[] = []

  constructor() {
    afterEach(async () => {
      for (const child of this.helpers.splice(0)) child.kill('SIGKILL')
      await Promise.all(this.#servers.splice(0).map((server) => server.stop('immediate')))
      const leaked: number[] = []
      for (const dataDir of this.#dataDirs.splice(0)) leaked.push(...(await processesOf(dataDir)))
      for (const pid of leaked) process.kill(pid, 'SIGKILL')
      for (const root of this.#roots.splice(0)) rmSync(root, { recursive: true, force: true, maxRetries: 3 })
      expect(leaked, 'processes left by the test').toEqual([])
    })
  }

  /** A data directory that does not exist yet, in a temporary directory with the given mode. */
  create(mode = 0o755): string {
    const root = mkdtempSync(join(tmpdir(), 'terrane-embedded-'))
    chmodSync(root, mode)
    this.#roots.push(root)
    const dataDir = join(root, 'data', 'postgres')
    this.#dataDirs.push(dataDir)
    return dataDir
  }

  async start(dataDir: string, options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedPostgres> {
    const server = await startEmbedded({ dataDir, ...options })
    this.#servers.push(server)
    return server
  }

  /**
   * A Node process of its own that starts the server and prints its stages and then, as JSON, its handle. It
   * stops the server when it reads anything from standard input.
   */
  spawnParent(
    dataDir: string,
    options: Partial<EmbeddedOptions> = {},
    account: { uid?: number; gid?: number } = {},
  ): Parent {
    const source = `
    import { startEmbedded } from ${JSON.stringify(MODULE)}
    const progress = (stage) => console.log(stage)
    try {
      const server = await startEmbedded({ ...${JSON.stringify({ dataDir, ...options })}, progress })
      console.log(JSON.stringify({ superuserUrl: server.superuserUrl, pid: server.pid, adopted: server.adopted }))
      process.stdin.once('data', async () => { await server.stop(); console.log('stopped'); process.exit() })
    } catch (error) { console.log(JSON.stringify({ code: error.code, message: error.message })); process.exit(1) }
    setInterval(() => {}, 1000)`
    const child = spawn(
      process.execPath,
      ['--conditions=terrane-source', '--import=tsx', '--input-type=module', '--eval', source],
      { cwd: REPOSITORY, stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: process.env.PATH ?? '' }, ...account },
    )
    this.helpers.push(child)
    const line = lineReader(child)
    return {
      child,
      line,
      async handle() {
        for (;;) {
          const text = await line()
          if (text.startsWith('{')) return JSON.parse(text)
        }
      },
      async kill() {
        child.kill('SIGKILL')
        await once(child, 'close')
      },
    }
  }
}

function lineReader(child: ChildProcess): () => Promise<string> {
  const lines: string[] = []
  let rest = ''
  child.stdout?.on('data', (chunk) => {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
    child.emit('lines')
  })
  return async () => {
    while (lines.length === 0) {
      if (child.exitCode !== null) throw new Error(`the parent process ended with ${child.exitCode}`)
      await Promise.race([once(child, 'lines'), once(child, 'close')])
    }
    return lines.shift() ?? ''
  }
}

/** All processes of the server in a directory. */
export async function processesOf(dataDir: string): Promise<number[]> {
  const cluster = join(dataDir, 'cluster')
  if (!existsSync(cluster)) return []
  const { postmasters, servers } = await serverProcesses(cluster)
  return [...postmasters, ...servers].map(({ pid }) => pid)
}
