import { readFileSync } from 'node:fs'
import { connect, type NatsConnection, NoRespondersError, TimeoutError } from '@nats-io/transport-node'
import { assert, messageOf, TerraneError } from '@terrane/core'
import { type Bus, type BusHandler, type BusResponder, type BusSubscription, zeroBusStatistics } from './bus.js'
import { busDown, noResponder, requestTimeout } from './in-process-bus.js'

export interface NatsBusOptions {
  /**
   * `nats://[user:password@]host:port`, one or more of a cluster; the others are learnt from it. `tls://` instead of
   * `nats://`: TLS or nothing. One user and password for all.
   */
  readonly servers: readonly string[]
  /** Shown by the NATS servers for this connection. */
  readonly name: string
  /** Files in PEM form. With `ca` alone only the server is verified; `cert` and `key` go together. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  /** Bytes that may be under way to the server before more is dropped; default 16 MiB. */
  readonly unsentBytesMax?: number
  /** How long the first connection may take, ms; default 5,000. */
  readonly connectMsMax?: number
  /** Told when the connection is lost and found. */
  readonly onConnection?: (isConnected: boolean) => void
}

const UNSENT_BYTES_MAX = 16 * 1024 * 1024
const CONNECT_MS_MAX = 5_000
/** Waits between attempts to connect again, each with up to as much again at random. */
const RECONNECT_MS = 250
/** A server that answers no ping twice in a row is gone. */
const PING_EVERY_MS = 2_000
const PINGS_UNANSWERED_MAX = 2

/** Connects. Rejects `bus_unreachable` when none of the servers takes the connection in time. */
export async function connectNats(options: NatsBusOptions): Promise<Bus> {
  const { servers } = options
  try {
    const connection = await connect({
      ...accessOf(servers),
      name: options.name,
      timeout: options.connectMsMax ?? CONNECT_MS_MAX,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_MS,
      reconnectJitter: RECONNECT_MS,
      reconnectJitterTLS: RECONNECT_MS,
      pingInterval: PING_EVERY_MS,
      maxPingOut: PINGS_UNANSWERED_MAX,
      ignoreAuthErrorAbort: true,
      ...(options.tls === undefined ? {} : { tls: readTls(options.tls) }),
    })
    return new NatsBus(connection, options)
  } catch (cause) {
    throw new TerraneError(
      'bus_unreachable',
      `no NATS server at ${servers.map(withoutSecret).join(', ')}: ${messageOf(cause)}`,
      {
        retry: 'later',
        hint: 'Start nats-server there, or correct the address, the user or the certificates.',
        cause,
      },
    )
  }
}

class NatsBus implements Bus {
  readonly statistics = zeroBusStatistics()
  readonly #connection: NatsConnection
  readonly #unsentBytesMax: number
  readonly #onConnection: (isConnected: boolean) => void
  #isConnected = true
  #isClosed = false
  /** Bytes published since the last answered flush, and those of them that were there when it was asked for. */
  #unsent = 0
  #isFlushing = false

  constructor(connection: NatsConnection, { unsentBytesMax = UNSENT_BYTES_MAX, onConnection }: NatsBusOptions) {
    assert(unsentBytesMax > 0, 'a bus that may hold nothing sends nothing')
    this.#connection = connection
    this.#unsentBytesMax = unsentBytesMax
    this.#onConnection = onConnection ?? (() => {})
    void this.#watch()
  }

  get isConnected(): boolean {
    return this.#isConnected && !this.#isClosed
  }

  publish(subject: string, payload: Uint8Array): boolean {
    // The client would keep without bound what is published while it has no connection.
    if (!this.isConnected || this.#unsent + payload.length > this.#unsentBytesMax) return this.#drop()
    try {
      // Copied at once by the client into its own buffer.
      this.#connection.publish(subject, payload)
    } catch {
      // Too large for the server, or the connection has just been closed.
      return this.#drop()
    }
    this.statistics.published++
    this.#unsent += payload.length
    this.#flush()
    return true
  }

  subscribe(subject: string, handler: BusHandler): BusSubscription {
    const subscription = this.#connection.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null || this.#isClosed) return
        this.statistics.received++
        handler(message.data)
      },
    })
    return { cancel: () => subscription.unsubscribe() }
  }

  respond(subject: string, responder: BusResponder): BusSubscription {
    const subscription = this.#connection.subscribe(subject, {
      queue: 'responders',
      callback: (error, message) => {
        if (error !== null || this.#isClosed) return
        this.statistics.received++
        Promise.resolve()
          .then(() => responder(message.data))
          .then((answer) => {
            if (answer !== undefined && this.isConnected) message.respond(answer)
          })
          // The one who asks hears nothing, as if this process had ended.
          .catch(() => {})
      },
    })
    return { cancel: () => subscription.unsubscribe() }
  }

  async request(subject: string, payload: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    if (!this.isConnected) throw busDown()
    this.statistics.published++
    try {
      return (await this.#connection.request(subject, payload, { timeout: timeoutMs })).data
    } catch (cause) {
      const reason = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause
      if (reason instanceof NoRespondersError) throw noResponder(subject, cause)
      if (reason instanceof TimeoutError) throw requestTimeout(subject, timeoutMs, cause)
      throw busDown(cause)
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#connection.close()
  }

  #drop(): false {
    this.statistics.dropped++
    return false
  }

  /** One at a time: the answer says that all before it has reached the server. */
  #flush(): void {
    if (this.#isFlushing) return
    this.#isFlushing = true
    const asked = this.#unsent
    this.#connection
      .flush()
      .catch(() => {})
      .finally(() => {
        this.#isFlushing = false
        this.#unsent = Math.max(0, this.#unsent - asked)
        if (this.#unsent > 0 && this.isConnected) this.#flush()
      })
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.#connection.status()) {
      if (type === 'disconnect') this.#changed(false)
      else if (type === 'reconnect') {
        this.statistics.reconnects++
        this.#unsent = 0
        this.#changed(true)
      }
    }
  }

  #changed(isConnected: boolean): void {
    if (this.#isConnected === isConnected) return
    this.#isConnected = isConnected
    if (!this.#isClosed) this.#onConnection(isConnected)
  }
}

/** The driver takes user, password and TLS beside the addresses. */
function accessOf(servers: readonly string[]) {
  const urls = servers.map((server) => new URL(server))
  const named = urls.find(({ username }) => username !== '')
  return {
    servers: urls.map(({ host }) => host),
    ...(named && { user: decodeURIComponent(named.username), pass: decodeURIComponent(named.password) }),
    ...(urls.some(({ protocol }) => protocol === 'tls:') && { tls: {} }),
  }
}

function readTls(files: NonNullable<NatsBusOptions['tls']>): Record<string, string> {
  const read = (file: string) => {
    try {
      return readFileSync(file, 'utf8')
    } catch (cause) {
      throw new TerraneError('bus_certificates', `cannot read ${file}: ${messageOf(cause)}`, { cause })
    }
  }
  return Object.fromEntries(Object.entries(files).map(([name, file]) => [name, read(file)]))
}

function withoutSecret(server: string): string {
  return server.replace(/\/\/[^@/]*@/, '//')
}
