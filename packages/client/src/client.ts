import { TerraneError, type Timer } from '@terrane/core'
import { CELLS_MAX, type Focus, type JoinParams, type JoinReply, PROTOCOL_VERSION } from '@terrane/protocol'
import type { Channel } from './connection/channel.js'
import { Connection } from './connection/connection.js'
import { Credentials } from './connection/credentials.js'
import type { Status } from './connection/phases.js'
import { clientError } from './errors.js'
import { Gate } from './gate.js'
import type { Input } from './inputs/input.js'
import { InputLog } from './inputs/input-log.js'
import { Listeners } from './listeners.js'
import type { Settings } from './options.js'
import { Presence } from './presence/presence.js'
import { Replica } from './replica/replica.js'
import type { Table } from './replica/table.js'
import type { Args, ArgsParameter, InputName, KindName, Result, Row, UntypedWorld, WorldShape } from './world-types.js'

export type Inputs<W extends WorldShape> = {
  readonly [N in InputName<W>]: (...args: ArgsParameter<Args<W, N>>) => Input<Result<W, N>>
}

export type Tables<W extends WorldShape> = { readonly [N in KindName<W>]: Table<Row<W, N>> } & {
  readonly [N in KindName<W> as `replicas.${N}`]: Table<ReplicaRow<W, N>>
}

/** A copy of a row that another zone owns: the columns that its kind replicates, its owner, and whether it is stale. */
export type ReplicaRow<W extends WorldShape, N extends KindName<W>> = Partial<Row<W, N>> & {
  readonly $zone: string
  readonly $stale: boolean
}

/** An input's name and arguments. */
export type InputCall<W extends WorldShape> = {
  [N in InputName<W>]: readonly [name: N, ...args: ArgsParameter<Args<W, N>>]
}[InputName<W>]

export interface ClientEvents {
  /** `reason` says why it is not online. */
  status: [status: Status, reason: TerraneError | undefined]
  /** A frame of state was applied, and the tables' subscribers have been told. */
  state: []
  /** A text event of the channel that the client does not know itself. */
  event: [name: string, payload: unknown]
}

/** Longer than any lease: after this an owner of old has noticed. */
const STALE_OWNER_MS = 30_000

/** Rows of an earlier epoch are removed when no frame comes for this long, ms: nothing may be in sight. */
const STALE_MS = 2_000

/** A player's client of one zone; `connect` gives one when it is online. */
export class Client<W extends WorldShape = UntypedWorld> {
  /** Sends an input by its name: `client.inputs.move({ x, y })`. The same as `send`. */
  readonly inputs = Object.create(null) as Inputs<W>
  readonly tables = Object.create(null) as Tables<W>
  readonly presence: Presence
  readonly #settings: Settings
  readonly #connection: Connection
  readonly #log: InputLog
  readonly #replica: Replica
  readonly #listeners: Listeners<ClientEvents>
  #channel: Channel | undefined
  #online = new Gate()
  #reply: JoinReply | undefined
  /** Since when only owners of old have answered, ms. */
  #staleSince: number | undefined
  /** What the server has taken; the next join carries it. */
  #focus: Focus
  #wantedFocus: Focus
  #clockOffsetMs = 0
  #staleTimer: Timer | undefined

