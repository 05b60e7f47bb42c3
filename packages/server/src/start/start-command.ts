import { sleep, systemTimers } from '@terrane/core'
import type { Environment } from '../config/environment.js'
import type { StartOptions } from '../config/options.js'
import { describeFailure } from '../process/failure.js'
import { Lifecycle } from '../process/lifecycle.js'
import { createLogger, type Logger } from '../process/log.js'
import { Progress } from '../process/progress.js'
import { handleSignals } from '../process/signals.js'
import { loadWorld } from '../world/load-world.js'
import { Server } from './server.js'

/** How long what is being killed may take before the process goes all the same. */
const KILL_MS_MAX = 3_000

/** Parts of a start, for the length of the bar; the number need not be exact. */
const STEPS = 8

/** Serves until a signal, or a failure that cannot be mended, ends it. */
export async function start(options: StartOptions, environment: Environment): Promise<void> {
  const startedMs = performance.now()
  const progress = new Progress(STEPS, process.stderr.isTTY === true)
  const log = createLogger(environment.logLevel, progress.isTerminal, (text) => progress.write(text))
  const run = new Run(log, progress)
  // From here on, so that not even an interrupted start leaves anything behind.
  const releaseSignals = handleSignals({ onFirst: () => run.end(), onAgain: () => run.force('asked a second time') })
  process.on('uncaughtException', (error) => run.fail(error))
  process.on('unhandledRejection', (error) => run.fail(error))
  try {
    progress.step('loading the world')
    const loaded = await loadWorld(options.world)
    const server = new Server({
      options,
      environment,
      loaded,
      log,
      phase: () => run.phase,
      progress: (doing) => progress.detail(doing),
      onFatal: (error) => run.fail(error),
    })
    await run.serve(server, () => {
      server.announce()
      progress.end()
      process.stdout.write(`Terrane serves ${loaded.world.name} at ${server.url}\n`)
      log.debug({ tookMs: Math.round(performance.now() - startedMs) }, 'started')
    })
  } finally {
    progress.end()
    releaseSignals()
  }
}

/** One life of the process: start, serve, end. */
class Run {
  readonly #log: Logger
  readonly #progress: Progress
  readonly #ended: Promise<void>
  #lifecycle: Lifecycle | undefined
  #resolve: () => void = () => {}
  #isEnding = false
  #isForced = false

  constructor(log: Logger, progress: Progress) {
    this.#log = log
    this.#progress = progress
    this.#ended = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  get phase() {
    return this.#lifecycle?.phase ?? 'idle'
  }

  /** Rejects when the start fails; otherwise resolves when everything has ended. */
  async serve(server: Server, serving: () => void): Promise<void> {
    if (this.#isEnding) return
    this.#lifecycle = new Lifecycle(server.services, {
      onStep: (service, phase) => {
        if (phase === 'starting') this.#progress.step(service.doing)
      },
      onDrainFailure: (failure) => {
        this.#progress.write(`${describeFailure(failure, false)}\n`)
        process.exitCode = 1
      },
    })
    if (await this.#lifecycle.run()) serving()
    else this.end()
    await this.#ended
  }

  /** Makes everything durable, then ends. */
  end(): void {
    if (this.#isEnding) return
    this.#isEnding = true
    this.#progress.end()
    this.#progress.write('ending: making everything durable (Ctrl-C again ends at once)\n')
    if (this.#lifecycle === undefined) process.exit(0)
    void this.#lifecycle.drain().then((isClean) => {
      if (isClean) this.#progress.write('ended\n')
      this.#resolve()
      // What a library may have left open must not keep the process.
      systemTimers.after(0, () => process.exit())
    })
  }

  /** A failure that nobody expected: what is not durable was promised to nobody, so the quickest end is best. */
  fail(error: unknown): void {
    if (this.#isForced) return
    this.#log.fatal({ err: error }, 'the server cannot go on')
    this.force('it cannot go on')
  }

  /** Ends at once, and leaves no process behind. */
  force(why: string): void {
    if (this.#isForced) process.exit(1)
    this.#isForced = true
    this.#isEnding = true
    this.#progress.end()
    this.#progress.write(`ending at once: ${why}\n`)
    const killed = this.#lifecycle?.kill() ?? Promise.resolve()
    void Promise.race([killed, sleep(systemTimers, KILL_MS_MAX)]).finally(() => process.exit(1))
  }
}
