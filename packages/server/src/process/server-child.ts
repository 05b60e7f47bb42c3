import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { childEnvironment } from '../config/environment.js'
import { CommandFailure } from './failure.js'

export interface ServerChildOptions {
  /** Name or module of the world. */
  readonly world: string
  readonly data: string
  /** Further options of `terrane start`. */
  readonly args?: readonly string[]
  /** Of its environment, beside that of this process. */
  readonly env?: Readonly<Record<string, string>>
  /** Flags of Node, beside those of this process. */
  readonly nodeFlags?: readonly string[]
}

export interface ServerChild {
  readonly url: string
  readonly pid: number
  /** Ends it as Ctrl-C does; resolves when it is gone, with its exit code and what it said last. */
  stop(): Promise<{ readonly code: number | null; readonly said: string }>
}

/** What it says last is told when it fails. */
const LINES_KEPT = 40

/**
 * `terrane start` in a process of its own, on a free port and without bots. It ends with this process. Rejects
 * `server_did_not_start` with what it said.
 */
export async function startServerChild(options: ServerChildOptions): Promise<ServerChild> {
  const { world, data, args = [], env = {}, nodeFlags = [] } = options
  // In the form in which this process runs: built, or as sources.
  const form = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const cli = fileURLToPath(new URL(`../cli.${form}`, import.meta.url))
  const start = ['start', '--port', '0', '--bots', '0', '--world', world, '--data', data, ...args]
  const child = spawn(process.execPath, [...process.execArgv, ...nodeFlags, cli, ...start], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: childEnvironment({ LOG_LEVEL: 'warn', ...env }),
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
  const said = () => lines.join('\n')
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /https?:\/\/\S+/.exec(line)
      if (found !== null) resolve(found[0])
    })
    exited.then(() => reject(didNotStart(world, said())), reject)
  })
  return {
    url,
    pid: child.pid as number,
    async stop() {
      process.removeListener('exit', kill)
      child.kill('SIGTERM')
      const [code] = await exited
      return { code, said: said() }
    },
  }
}

function didNotStart(world: string, said: string): CommandFailure {
  return new CommandFailure('server_did_not_start', {
    what: 'the server did not start',
    why: said || 'it ended without a word',
    next: `mend what it says; \`npx terrane start --world ${world}\` starts the same server by itself`,
  })
}
