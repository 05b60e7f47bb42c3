import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { backoffMs, systemTimers, type Timer } from '@terrane/core'
import { childEnvironment } from '../config/environment.js'
import type { Logger } from '../process/log.js'
import type { Service } from '../process/service.js'

/** How long the bots may take to say good-bye. */
const STOP_MS_MAX = 3_000
const RESTART_BACKOFF_MS = { base: 500, cap: 30_000 }
/** After running this long, the next crash counts as the first again. */
const STABLE_MS = 60_000

export interface BotsOptions {
  /** Takes `--url`, `--count` and `--tokens`; ends on SIGTERM and at the end of its stdin. */
  readonly script: string
  readonly count: number
  /** Where they may keep who they are, so that they come back as the same players. */
  readonly tokens: string
  readonly url: () => string
  readonly log: Logger
}

/**
 * Bots are ordinary clients, in a process of their own: what they need costs the server nothing but
 * their connections, and when they crash the server does not.
 */
export class Bots implements Service {
  readonly doing = 'starting the bots'
  readonly failing = 'the bots did not start'
  readonly #options: BotsOptions
  #child: ChildProcess | undefined
  #ended: Promise<void> = Promise.resolve()
  #restart: Timer | undefined
  #crashes = 0
  #isStopping = false

  constructor(options: BotsOptions) {
    this.#options = options
  }

  async run(): Promise<void> {
    this.#launch()
  }

  async drain(): Promise<void> {
    await this.stop()
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    this.#restart?.cancel()
    this.#child?.kill('SIGTERM')
    const timer = systemTimers.after(STOP_MS_MAX, () => this.#child?.kill('SIGKILL'))
    await this.#ended
    timer.cancel()
  }

  kill(): void {
    this.#isStopping = true
    this.#child?.kill('SIGKILL')
  }

  #launch(): void {
    const { script, count, tokens, url, log } = this.#options
    const startedMs = performance.now()
    const args = [script, '--url', url(), '--count', String(count), '--tokens', tokens]
    const child = spawn(process.execPath, args, {
      // They end when their stdin does, so that not even a SIGKILL of ours leaves them behind.
      stdio: ['pipe', 'pipe', 'pipe'],
      env: childEnvironment(),
      // Ctrl-C in a terminal reaches a whole group of processes; these are told by us, in their turn.
      detached: true,
    })
    this.#child = child
    child.stdin?.on('error', () => {})
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => log.debug({ bots: line }))
    }
    this.#ended = new Promise((resolve) => {
      const ended = (why: string) => {
        resolve()
        if (this.#child !== child) return
        this.#child = undefined
        if (!this.#isStopping) this.#relaunchLater(why, performance.now() - startedMs)
      }
      child.once('error', (error) => ended(error.message))
      child.once('close', (code, signal) => ended(signal ?? `exit code ${code}`))
    })
  }

  #relaunchLater(why: string, ranMs: number): void {
    if (ranMs > STABLE_MS) this.#crashes = 0
    const delayMs = backoffMs(this.#crashes++, () => 1, RESTART_BACKOFF_MS.base, RESTART_BACKOFF_MS.cap)
    this.#options.log.warn({ why, againInMs: delayMs }, 'the bots have ended')
    this.#restart = systemTimers.after(delayMs, () => this.#launch())
  }
}
