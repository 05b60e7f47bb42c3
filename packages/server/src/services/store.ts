import { assert, messageOf, sleep, systemTimers, TerraneError } from '@terrane/core'
import { type AnyWorld, TransientStoreError } from '@terrane/engine'
import {
  connectHintOf,
  type OpenedStore,
  openPostgresStore,
  type PostgresStore,
  parseDatabaseUrl,
} from '@terrane/store-postgres'
import { CommandFailure } from '../process/failure.js'
import type { Logger } from '../process/log.js'
import type { Service } from '../process/service.js'

/** How often the database is asked whether it is there. */
const PING_EVERY_MS = 2_000

/** How to reach the database, and as whom. */
export interface DatabaseAccess {
  readonly url: string
  /** As whom migrations run; undefined: as the URL's user, or as gateway_admin when there are certificates. */
  readonly adminUrl?: string | undefined
  /** Who may only read; undefined when we do not know how to be that role. */
  readonly readerUrl?: string | undefined
  /** Directory of certificates. */
  readonly certs?: string | undefined
}

/** The connection to the database, its tables brought up to date, and whether it answers. */
export class StoreService implements Service {
  readonly doing = 'opening the database'
  readonly failing = 'the database cannot be used'
  readonly #access: () => DatabaseAccess
  readonly #isOurs: boolean
  readonly #world: AnyWorld
  readonly #log: Logger
  #opened: OpenedStore | undefined
  #problem: string | undefined
  #isStopping = false

  /** @param isOurs whether it is the embedded database: then DATABASE_URL is not what is wrong */
  constructor(options: { access: () => DatabaseAccess; isOurs: boolean; world: AnyWorld; log: Logger }) {
    this.#access = options.access
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
    const access = this.#access()
    try {
      const { url, adminUrl, certs } = access
      this.#opened = await openPostgresStore({
        url,
        ...(adminUrl === undefined ? {} : { migrationUrl: adminUrl }),
        ...(certs === undefined ? {} : { certs }),
        log: (line) => this.#log.debug(line),
      })
      // Before, so that a role that may do too much does nothing; after, because there may be new tables.
      await this.#opened.checkRole()
      await this.#opened.migrate(this.#world)
      await this.#opened.checkRole()
    } catch (error) {
      throw this.#isOurs ? failureForOurs(error) : failureFor(access.url, error)
    }
    this.#tellConnection(this.#opened.store)
    void this.#watch(this.#opened)
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await this.#opened?.close()
  }

  #tellConnection(store: PostgresStore): void {
    const info = store.connectionInfo()
    if (info === undefined || this.#isOurs) return
    const { user, host, port, database, serverVersion, tls } = info
    this.#log.debug({ user, host, port, database, serverVersion, tls: tls?.protocol }, 'connected to the database')
    if (tls === undefined && !isLocal(host)) {
      this.#log.warn({ host }, 'the connection to the database is not encrypted: say sslmode=verify-full, or --certs')
    }
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
  if (error instanceof CommandFailure) return error
  if (error instanceof TerraneError && error.code === 'invalid_database_url') {
    return new CommandFailure(error.code, {
      what: 'DATABASE_URL cannot be used',
      why: error.message,
      next: error.hint ?? '',
      cause: error,
    })
  }
  const what = `the database at ${placeOf(url)} cannot be used`
  if (error instanceof TransientStoreError) {
    return new CommandFailure('database_unreachable', {
      what,
      why: reasonOf(error),
      next:
        connectHintOf(error) ??
        'start it, or correct DATABASE_URL; without DATABASE_URL an embedded PostgreSQL is used',
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

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.') || host.startsWith('/')
}

/** Host, port and database, never user and password. */
function placeOf(url: string): string {
  const { host, port, database } = parseDatabaseUrl(url)
  return `${host.includes(':') ? `[${host}]` : host}:${port}/${database}`
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
