import type { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { Client } from 'pg'
import { type ConnectionFacts, factsOf, watchParameters } from './connection-facts.js'
import { parseDatabaseUrl } from './database-url.js'
import { type ConnectionSettings, clientConfig } from './settings.js'
import { tlsOptions } from './tls-options.js'

export interface ClientOptions {
  /** 0: none, for migrations. Default: the settings'. */
  readonly statementTimeoutMs?: number
  /** Called when the connection stands. */
  readonly onConnected?: (facts: ConnectionFacts) => void
}

/**
 * The driver's client with our settings. Certificates are read when it is made, which the pool does when it
 * connects; one that cannot be read fails `connect`, never the constructor, because the pool also makes
 * clients where nobody could catch that.
 */
export class DatabaseClient extends Client {
  readonly #unusable: Error | undefined

  constructor(settings: ConnectionSettings, options: ClientOptions = {}) {
    const url = parseDatabaseUrl(settings.url)
    let ssl: ConnectionOptions | false = false
    let unusable: Error | undefined
    try {
      ssl = tlsOptions(url, settings)
    } catch (error) {
      unusable = error as Error
    }
    super(clientConfig(url, settings, ssl, options.statementTimeoutMs))
    this.#unusable = unusable
    const parameters = watchParameters(this)
    this.on('connect', () => options.onConnected?.(factsOf(this, url, parameters)))
  }

  /**
   * Lets go of a connection that could not be opened. To `end` it could wait for ever: a server that refuses our
   * certificate under TLS 1.3 does so after the handshake, and the driver then misses that the socket closes.
   */
  abandon(): void {
    ;(this as unknown as { connection: { stream: Socket } }).connection.stream.destroy()
  }

  override connect(): Promise<Client>
  override connect(callback: ((error: Error) => void) | ((error: null, client: Client) => void)): void
  override connect(
    callback?: ((error: Error) => void) | ((error: null, client: Client) => void),
  ): Promise<Client> | undefined {
    const unusable = this.#unusable
    if (unusable === undefined) return callback === undefined ? super.connect() : (super.connect(callback) as undefined)
    if (callback === undefined) return Promise.reject(unusable)
    process.nextTick(callback as (error: Error) => void, unusable)
    return undefined
  }
}
