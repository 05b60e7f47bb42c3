/**
 * The server: its parts, in the order in which they start, and what they are to each other. They drain
 * and stop in the opposite order, so nothing is missed by what stands on it:
 *
 *   data lock → HTTP → database → store → (bus) → engine → game data → (jobs) → gateway → statistics → bots
 */
import { join } from 'node:path'
import { systemClock, TerraneError } from '@terrane/core'
import type { Engine } from '@terrane/engine'
import { createAuthenticator, type GuestAuthenticator } from '@terrane/gateway'
import type { DatabaseStats } from '@terrane/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Registry } from 'prom-client'
import type { Environment } from '../config/environment.js'
import type { StartOptions } from '../config/options.js'
import { importedGameData } from '../gamedata/imported-game-data.js'
import { gameDataRoutes } from '../gamedata/rest/rest-routes.js'
import { ApiError } from '../http/api-error.js'
import { HttpService } from '../http/http-service.js'
import { commandRoutes } from '../http/routes/commands.js'
import { galaxyRoutes } from '../http/routes/galaxy.js'
import { guestRoutes } from '../http/routes/guest.js'
import { healthRoutes } from '../http/routes/health.js'
import { type Caller, rowRoutes } from '../http/routes/rows.js'
import { statsRoutes } from '../http/routes/stats.js'
import { worldRoutes } from '../http/routes/world.js'
import { zoneMapRoutes } from '../http/routes/zone-map.js'
import { zoneRoutes } from '../http/routes/zones.js'
import { shippedGameData } from '../jobs/game-data-source.js'
import { CommandFailure } from '../process/failure.js'
import { ownName } from '../process/identity.js'
import type { Phase } from '../process/lifecycle.js'
import type { Logger } from '../process/log.js'
import type { Service } from '../process/service.js'
import { Bots } from '../services/bots.js'
import { ClusterService } from '../services/cluster.js'
import { DataDirectory } from '../services/data-directory.js'
import { EmbeddedDatabase } from '../services/database.js'
import { EngineService } from '../services/engine.js'
import { GameDataService } from '../services/game-data.js'
import { GatewayService } from '../services/gateway.js'
import { JobsService } from '../services/jobs.js'
import { Sampling } from '../services/sampling.js'
import { StoreService } from '../services/store.js'
import { databaseStats } from '../stats/database-stats.js'
import { createMetrics } from '../stats/metrics.js'
import type { LoadedWorld } from '../world/load-world.js'
import { ClusterZones } from '../zones/cluster-zones.js'
import { ZoneMapView } from '../zones/zone-map-view.js'
import { LocalZones, type ZoneTaker, type ZoneWork } from '../zones/zone-work.js'
import { notReadyBecause } from './readiness.js'
import { sharedZonesOf } from './shared-zones.js'

export interface ServerContext {
  readonly options: StartOptions
  readonly environment: Environment
  readonly loaded: LoadedWorld
  readonly log: Logger
  readonly phase: () => Phase
  readonly progress: (doing: string) => void
  /** The server cannot go on. */
  readonly onFatal: (error: Error) => void
}

/** Builds the parts; nothing runs yet. */
export class Server {
  readonly services: readonly Service[]
  readonly #context: ServerContext
  readonly #data: DataDirectory
  readonly #http: HttpService
  readonly #embedded: EmbeddedDatabase | undefined
  readonly #store: StoreService
  readonly #cluster: ClusterService | undefined
  readonly #engine: EngineService
  /** Of this process, and of the others when there are some. */
  readonly #zones: ZoneWork & ZoneTaker
  readonly #gameData: GameDataService
  readonly #jobs: JobsService | undefined
  readonly #gateway: GatewayService
  readonly #sampling: Sampling
  readonly #guests: boolean
  readonly #owner: string
  #auth: GuestAuthenticator | undefined
  #metrics: Registry | undefined

