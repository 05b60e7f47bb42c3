import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { childEnvironment } from '../config/environment.js'
import { CommandFailure } from '../process/failure.js'

export interface ServerChild {
  readonly url: string
  readonly pid: number
  /** Ends it as Ctrl-C does; resolves when it is gone. */
  stop(): Promise<void>
}

/** What it says last is shown when it fails. */
const LINES_KEPT = 20

/**
 * `terrane start` in a process of its own, without bots and page. It ends with this process. Rejects
 * `server_did_not_start` with what it said.
 */
export async function startServerChild(options: {
  readonly world: string
  readonly data: string
  readonly env: Readonly<Record<string, string>>
}): Promise<ServerChild> {
  const { world, data, env } = options
  // In the form in which this process runs: built, or as sources.
  const cli = fileURLToPath(new URL('../cli.js', import.meta.url)).replace(
    /js$/,
    import.meta.url.endsWith('.ts') ? 'ts' : 'js',
  )
  const args = [
    'start',
    '--port',
    '0',
    '--bots',
    '0',
    '--no-console',
    '--jobs',
    'off',
    '--world',
    world,
    '--data',
    data,
  ]
  const child = spawn(process.execPath, [...process.execArgv, cli, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: childEnvironment({ LOG_LEVEL: 'warn', NODE_ENV: 'development', ...env }),
    // Ctrl-C in a terminal reaches a whole group of processes; this one is told by us, in its turn.
    detached: true,
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const exited = once(child, 'exit')
  const lines: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line)
    if (lines.length > LINES_KEPT) lines.shift()
  })
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /https?:\/\/\S+/.exec(line)
      if (found !== null) resolve(found[0])
    })
    exited.then(() => reject(didNotStart(lines)), reject)
  })
  return {
    url,
    pid: child.pid as number,
    async stop() {
      process.removeListener('exit', kill)
      child.kill('SIGTERM')
      await exited
    },
  }
}

function didNotStart(lines: readonly string[]): CommandFailure {
  return new CommandFailure('server_did_not_start', {
    what: 'the server of the mission did not start',
    why: lines.join('\n') || 'it ended without a word',
    next: 'mend what it says; `npx terrane start --world maglev` starts the same server by itself',
  })
}
