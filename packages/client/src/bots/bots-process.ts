import { fstatSync } from 'node:fs'
import { parseArgs } from 'node:util'

/** What the process was asked to do. */
export interface BotsRequest {
  /** The server, like `http://127.0.0.1:4000`. */
  readonly url: string
  readonly count: number
  /** What they choose depends on it, and on what they see. */
  readonly seed?: string
  /** File in which the bots' tokens are kept, so that they are the same players next time. */
  readonly tokens?: string
  /** Fires when they are to leave. */
  readonly signal: AbortSignal
  readonly log: (line: string) => void
}

/** After a request to end, for connections to close. */
const LEAVE_MS_MAX = 3_000
const EXIT_USAGE = 2

/**
 * The main function of a script with which a world's bots run as a process of their own, as `terrane start` starts it:
 *
 *   bots/main.js --url http://127.0.0.1:4000 --count 50 [--seed text] [--tokens file]
 *
 * Ends on SIGINT and SIGTERM, and when whoever started it is gone: its IPC channel, or the pipe on its
 * standard input, closes. So no bots are left over, however their parent ends.
 *
 * @param play plays until the signal fires, and resolves when all have left
 */
export async function botsProcess(
  { count, countMax }: { readonly count: number; readonly countMax: number },
  play: (request: BotsRequest) => Promise<void>,
): Promise<void> {
  const arguments_ = readArguments(count, countMax)
  const stop = new AbortController()
  const end = () => {
    // Asked a second time: at once.
    if (stop.signal.aborted) process.exit(1)
    stop.abort()
    setTimeout(() => process.exit(1), LEAVE_MS_MAX).unref()
  }
  process.on('SIGINT', end)
  process.on('SIGTERM', end)
  if (process.channel !== undefined && process.channel !== null) process.once('disconnect', end)
  else if (isPipe(0)) process.stdin.once('end', end).once('error', end).resume()
  try {
    await play({ ...arguments_, signal: stop.signal, log: (line) => process.stderr.write(`bots: ${line}\n`) })
    process.exit(0)
  } catch (thrown) {
    process.stderr.write(`bots: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
    process.exit(1)
  }
}

function readArguments(countDefault: number, countMax: number): Omit<BotsRequest, 'signal' | 'log'> {
  try {
    const { values } = parseArgs({
      options: {
        url: { type: 'string', default: 'http://127.0.0.1:4000' },
        count: { type: 'string', default: String(countDefault) },
        seed: { type: 'string' },
        tokens: { type: 'string' },
      },
    })
    const { url, count, seed, tokens } = values
    if (!URL.canParse(url)) throw new Error(`--url: "${url}" is not an address`)
    if (!/^\d{1,6}$/.test(count) || Number(count) > countMax)
      throw new Error(`--count: give a number up to ${countMax}`)
    return {
      url,
      count: Number(count),
      ...(seed === undefined ? {} : { seed }),
      ...(tokens === undefined ? {} : { tokens }),
    }
  } catch (thrown) {
    process.stderr.write(`bots: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
    process.exit(EXIT_USAGE)
  }
}

/** A pipe's end means that the other process is gone; a terminal or a file says nothing. */
function isPipe(descriptor: number): boolean {
  try {
    const stat = fstatSync(descriptor)
    return stat.isFIFO() || stat.isSocket()
  } catch {
    return false
  }
}