  constructor(context: ServerContext) {
    this.#context = context
    const { options, environment, loaded, log, progress } = context
    const { world } = loaded
    const { databaseUrl, databaseAdminUrl, databaseReaderUrl } = environment
    if (options.certs !== undefined && databaseUrl === undefined) throw certsWithoutDatabase(options.certs)
    if (options.mtls && databaseUrl !== undefined) throw mtlsOfAnotherDatabase()
    const shared = sharedZonesOf(options, world)
    this.#guests = options.guests && !environment.production && environment.jwksUrl === undefined
    this.#data = new DataDirectory(options.data)
    this.#http = new HttpService({
      host: options.host,
      port: options.port,
      console: options.console,
      log,
      routes: (app) => this.#addRoutes(app),
      upgrade: (request, socket, head) => this.#gateway.running?.handleUpgrade(request, socket, head),
    })
    this.#embedded =
      databaseUrl === undefined
        ? new EmbeddedDatabase({ data: this.#data.path, mtls: options.mtls, log, progress, onLost: context.onFatal })
        : undefined
    const isDatabaseOurs = this.#embedded !== undefined
    const access = () =>
      this.#embedded?.access ?? {
        url: databaseUrl ?? '',
        adminUrl: databaseAdminUrl,
        readerUrl: databaseReaderUrl,
        certs: options.certs,
      }
    this.#store = new StoreService({ access, isOurs: isDatabaseOurs, world, log })
    const owner = ownName()
    this.#owner = owner
    const store = () => this.#store.store
    const leaseMs = options.leaseSeconds * 1_000
    const local = new LocalZones(() => this.#engine.running, owner)
    this.#cluster =
      options.bus.length === 0
        ? undefined
        : new ClusterService({ world, servers: options.bus, store, owner, leaseMs, zones: local, log })
    const cluster = this.#cluster
    const serving = () => this.#serving()
    this.#zones = cluster === undefined ? local : new ClusterZones({ local, engine: serving, owners: cluster })
    this.#engine = new EngineService({
      world,
      store,
      isDatabaseOurs,
      owner,
      shared,
      follows: options.standby,
      exchange: cluster && ((endpoint) => cluster.exchange(endpoint)),
      leaseMs,
      log,
      progress,
    })
    this.#gameData = new GameDataService({ access, isDatabaseOurs, log })
    this.#jobs =
      options.jobs === 'off'
        ? undefined
        : new JobsService({
            access,
            gameData: importedGameData(() => this.#gameData.reader, shippedGameData()),
            volatility: options.jobs,
            agreement: options.jobAgreement,
            owner,
            isDatabaseOurs,
            list: () => {
              const gateway = this.#gateway.running
              return gateway && ((topic, player, client) => gateway.list(topic, player, client))
            },
            log,
          })
    this.#gateway = new GatewayService({
      world,
      engine: () => this.#engine.engine,
      auth: { verify: (token) => this.#authenticator().verify(token) },
      limits: options.inputsPerSecond === undefined ? {} : { inputsPerSecond: options.inputsPerSecond },
      statsFeed: () => this.#sampling.sampler?.latest,
      observers: !environment.production,
      cluster,
      feeds: this.#jobs?.feeds,
      log,
    })
    this.#sampling = new Sampling(() => ({
      engine: this.#engine.engine,
      gateway: this.#gateway.gateway,
      database: () => this.#databaseStats(),
      cluster,
    }))
    const database = this.#embedded === undefined ? [] : [this.#embedded]
    const bus = cluster === undefined ? [] : [cluster]
    const jobs = this.#jobs === undefined ? [] : [this.#jobs]
    this.services = [
      this.#data,
      this.#http,
      ...database,
      this.#store,
      ...bus,
      this.#engine,
      this.#gameData,
      ...jobs,
      this.#gateway,
      this.#sampling,
      ...this.#bots(),
    ]
  }

  /** Where it serves, once it listens. */
  get url(): string {
    return this.#http.url
  }

  /** Tells a second process on the same data where this one is. */
  announce(): void {
    this.#data.announce(this.url)
  }

  #bots(): Service[] {
    const { options, loaded, log } = this.#context
    if (options.bots === 0 || loaded.botsScript === undefined) return []
    if (!this.#guests) {
      log.info('no bots: they come as guests, and this server takes none')
      return []
    }
    const tokens = join(this.#data.path, `bots-${loaded.world.name}.json`)
    return [new Bots({ script: loaded.botsScript, count: options.bots, tokens, url: () => this.url, log })]
  }

  #authenticator(): GuestAuthenticator {
    const { jwksUrl, jwtSecret } = this.#context.environment
    this.#auth ??= createAuthenticator({
      clock: systemClock,
      guests: this.#guests,
      ...(jwksUrl === undefined ? { secret: jwtSecret ?? this.#data.secret() } : { jwksUrl }),
    })
    return this.#auth
  }

  #addRoutes(app: FastifyInstance): void {
    const { loaded, phase } = this.#context
    const { world } = loaded
    const engine = () => this.#engine.running
    healthRoutes(app, () =>
      notReadyBecause({
        world,
        isShared: this.#cluster !== undefined,
        phase,
        engine,
        databaseProblem: () => this.#databaseProblem(),
      }),
    )
    worldRoutes(app, world, this.#guests)
    galaxyRoutes(app, world)
    zoneRoutes(app, () => this.#serving(), this.#cluster)
    const [zones, callerOf] = [this.#zones, (request: FastifyRequest) => this.#callerOf(request)]
    rowRoutes(app, { world, zones, callerOf })
    commandRoutes(app, { zones, callerOf })
    zoneMapRoutes(app, {
      zones,
      view: new ZoneMapView({ engine: () => this.#serving(), owner: this.#owner, cluster: this.#cluster }),
      callerOf,
    })
    gameDataRoutes(app, () => this.#gameData.reader)
    this.#jobs?.addRoutes(app, callerOf)
    guestRoutes(app, this.#authenticator(), this.#guests)
    statsRoutes(
      app,
      () => this.#sampling.sampler?.latest ?? notServing(),
      () => this.#registry(),
    )
  }

  #serving(): Engine {
    return this.#engine.running ?? notServing()
  }

  #registry(): Registry {
    const { sampler } = this.#sampling
    if (sampler === undefined) return notServing()
    this.#metrics ??= createMetrics({
      engine: this.#engine.engine,
      gateway: this.#gateway.gateway,
      sampler,
      database: () => this.#databaseStats(),
      cluster: this.#cluster,
    })
    return this.#metrics
  }

  #databaseStats(): DatabaseStats {
    const info = this.#store.store.connectionInfo() ?? notServing()
    return databaseStats(info, this.#databaseProblem() === undefined, this.#context.environment.production)
  }

  #databaseProblem(): string | undefined {
    if (this.#embedded?.isUp === false) return 'the embedded PostgreSQL has ended and is being started again'
    const { problem } = this.#store
    return problem === undefined ? undefined : `the database does not answer: ${problem}`
  }

  async #callerOf(request: FastifyRequest): Promise<Caller> {
    const header = request.headers.authorization
    if (header === undefined) return { player: undefined, isOperator: false }
    try {
      const { player, role } = await this.#authenticator().verify(/^Bearer (.+)$/i.exec(header)?.[1])
      return { player, isOperator: role === 'operator' }
    } catch (error) {
      if (!(error instanceof TerraneError)) throw error
      const isOurFault = error.retry === 'later'
      throw new ApiError(
        isOurFault ? 503 : 401,
        error.code,
        error.message,
        'send a valid token, or none for public rows',
      )
    }
  }
}

function certsWithoutDatabase(certs: string): CommandFailure {
  return new CommandFailure('certs_without_database', {
    what: `the certificates in ${certs} are for no database`,
    why: 'DATABASE_URL is not set, and the embedded PostgreSQL makes its own (--mtls)',
    next: 'set DATABASE_URL=postgres://gateway_writer@host:port/database, or leave --certs and DATABASE_CERTS out',
  })
}

function mtlsOfAnotherDatabase(): CommandFailure {
  return new CommandFailure('mtls_of_another_database', {
    what: '--mtls cannot be had from the database of DATABASE_URL',
    why: '--mtls is about the embedded PostgreSQL, and DATABASE_URL names another database',
    next: 'name the certificates for it with --certs, or unset DATABASE_URL',
  })
}

function notServing(): never {
  throw new ApiError(503, 'starting', 'the server is still starting', 'ask again in a moment; /readyz says when')
}
