import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Clock, sleep, type Timer, type Timers } from '@terrane/core'
import { type WireError, wireError } from '@terrane/protocol'
import { Admissions } from './admissions.js'
import { type Authenticator, type Identity, tokenOf } from './authenticate.js'
import { Counters, type GatewayStats } from './counters.js'
import { DirectWrites } from './direct-writes.js'
import type { Feeds } from './feed-channel.js'
import { type GatewayLimits, resolveLimits } from './limits.js'
import { PayloadReader } from './payload-reader.js'
import { PresenceTopics } from './presence.js'
import type { RelayLink } from './relay/relay-link.js'
import { Relays } from './relay/relays.js'
import { Session, type SessionServices } from './session.js'
import { StatsTopic } from './stats-topic.js'
import { Turn } from './turn.js'
import { Upgrades } from './upgrades.js'
import { ZoneCasts } from './zone-cast.js'
import { type FindZone, type GatewayWorld, worldTables, type ZoneServices } from './zone-services.js'

/** Where Phoenix clients connect when their end point is `/socket`. */
export const SOCKET_PATH = '/socket/websocket'

export interface GatewayOptions {
  readonly zones: FindZone
  readonly world: GatewayWorld
  readonly auth: Authenticator
  readonly limits?: Partial<GatewayLimits>
  readonly clock: Clock
  readonly timers: Timers
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** What the topic `stats` pushes once a second; without it there is no such topic. */
  readonly statsFeed?: () => unknown
  /** Everybody may join `stats`, not operators only. */
  readonly observers?: boolean
  /** The way to other processes, when zones may be there: their clients come here, and ours go there. */
  readonly relay?: RelayLink | undefined
  /** What is told beside zones and statistics; without it there are no such topics. */
  readonly feeds?: Feeds | undefined
  /** Hears of failures that are bugs, in a zone or here. The session concerned has been ended. */
  readonly onBug?: (error: unknown) => void
}

export interface Gateway {
  /** Takes an http server's `upgrade` event. False when the path is not ours: the socket is untouched. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  stats(): GatewayStats
  /** Lists somebody without a session as present on a topic, until the function that it returns is called. */
  list(topic: string, player: string, client: string): () => void
  /**
   * Takes no more connections and inputs, lets the inputs that were taken become durable, tells the clients and
   * closes. Resolves when all sockets are gone, after `limits.drainMs` at the latest. Zones must keep
   * running until then.
   */
  drain(): Promise<void>
  /** Destroys what is left, and stops all timers. */
  stop(): void
}

const SETTLE_POLL_MS = 10

/** How many sessions are ended in one turn, so that a drain of thousands does not delay acks. */
const DRAIN_BATCH = 250

export function createGateway(options: GatewayOptions): Gateway {
  return new GatewayService(options)
}

/** `running`, then `draining`, then `stopped`; never back. */
class GatewayService implements Gateway {
  readonly #admissions: Admissions
  readonly #limits: GatewayLimits
  readonly #timers: Timers
  readonly #clock: Clock
  readonly #counters: Counters
  readonly #presence: PresenceTopics
  readonly #stats: StatsTopic | undefined
  readonly #services: SessionServices
  readonly #relays: Relays | undefined
  readonly #upgrades: Upgrades
  readonly #sessions = new Set<Session>()
  readonly #sessionsOf = new Map<string, number>()
  #state: 'running' | 'draining' | 'stopped' = 'running'
  #sweep: Timer
  #emptied: (() => void) | undefined

