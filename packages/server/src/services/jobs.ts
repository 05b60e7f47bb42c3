import { systemClock, systemTimers } from '@terrane/core'
import { type JobLimits, TRUST_EVERYBODY, type TrustPolicy } from '@terrane/jobs'
import { type JobsDatabase, openJobsDatabase } from '@terrane/store-postgres'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '../http/api-error.js'
import type { Caller } from '../http/routes/rows.js'
import { JobFeeds, NodeRoster } from '../jobs/feeds.js'
import type { GameDataSource } from '../jobs/game-data-source.js'
import { KnownNodes } from '../jobs/known-nodes.js'
import { fleetRoutes } from '../jobs/routes/fleet-routes.js'
import { jobRoutes } from '../jobs/routes/job-routes.js'
import { nodeRoutes } from '../jobs/routes/node-routes.js'
import { ownerRoutes } from '../jobs/routes/owner-routes.js'
import { Sentinel, type Volatility } from '../jobs/sentinel.js'
import { Standing } from '../jobs/standing.js'
import { isKnownDead } from '../process/identity.js'
import type { Logger } from '../process/log.js'
import type { Service } from '../process/service.js'
import type { DatabaseAccess } from './store.js'

export interface JobsServiceOptions {
  readonly access: () => DatabaseAccess
  /** What jobs are computed with. */
  readonly gameData: GameDataSource
  readonly volatility: Volatility
  /** Names this process among all that share the database. */
  readonly owner: string
  /** Whoever has the data directory is the only one who can have jobs there. */
  readonly isDatabaseOurs: boolean
  /** Nodes of different users that must agree on a result; 1: everybody is believed. */
  readonly agreement: number
  readonly limits?: Partial<JobLimits>
  readonly leaseMs?: number
  /** Lists somebody without a session as present on a topic; undefined while the gateway does not run. */
  readonly list?: () => ((topic: string, player: string, client: string) => () => void) | undefined
  readonly log: Logger
}

interface Open {
  readonly database: JobsDatabase
  readonly known: KnownNodes
  readonly sentinel: Sentinel
}

/** Simulation jobs: the sentinel of this process, and what users and nodes ask of it. */
export class JobsService implements Service {
  readonly doing = 'opening the simulation jobs'
  readonly failing = 'the simulation jobs cannot be used'
  readonly #options: JobsServiceOptions
  #open: Open | undefined
  #roster: NodeRoster | undefined
  /** For the gateway. */
  readonly feeds: JobFeeds

  constructor(options: JobsServiceOptions) {
    this.#options = options
    this.feeds = new JobFeeds({
      jobs: () => this.#running.database.jobs,
      sentinel: () => this.#running.sentinel,
      timers: systemTimers,
      log: options.log,
    })
  }

  async run(): Promise<void> {
    const { access, gameData, volatility, owner, isDatabaseOurs, agreement, limits, leaseMs, log } = this.#options
    const { url, certs } = access()
    const database = await openJobsDatabase({
      url,
      ...(certs === undefined ? {} : { certs }),
      onPending: () => this.#open?.sentinel.wake(),
    })
    const known = new KnownNodes(database.nodes, systemClock)
    const sentinel = new Sentinel({
      name: owner,
      volatility,
      jobs: database.jobs,
      known,
      standing: new Standing(database.nodes),
      gameData,
      trust: trustOf(agreement),
      ...(limits === undefined ? {} : { limits }),
      ...(leaseMs === undefined ? {} : { leaseMs }),
      isDead: (name) => isDatabaseOurs || isKnownDead(name),
      clock: systemClock,
      timers: systemTimers,
      random: Math.random,
      log,
      onProgress: (jobId) => this.feeds.changed(jobId),
      onPresence: () => this.#updateRoster(known),
    })
    this.#open = { database, known, sentinel }
    sentinel.start()
  }

  #updateRoster(known: KnownNodes): void {
    const list = this.#options.list?.()
    if (list === undefined) return
    this.#roster ??= new NodeRoster(list)
    this.#roster.set(known.present.map(({ publicKey }) => publicKey))
  }

  async drain(): Promise<void> {
    this.feeds.stop()
    await this.#open?.sentinel.stop()
  }

  async stop(): Promise<void> {
    this.#open?.sentinel.kill()
    await this.#open?.database.close()
  }

  kill(): void {
    this.#open?.sentinel.kill()
  }

  addRoutes(app: FastifyInstance, callerOf: (request: FastifyRequest) => Promise<Caller>): void {
    const { gameData } = this.#options
    const sentinel = () => this.#running.sentinel
    const nodes = () => this.#running.database.nodes
    const known = () => this.#running.known
    jobRoutes(app, { jobs: () => this.#running.database.jobs, sentinel, gameData, callerOf })
    // Before those of owners, whose paths have a key where these have "me".
    nodeRoutes(app, { nodes, known, sentinel, gameData })
    fleetRoutes(app, { nodes, sentinel, callerOf, changed: (key) => sentinel().nodeChanged(key) })
    ownerRoutes(app, { nodes, callerOf, changed: (key) => sentinel().nodeChanged(key) })
  }

  get #running(): Open {
    if (this.#open !== undefined) return this.#open
    throw new ApiError(503, 'starting', 'the server is still starting', 'ask again in a moment; /readyz says when')
  }
}

/** So many results without agreement on a chunk, and it has failed once. */
const RESULTS_BEYOND_AGREEMENT = 3
/** A node is new until so many of its chunks were confirmed; of the others' chunks this share is verified. */
const CONFIRMATIONS = 10
const SAMPLE = 0.05

function trustOf(agreement: number): TrustPolicy {
  if (agreement === 1) return TRUST_EVERYBODY
  const resultsMax = agreement + RESULTS_BEYOND_AGREEMENT
  return { agreement, resultsMax, confirmations: CONFIRMATIONS, sample: SAMPLE }
}
