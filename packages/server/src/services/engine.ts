import { randomBytes } from 'node:crypto'
import { assert, sleep, systemClock, systemTimers, TerraneError } from '@terrane/core'
import { type AnyWorld, Engine, type OpEndpoint, type OpExchange, type SharedZones, type Store } from '@terrane/engine'
import { CommandFailure } from '../process/failure.js'
import { isKnownDead, ownName } from '../process/identity.js'
import type { Logger } from '../process/log.js'
import type { Service } from '../process/service.js'
import { EventLog } from './event-log.js'

/** A lease ends after 10 s. One that is held longer, or that is renewed meanwhile, has a living owner. */
const LEASE_WAIT_MS_MAX = 15_000
const LEASE_POLL_MS = 250

/** While it drains: without any progress for this long, the database will not take what is left. */
const STAGNANT_MS_MAX = 15_000
const STAGNATION_POLL_MS = 250

/** The zones of the world, loaded and ticking. */
export class EngineService implements Service {
  readonly doing = 'loading the world'
  readonly failing = 'the world could not be loaded'
  readonly #options: EngineServiceOptions
  readonly #owner: string
  readonly #events: EventLog
  #engine: Engine | undefined
  #isStopping = false

  constructor(options: EngineServiceOptions) {
    this.#options = options
    this.#owner = options.owner ?? ownName()
    this.#events = new EventLog(options.log)
  }

  get engine(): Engine {
    assert(this.#engine !== undefined, 'the engine does not run yet')
    return this.#engine
  }

  /** Undefined until the world is loaded. */
  get running(): Engine | undefined {
    return this.#engine
  }

  async run(): Promise<void> {
    const startedMs = performance.now()
    let firstLease: number | undefined
    for (;;) {
      // A new one for every attempt: an engine starts once.
      const engine = this.#create(this.#options.store())
      try {
        await engine.start()
        this.#engine = engine
        return
      } catch (error) {
        engine.stop()
        if (!(error instanceof TerraneError) || error.code !== 'zone_held' || this.#isStopping) throw error
        const leaseUntil = await lastLease(this.#options.store(), this.#owner)
        firstLease ??= leaseUntil
        const isRenewed = leaseUntil > firstLease
        if (isRenewed || performance.now() - startedMs > LEASE_WAIT_MS_MAX) throw heldFailure(error)
        this.#options.progress('waiting for the lease of an earlier server to run out (up to 10 s)')
        await sleep(systemTimers, LEASE_POLL_MS)
      }
    }
  }

  async drain(): Promise<void> {
    const engine = this.#engine
    if (engine === undefined) return
    let isDrained = false
    const drained = engine.drain().then(() => {
      isDrained = true
    })
    // With the database gone this would wait for ever.
    await Promise.race([drained, stagnation(engine, () => isDrained)])
    if (!isDrained) throw drainFailure(engine)
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    this.#engine?.stop()
  }

  kill(): void {
    this.#engine?.stop()
  }

  #create(store: Store): Engine {
    const { world, isDatabaseOurs, shared, follows, exchange, leaseMs } = this.#options
    return new Engine({
      world,
      store,
      clock: systemClock,
      timers: systemTimers,
      stopwatch: () => performance.now(),
      // The simulator's runs are repeatable; a world that is played must not be predictable.
      seed: randomBytes(16).toString('hex'),
      owner: this.#owner,
      isOwnerDead: (owner) => owner !== this.#owner && ((isDatabaseOurs && shared === undefined) || isKnownDead(owner)),
      report: (event) => this.#events.report(event),
      ...(shared === undefined ? {} : { shared, follows }),
      ...(exchange === undefined ? {} : { exchange }),
      limits: { leaseMs },
    })
  }
}

export interface EngineServiceOptions {
  readonly world: AnyWorld
  readonly store: () => Store
  /** True for the embedded database: who holds the data directory is the only one who can have zones there. */
  readonly isDatabaseOurs: boolean
  /** Names this process in its leases; default: by its host and process id. */
  readonly owner?: string
  /** Other processes have zones of this world, too. */
  readonly shared?: SharedZones | undefined
  /** Whether to keep warm copies of those. */
  readonly follows: boolean
  /** Carries ops to them. */
  readonly exchange?: ((endpoint: OpEndpoint) => OpExchange) | undefined
  /** How long a process that has gone silent keeps its zones. */
  readonly leaseMs: number
  readonly log: Logger
  readonly progress: (doing: string) => void
}

/** When the last lease of others ends, by the database's clock. */
async function lastLease(store: Store, owner: string): Promise<number> {
  const others = (await store.zones.list()).filter((zone) => zone.owner !== undefined && zone.owner !== owner)
  return Math.max(0, ...others.map((zone) => zone.leaseUntil))
}

function heldFailure(error: TerraneError): CommandFailure {
  return new CommandFailure('zone_held', {
    what: 'the world is already being served from this database',
    why: error.message,
    next: 'stop that server, or give this one another database: DATABASE_URL=postgres://…',
    cause: error,
  })
}

/** Resolves when no zone has come closer to its end for too long. */
async function stagnation(engine: Engine, isDone: () => boolean): Promise<void> {
  let last = ''
  let sinceMs = performance.now()
  while (!isDone() && performance.now() - sinceMs < STAGNANT_MS_MAX) {
    const zones = engine.statuses()
    const positions = zones.map(({ id, seq, checkpoint, tailBytes }) => `${id} ${seq} ${checkpoint} ${tailBytes}`)
    // A long checkpoint moves its position only when the oldest change is in the tables: its rows show that it goes on.
    const present = [engine.stats().checkpointRows, ...positions].join()
    if (present !== last) sinceMs = performance.now()
    last = present
    await sleep(systemTimers, STAGNATION_POLL_MS)
  }
}

function drainFailure(engine: Engine): CommandFailure {
  const zones = engine.statuses().map(({ id }) => id)
  return new CommandFailure('drain_incomplete', {
    what: 'not everything could be made durable',
    why: `the database has taken nothing of zone ${zones.join(', ')} for ${STAGNANT_MS_MAX / 1_000} s`,
    next: 'nothing that was acknowledged as durable is lost; mend the database and start again',
  })
}
