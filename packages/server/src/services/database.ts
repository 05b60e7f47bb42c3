import { join } from 'node:path'
import { assert, backoffMs, messageOf, sleep, systemTimers, type Timer } from '@terrane/core'
import { type EmbeddedPostgres, startEmbedded } from '@terrane/store-postgres'
import type { Logger } from '../process/log.js'
import type { Service } from '../process/service.js'
import type { DatabaseAccess } from './store.js'

/** A PostgreSQL that cannot be started again by itself is tried this often, and slower each time. */
const RESTART_BACKOFF_MS = { base: 200, cap: 10_000 }

/** How often certificates are looked at, while a start is far away. */
const RENEW_EVERY_MS = 12 * 3_600_000

const STAGES: Readonly<Record<string, string>> = {
  preparing: 'preparing PostgreSQL',
  initializing: 'creating the database (once)',
  starting: 'starting PostgreSQL',
  adopting: 'taking over the PostgreSQL that is still running',
  recovering: 'PostgreSQL recovers what was under way when it was stopped',
}

/** The PostgreSQL of ours, kept running: when it dies it is started again, and the engine carries on. */
export class EmbeddedDatabase implements Service {
  readonly doing = 'starting PostgreSQL'
  readonly failing = 'the embedded PostgreSQL did not start'
  readonly #directory: string
  readonly #mtls: boolean
  readonly #log: Logger
  readonly #progress: (doing: string) => void
  readonly #onLost: (failure: Error) => void
  #server: EmbeddedPostgres | undefined
  #supervising: Promise<void> | undefined
  #isUp = false
  #isStopping = false
  #renewing: Timer | undefined
  #stopRequested: () => void = () => {}
  readonly #stop = new Promise<void>((resolve) => {
    this.#stopRequested = resolve
  })

  /** @param onLost called when it came back in a way that the running store cannot use */
  constructor(options: {
    data: string
    mtls: boolean
    log: Logger
    progress: (doing: string) => void
    onLost: (failure: Error) => void
  }) {
    this.#directory = join(options.data, 'postgres')
    this.#mtls = options.mtls
    this.#log = options.log
    this.#progress = options.progress
    this.#onLost = options.onLost
  }

  /** As gateway_writer; migrations as gateway_admin, and reading alone as gateway_reader. */
  get access(): DatabaseAccess {
    assert(this.#server !== undefined, 'the embedded database is not running yet')
    const { url, adminUrl, readerUrl, certs } = this.#server
    // With certificates, the other roles are told from the writer by theirs.
    return certs === undefined ? { url, adminUrl, readerUrl } : { url, certs }
  }

  /** False while it is down and being started again. */
  get isUp(): boolean {
    return this.#isUp
  }

  async run(): Promise<void> {
    this.#server = await this.#launch()
    this.#isUp = true
    this.#supervising = this.#supervise(this.#server)
    if (this.#mtls) this.#renewing = systemTimers.after(RENEW_EVERY_MS, this.#renew)
  }

  async stop(): Promise<void> {
    this.#beginStop()
    await this.#server?.stop('fast')
    await this.#supervising
    // A restart may have been under way.
    await this.#server?.stop('fast')
  }

  async kill(): Promise<void> {
    this.#beginStop()
    await this.#server?.stop('immediate')
  }

  #beginStop(): void {
    this.#isStopping = true
    this.#renewing?.cancel()
    this.#stopRequested()
  }

  #launch(): Promise<EmbeddedPostgres> {
    return startEmbedded({
      dataDir: this.#directory,
      mtls: this.#mtls,
      log: (line) => this.#log.debug(line),
      progress: (stage) => {
        const text = STAGES[stage]
        if (text !== undefined) this.#progress(text)
      },
    })
  }

  readonly #renew = (): void => {
    this.#renewing = systemTimers.after(RENEW_EVERY_MS, this.#renew)
    this.#server?.renewCertificates().catch((error: unknown) => {
      this.#log.error(
        { why: messageOf(error) },
        'the certificates of the database could not be replaced; trying again later',
      )
    })
  }

  async #supervise(first: EmbeddedPostgres): Promise<void> {
    let server = first
    for (;;) {
      const current = server
      const why = await Promise.race([new Promise<string>((resolve) => current.onExit(resolve)), this.#stop])
      if (this.#isStopping) return
      this.#isUp = false
      // The first line says how it ended; the rest is the end of its own log.
      this.#log.error({ why: why?.split('\n', 1)[0] }, 'PostgreSQL has ended; starting it again')
      this.#log.debug({ why })
      // Gives up the claim on the directory, which the next start takes anew.
      await server.stop().catch(() => {})
      const next = await this.#relaunch()
      if (next === undefined) return
      if (next.url !== server.url) {
        this.#onLost(new Error('PostgreSQL came back on another port: another program has taken its own'))
        return
      }
      server = next
      this.#isUp = true
      this.#log.info('PostgreSQL runs again')
    }
  }

  /** Undefined when the server is to stop. */
  async #relaunch(): Promise<EmbeddedPostgres | undefined> {
    for (let attempt = 0; !this.#isStopping; attempt++) {
      try {
        this.#server = await this.#launch()
        return this.#server
      } catch (error) {
        this.#log.error({ why: messageOf(error) }, 'PostgreSQL did not start; trying again')
        await sleep(systemTimers, backoffMs(attempt, Math.random, RESTART_BACKOFF_MS.base, RESTART_BACKOFF_MS.cap))
      }
    }
    return undefined
  }
}