  /** For `connect`. */
  constructor(settings: Settings) {
    const { limits, onError } = settings
    const topic = `zone:${settings.zone}`
    this.#settings = settings
    this.#focus = settings.focus
    this.#wantedFocus = settings.focus
    this.presence = new Presence(onError)
    this.#listeners = new Listeners(limits.listenersMax, onError)
    this.#replica = new Replica({ listenersMax: limits.listenersMax, report: onError })
    this.#log = new InputLog({ topic, acks: settings.acks, unknownOutcome: settings.unknownOutcome, limits })
    this.#connection = new Connection(
      {
        url: settings.socketUrl,
        transport: settings.transport,
        credentials: new Credentials(settings.base, settings.credentials),
        clock: settings.clock,
        timers: settings.timers,
        random: settings.random,
        reconnect: settings.reconnect,
        attemptMs: settings.attemptMs,
        channel: { topic, heartbeatMs: settings.heartbeatMs, requestsMax: limits.requestsMax },
      },
      {
        joinParams: () => this.#joinParams(),
        onJoined: (reply, channel, joinRef) => this.#onJoined(reply, channel, joinRef),
        onStatus: (status, reason) => this.#onStatus(status, reason),
        onRetry: (reason, inMs) => this.#onRetry(reason, inMs),
        onAck: (bytes, at) => this.#log.onAck(bytes, at),
        onState: (payload) => this.#onState(payload),
        onEvent: (event, payload) => this.#onEvent(event, payload),
      },
    )
  }

  /** For `connect`: resolves when the client is online for the first time. */
  async open(): Promise<void> {
    const limit = this.#settings.timers.after(this.#settings.timeoutMs, () => {
      const last = this.#connection.reason
      this.#connection.close(clientError('connect_timeout', last?.message, last))
    })
    this.#connection.start()
    try {
      await this.#online.promise
    } finally {
      limit.cancel()
    }
  }

  get status(): Status {
    return this.#connection.status
  }

  /** The player's id. */
  get player(): string {
    return this.#reply?.player ?? ''
  }

  get zone(): string {
    return this.#settings.zone
  }

  /** What the server said at the last join. */
  get joined(): JoinReply | undefined {
    return this.#reply
  }

  /** The server's time, ms since the Unix epoch, as of the last join and this machine's clock since. */
  now(): number {
    return this.#settings.clock.now() + this.#clockOffsetMs
  }

  /**
   * Sends an input; while the connection is away, as soon as it is back. Throws `too_many_pending`
   * when `room` is 0, `unknown_input`, `invalid_args` for what cannot be packed, `input_too_large`, and
   * `closed` or whatever ended the client. What the schema says about the arguments, the server checks.
   */
  send<N extends InputName<W>>(name: N, ...args: ArgsParameter<Args<W, N>>): Input<Result<W, N>> {
    return this.#log.send(name, args[0]) as Input<Result<W, N>>
  }

  /** Sends inputs in one frame. When one of them throws, those before it are sent. */
  sendMany(calls: readonly InputCall<W>[]): Input[] {
    return this.#log.batch(() => calls.map(([name, args]) => this.#log.send(name, args)))
  }

  /** What `work` sends leaves in one frame. `work` must be synchronous. */
  batch<T>(work: () => T extends PromiseLike<unknown> ? never : T): T {
    const result: T = this.#log.batch(work)
    if (typeof (result as { then?: unknown } | undefined)?.then === 'function') {
      throw new TerraneError('invalid_options', 'the work of a batch must not be asynchronous')
    }
    return result
  }

  /** Inputs that are not durable yet. */
  get pending(): number {
    return this.#log.pending
  }

  /** How many inputs may be sent now. */
  get room(): number {
    return this.#log.room
  }

  /** Resolves when `room` is not 0. All who wait wake together: `while (client.room === 0) await client.ready()`. */
  ready(): Promise<void> {
    return this.#log.ready()
  }

  /** Resolves when no input is pending. */
  drained(): Promise<void> {
    return this.#log.drained()
  }

  /**
   * Changes where to look; resolves when the server has taken this or a later focus, and what comes
   * into sight follows. While the connection is away, this waits for it.
   */
  async focus(focus: Focus): Promise<void> {
    this.#wantedFocus = focus
    for (;;) {
      if (this.#channel === undefined) await this.#online.promise
      if (this.#wantedFocus !== focus) return
      const channel = this.#channel
      try {
        await channel?.push('focus', focus)
        this.#focus = focus
        return
      } catch (thrown) {
        // Lost with its socket: say it again on the next one.
        if (this.#channel === channel) throw thrown
      }
    }
  }

  /** Returns what ends the subscription. */
  on<E extends keyof ClientEvents>(event: E, listener: (...args: ClientEvents[E]) => void): () => void {
    return this.#listeners.add(event, listener)
  }

  /** Leaves. Inputs that are not durable by then fail with the code `closed`; `drained` waits for them. */
  async close(): Promise<void> {
    this.#connection.close(clientError('closed'))
  }

  #joinParams(): JoinParams {
    const { client, acks, presence, watch } = this.#settings
    const resume = this.#replica.resume()
    return {
      client,
      acks,
      presence,
      watch,
      format: 'binary',
      focus: this.#focus,
      ...(resume === undefined ? {} : { resume }),
    }
  }

  /**
   * A server that was paused may answer before it learns that another has the zone by now: what it says is out of
   * date. It will learn it soon; one that insists is of a world that was begun anew.
   */
  #refuseStaleOwner({ epoch }: JoinReply): void {
    const newest = this.#reply?.epoch ?? 0
    const now = this.#settings.clock.now()
    if (epoch < newest && now - (this.#staleSince ?? now) < STALE_OWNER_MS) {
      this.#staleSince ??= now
      throw clientError('stale_owner', `its epoch is ${epoch}, the newest that answered had ${newest}`)
    }
    this.#staleSince = undefined
  }

  #onJoined(reply: JoinReply, channel: Channel, joinRef: string): void {
    if (reply.protocol !== PROTOCOL_VERSION) {
      throw clientError('other_protocol', `the server speaks ${reply.protocol}, this client ${PROTOCOL_VERSION}`)
    }
    if (this.#reply !== undefined && this.#reply.player !== reply.player) {
      throw clientError('other_player', `${reply.player} instead of ${this.#reply.player}`)
    }
    this.#refuseStaleOwner(reply)
    this.#reply = reply
    this.#clockOffsetMs = reply.now - this.#settings.clock.now()
    this.#replica.onJoined(reply)
    this.#awaitFrame()
    for (const [name, table] of this.#replica.tables) (this.tables as Record<string, unknown>)[name] = table
    this.#log.onJoined(reply, joinRef, (frame) => channel.send(frame))
    for (const name of this.#log.names) {
      ;(this.inputs as Record<string, unknown>)[name] = (args?: unknown) => this.#log.send(name, args)
    }
    this.#channel = channel
  }

  #awaitFrame(): void {
    this.#staleTimer?.cancel()
    this.#staleTimer = undefined
    if (!this.#replica.stale) return
    this.#staleTimer = this.#settings.timers.after(STALE_MS, () => this.#replica.dropStale())
  }

  #onStatus(status: Status, reason: TerraneError | undefined): void {
    if (status === 'online') {
      this.#online.resolve()
    } else {
      this.#staleTimer?.cancel()
      if (this.#channel !== undefined) this.#online = new Gate()
      this.#channel = undefined
      this.#log.onLost()
    }
    if (status === 'closed') {
      const error = reason ?? clientError('closed')
      this.#online.reject(error)
      this.#log.close(error)
    }
    this.#listeners.emit('status', status, reason)
  }

  #onRetry(reason: TerraneError, inMs: number): void {
    try {
      this.#settings.onRetry(reason, inMs)
    } catch (thrown) {
      this.#settings.onError(thrown)
    }
  }

  #onState(payload: Uint8Array): void {
    const cells = this.#replica.apply(payload)
    if (this.#staleTimer !== undefined) this.#awaitFrame()
    for (let from = 0; from < cells.length; from += CELLS_MAX) {
      this.#channel?.push('resync', { cells: cells.slice(from, from + CELLS_MAX) }).catch((error: TerraneError) => {
        this.#connection.fail(error)
      })
    }
    this.#listeners.emit('state')
  }

  #onEvent(event: string, payload: unknown): void {
    if (event === 'presence_state') this.presence.onState(payload as Parameters<Presence['onState']>[0])
    else if (event === 'presence_diff') this.presence.onDiff(payload as Parameters<Presence['onDiff']>[0])
    else this.#listeners.emit('event', event, payload)
  }
}
