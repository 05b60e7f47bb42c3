import { assert, messageOf, sleep, systemTimers, TerraneError } from '@terrane/core'
import { type AnyWorld, TransientStoreError } from '@terrane/engine'
import { type OpenedStore, openPostgresStore, type PostgresStore } from '@terrane/store-postgres'
import { CommandFailure } from '../process/failure.js'
import type { Logger } from '../process/log.js'
import type { Service } from '../process/service.js'

/** How often the database is asked whether it is there. */
const PING_EVERY_MS = 2_000

/** The connection to the database, its tables brought up to date, and whether it answers. */
export class StoreService implements Service {
  readonly doing = 'opening the database'
  readonly failing = 'the database cannot be used'
  readonly #urlOf: () => string
  readonly #isOurs: boolean
  readonly #world: AnyWorld
  readonly #log: Logger
  #opened: OpenedStore | undefined
  #problem: string | undefined
  #isStopping = false

  /** @param isOurs whether it is the embedded database: then DATABASE_URL is not what is wrong */
  constructor(options: { url: () => string; isOurs: boolean; world: AnyWorld; log: Logger }) {
    this.#urlOf = options.url
    this.#isOurs = options.isOurs
    this.#world = options.world
    this.#log = options.log
  }

  get store(): PostgresStore {
    assert(this.#opened !== undefined, 'the store is not open yet')
    return this.#opened.store
  }

  /** Why the database cannot be used at the moment; undefined when it can. */
  get problem(): string | undefined {
    return this.#problem
  }

  async run(): Promise<void> {
    const url = this.#urlOf()
    try {
      this.#opened = await openPostgresStore({ url, log: (line) => this.#log.debug(line) })
      await this.#opened.migrate(this.#world)
    } catch (error) {
      throw this.#isOurs ? failureForOurs(error) : failureFor(url, error)
    }
    void this.#watch(this.#opened)
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await this.#opened?.close()
  }

  async #watch(opened: OpenedStore): Promise<void> {
    for (;;) {
      await sleep(systemTimers, PING_EVERY_MS)
      if (this.#isStopping) return
      const problem = await opened.ping().then(
        () => undefined,
        (error: unknown) => reasonOf(error),
      )
      if (this.#isStopping) return
      if (problem !== undefined && this.#problem === undefined) {
        this.#log.error({ why: problem }, 'the database does not answer; inputs wait or are refused until it does')
      }
      if (problem === undefined && this.#problem !== undefined) this.#log.info('the database answers again')
      this.#problem = problem
    }
  }
}

/** With the embedded database a person knows directories, not databases. */
function failureForOurs(error: unknown): unknown {
  if (!(error instanceof TerraneError) || error.code !== 'other_world') return error
  return new CommandFailure(error.code, {
    what: 'this data belongs to another world',
    why: error.message,
    next: 'start the world that it belongs to, or give this one data of its own: --data <directory>',
    cause: error,
  })
}

function failureFor(url: string, error: unknown): unknown {
  const what = `the database at ${placeOf(url)} cannot be used`
  if (error instanceof CommandFailure) return error
  if (error instanceof TransientStoreError) {
    return new CommandFailure('database_unreachable', {
      what,
      why: reasonOf(error),
      next: 'start it, or correct DATABASE_URL; without DATABASE_URL an embedded PostgreSQL is used',
      cause: error,
    })
  }
  if (error instanceof TerraneError) {
    return new CommandFailure(error.code, {
      what,
      why: error.message,
      next: error.hint ?? 'correct DATABASE_URL; without it an embedded PostgreSQL is used',
      cause: error,
    })
  }
  return error
}

/** Host, port and database, never user and password. */
function placeOf(url: string): string {
  const { host, pathname } = new URL(url)
  return `${host}${pathname}`
}

/** The driver's own words; for a name with several addresses they are one level further down. */
function reasonOf(error: unknown): string {
  const reasons = new Set<string>()
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    const all = each instanceof AggregateError ? each.errors : [each]
    for (const one of all) reasons.add(messageOf(one))
  }
  // The outermost message usually quotes the others.
  return [...reasons].filter((text) => ![...reasons].some((other) => other !== text && other.includes(text))).join(': ')
}