  constructor(options: GatewayOptions) {
    const { clock, timers, random } = options
    const onBug = options.onBug ?? (() => {})
    const limits = resolveLimits(options.limits)
    this.#admissions = new Admissions(options.auth, limits.handshakesAtOnce, onBug)
    this.#limits = limits
    this.#timers = timers
    this.#clock = clock
    this.#counters = new Counters(limits.codesMax)
    this.#presence = new PresenceTopics(clock, timers, random, limits)
    this.#stats = options.statsFeed === undefined ? undefined : new StatsTopic(options.statsFeed, timers, onBug)
    this.#upgrades = new Upgrades(limits)
    const directWrites = new DirectWrites()
    const services: ZoneServices = {
      zones: options.zones,
      world: worldTables(options.world),
      limits,
      clock,
      turn: new Turn(clock, timers, this.#counters.appliedMs, onBug),
      counters: this.#counters,
      presence: this.#presence,
      directWrites,
      casts: new ZoneCasts(directWrites, this.#counters),
      reader: new PayloadReader(),
      onBug,
    }
    this.#relays = options.relay === undefined ? undefined : new Relays(options.relay, services, timers)
    this.#services = {
      ...services,
      stats: this.#stats,
      observers: options.observers ?? false,
      relays: this.#relays,
      feeds: options.feeds,
    }
    this.#sweep = timers.after(limits.sweepMs, this.#sweepSessions)
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    // Not `new URL`, which throws on what a stranger may well send.
    const [path, query] = splitOnce(request.url ?? '/', '?')
    if (path !== SOCKET_PATH) return false
    const params = new URLSearchParams(query)
    socket.on('error', () => socket.destroy())
    const refusal = this.#refusalOf(params)
    if (refusal !== undefined) {
      this.#refuse(request, socket, head, refusal)
    } else {
      this.#admissions.apply({
        socket,
        token: tokenOf(request.headers['sec-websocket-protocol'], params),
        decide: (outcome) => this.#admit(request, socket, head, outcome),
      })
    }
    return true
  }

  #refusalOf(query: URLSearchParams): WireError | undefined {
    if (this.#state !== 'running') return wireError('draining')
    const version = query.get('vsn')
    if (version !== null && !version.startsWith('2.')) {
      return wireError('malformed', `vsn=${version.slice(0, 10)} is not spoken here, use vsn=2.0.0`)
    }
    if (this.#sessions.size + this.#admissions.count >= this.#limits.sessionsMax) return wireError('full')
    return undefined
  }

  #admit(request: IncomingMessage, socket: Duplex, head: Buffer, outcome: Identity | WireError): void {
    if (this.#state !== 'running') {
      this.#refuse(request, socket, head, wireError('draining'))
      return
    }
    if ('code' in outcome) {
      this.#refuse(request, socket, head, outcome)
      return
    }
    const { player } = outcome
    const count = this.#sessionsOf.get(player) ?? 0
    if (count >= this.#limits.sessionsPerPlayerMax) {
      this.#refuse(request, socket, head, wireError('full', `this player has ${count} sessions already`))
      return
    }
    this.#upgrades.accept(request, socket, head, (ws) => {
      this.#sessionsOf.set(player, count + 1)
      this.#sessions.add(new Session(ws, socket, outcome, this.#services, this.#forget))
    })
  }

  #refuse(request: IncomingMessage, socket: Duplex, head: Buffer, error: WireError): void {
    this.#counters.closes.add(error.code)
    this.#upgrades.refuse(request, socket, head, error)
  }

  readonly #forget = (session: Session): void => {
    this.#sessions.delete(session)
    const count = (this.#sessionsOf.get(session.player) ?? 1) - 1
    if (count === 0) this.#sessionsOf.delete(session.player)
    else this.#sessionsOf.set(session.player, count)
    if (this.#sessions.size === 0) this.#emptied?.()
  }

  readonly #sweepSessions = (): void => {
    this.#sweep = this.#timers.after(this.#limits.sweepMs, this.#sweepSessions)
    const now = this.#clock.now()
    for (const session of this.#sessions) session.sweep(now)
  }

  list(topic: string, player: string, client: string): () => void {
    const member = this.#presence.absentee(topic, player, client)
    this.#presence.enter(member)
    return () => this.#presence.leave(member)
  }

  stats(): GatewayStats {
    const { channels, inputs, framesIn, bytesIn, framesOut, bytesOut, appliedMs, durableMs } = this.#counters
    return {
      connections: this.#sessions.size + this.#admissions.count,
      sessions: this.#sessions.size,
      channels,
      inputs,
      framesIn,
      bytesIn,
      framesOut,
      bytesOut,
      appliedMs,
      durableMs,
      rejects: this.#counters.rejects.toRecord(),
      closes: this.#counters.closes.toRecord(),
    }
  }

  async drain(): Promise<void> {
    if (this.#state === 'running') this.#state = 'draining'
    for (const session of this.#sessions) session.pause()
    const graceEnds = this.#clock.now() + this.#limits.drainGraceMs
    while (!this.#settled() && this.#clock.now() < graceEnds) await sleep(this.#timers, SETTLE_POLL_MS)
    this.#relays?.drain()
    let ended = 0
    for (const session of [...this.#sessions]) {
      session.end(wireError('draining'))
      if (++ended % DRAIN_BATCH === 0) await new Promise<void>((resolve) => this.#timers.soon(resolve))
    }
    await this.#gone()
    this.stop()
  }

  #settled(): boolean {
    for (const session of this.#sessions) if (!session.settled) return false
    return this.#relays?.settled ?? true
  }

  /** Resolves when no session is left, or when that takes too long. */
  #gone(): Promise<void> {
    if (this.#sessions.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const bound = this.#timers.after(this.#limits.drainMs, resolve)
      this.#emptied = () => {
        bound.cancel()
        resolve()
      }
    })
  }

  stop(): void {
    this.#state = 'stopped'
    this.#sweep.cancel()
    this.#stats?.stop()
    this.#relays?.stop()
    for (const session of [...this.#sessions]) session.terminate()
    this.#presence.stop()
    this.#upgrades.close()
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
