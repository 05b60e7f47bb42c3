import { assert, type Clock, systemTimers, TerraneError } from '@terrane/core'
import { type AnyWorld, type Engine, fieldsOf, schemasForClients, wireTypeOf } from '@terrane/engine'
import {
  type Authenticator,
  createGateway,
  type Feeds,
  type Gateway,
  type GatewayLimits,
  type RelayLink,
} from '@terrane/gateway'
import type { Logger } from '../process/log.js'
import type { Service } from '../process/service.js'

/**
 * Latencies here are often below a millisecond, which is as fine as Date.now() goes. It does not follow
 * when the system's clock is set; the gateway only measures with it, and tells clients the time roughly.
 */
const FINE_CLOCK: Clock = { now: () => performance.timeOrigin + performance.now() }

export interface GatewayServiceOptions {
  readonly world: AnyWorld
  readonly engine: () => Engine
  readonly auth: Authenticator
  readonly limits: Partial<GatewayLimits>
  readonly statsFeed: () => unknown
  /** Whether everybody may watch the server's figures. */
  readonly observers: boolean
  /** The other processes of this world, when there are some. */
  readonly cluster?: { isElsewhere(zone: string): boolean; link(): RelayLink } | undefined
  /** What is told beside zones and statistics. */
  readonly feeds: Feeds | undefined
  readonly log: Logger
}

/** The players' connections. */
export class GatewayService implements Service {
  readonly doing = 'opening the gateway'
  readonly failing = 'the gateway did not start'
  readonly #options: GatewayServiceOptions
  #gateway: Gateway | undefined

  constructor(options: GatewayServiceOptions) {
    this.#options = options
  }

  get gateway(): Gateway {
    assert(this.#gateway !== undefined, 'the gateway does not run yet')
    return this.#gateway
  }

  /** Undefined until connections can be taken. */
  get running(): Gateway | undefined {
    return this.#gateway
  }

  async run(): Promise<void> {
    const { world, engine, log, auth, limits, statsFeed, observers, cluster, feeds } = this.#options
    const running = engine()
    this.#gateway = createGateway({
      zones: async (id) => {
        // Spares the database a claim for every client.
        if (running.opened(id) === undefined && cluster?.isElsewhere(id) === true) throw heldElsewhere(id)
        return running.visit(id)
      },
      relay: cluster?.link(),
      world: describe(world),
      auth,
      limits,
      clock: FINE_CLOCK,
      timers: systemTimers,
      random: Math.random,
      statsFeed,
      observers,
      feeds,
      onBug: (error) => log.error({ err: error }, 'a session was ended by a failure of the server'),
    })
  }

  async drain(): Promise<void> {
    await this.#gateway?.drain()
  }

  async stop(): Promise<void> {
    this.#gateway?.stop()
  }
}

function heldElsewhere(zone: string): TerraneError {
  return new TerraneError('zone_held', `zone ${zone} is served by another process`, { retry: 'later' })
}

function describe(world: AnyWorld) {
  const inputs = Object.entries(world.inputs ?? {})
  return {
    name: world.name,
    inputs: inputs.map(([name, input]) => ({ name, fields: fieldsOf(input.args) ?? [], perSecond: input.perSecond })),
    kinds: schemasForClients(world).map((schema) => ({
      name: schema.name,
      columns: schema.columns.map((column) => column.name),
      types: schema.columns.map(wireTypeOf),
      key: schema.keyColumn,
    })),
  }
}
