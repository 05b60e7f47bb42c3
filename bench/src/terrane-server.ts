import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { note } from './report.js'

export interface TerraneOptions {
  /** A world's module, in the form in which this process runs. */
  readonly world: URL
  /** Directory of the embedded database; unused with `databaseUrl`. */
  readonly data: string
  readonly databaseUrl?: string
  readonly core?: number
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Where to leave a CPU profile of the server. */
  readonly profile?: string
  /** With the web page; it has to be built. */
  readonly console?: boolean
}

export interface TerraneServer {
  readonly url: string
  readonly pid: number
  /** Ends it as Ctrl-C does; resolves when it is gone. */
  stop(): Promise<void>
}

/** The real `terrane start` in a process of its own, without bots and, unless asked for, without console. */
export async function startTerrane(options: TerraneOptions): Promise<TerraneServer> {
  const cli = fileURLToPath(import.meta.resolve('@terrane/server')).replace(/index\.(ts|js)$/, 'cli.$1')
  const command = [
    ...process.execArgv,
    ...(options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`]),
    cli,
    ...['start', '--port', '0', '--bots', '0'],
    ...(options.console === true ? [] : ['--no-console']),
    ...['--world', fileURLToPath(options.world), '--data', options.data],
    ...(options.args ?? []),
  ]
  const pinned = options.core === undefined ? [] : ['taskset', '-c', String(options.core)]
  const [program, ...args] = [...pinned, process.execPath, ...command]
  const child = spawn(program as string, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      LOG_LEVEL: 'warn',
      ...(options.databaseUrl === undefined ? {} : { DATABASE_URL: options.databaseUrl }),
      ...options.env,
    },
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const exited = once(child, 'exit')
  const lines: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line)
    if (lines.length > 40) lines.shift()
  })
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /https?:\/\/\S+/.exec(line)
      if (found !== null) resolve(found[0])
    })
    exited.then(() => reject(new Error(`the server ended while it started:\n${lines.join('\n')}`)), reject)
  })
  return {
    url,
    pid: child.pid as number,
    async stop() {
      process.removeListener('exit', kill)
      child.kill('SIGTERM')
      const [code] = await exited
      if (code !== 0) note(`the server ended with exit code ${code}:\n${lines.join('\n')}`)
    },
  }
}
