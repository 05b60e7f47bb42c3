import { type Client, type ConnectOptions, connect, type Status } from '@terrane/client'
import { Store } from '../app/store.js'
import type { WorldDescriptor } from '../world/descriptor.js'
import type { Key, Row } from '../world/row.js'
import { type Failure, failureOf, type SentInput } from './input-feed.js'
import type { LinkStatus, LiveLink } from './live-link.js'

/** Of the kinds whose rows are copies of other zones' rows. */
const COPIES = /^replicas\./

type RowListener = (kind: string, key: Key, row: Row | undefined) => void

export interface ClientLinkOptions {
  readonly address: string
  readonly world: WorldDescriptor
  readonly zone: string
  /** Does not enter the world before the first input. */
  readonly watch: boolean
  /** Tells this page from others of the same player. */
  readonly client: string
  readonly credentials: Pick<ConnectOptions, 'token' | 'guest' | 'remember'>
}

/** Goes on trying for as long as a timer can wait. */
const WITHOUT_END_MS = 2 ** 31 - 1

const STATES: Readonly<Record<Status, LinkStatus['state']>> = {
  connecting: 'connecting',
  online: 'online',
  reconnecting: 'lost',
  closed: 'closed',
}

/** A zone through the client SDK. */
export class ClientLink implements LiveLink {
  readonly status = new Store<LinkStatus>({
    state: 'connecting',
    reason: undefined,
    code: undefined,
    retryAtMs: undefined,
  })
  readonly player = new Store<string | undefined>(undefined)
  readonly plays = new Store(false)
  readonly #options: ClientLinkOptions
  readonly #keys: ReadonlyMap<string, string>
  readonly #listeners = new Set<RowListener>()
  readonly #frameListeners = new Set<() => void>()
  #client: Client | undefined
  #closed = false

  constructor(options: ClientLinkOptions) {
    this.#options = options
    this.#keys = new Map(options.world.kinds.map(({ name, key }) => [name, key]))
    void this.#open()
  }

  row(kind: string, key: Key): Row | undefined {
    return this.#client?.tables[kind]?.get(key)
  }

  *rows(kind: string): Iterable<readonly [Key, Row]> {
    const column = this.#keys.get(kind.replace(COPIES, ''))
    const table = this.#client?.tables[kind]
    if (table === undefined || column === undefined) return
    for (const row of table.all()) yield [row[column] as Key, row]
  }

  count(kind: string): number {
    return this.#client?.tables[kind]?.size ?? 0
  }

  onChange(listener: RowListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  onFrame(listener: () => void): () => void {
    this.#frameListeners.add(listener)
    return () => this.#frameListeners.delete(listener)
  }

  now(): number {
    return this.#client?.now() ?? Date.now()
  }

  send(input: string, args: Readonly<Record<string, unknown>>): SentInput {
    try {
      if (this.#client === undefined) throw new Error('not connected yet')
      return this.#client.send(input, args)
    } catch (thrown) {
      return { applied: Promise.reject(thrown), durable: Promise.reject(thrown) }
    }
  }

  close(): void {
    this.#closed = true
    this.#listeners.clear()
    this.#frameListeners.clear()
    void this.#client?.close()
  }

  async #open(): Promise<void> {
    try {
      this.#adopt(await this.#connect())
    } catch (thrown) {
      if (!this.#closed) this.#setStatus('closed', failureOf(thrown))
    }
  }

  /** The whole zone where the server lets us see it, else what a player sees. */
  async #connect(): Promise<Client> {
    const { address, zone, client, watch, credentials } = this.#options
    const options: ConnectOptions = {
      ...credentials,
      zone,
      watch,
      client,
      timeoutMs: WITHOUT_END_MS,
      onRetry: (reason, inMs) => this.#onRetry(reason, inMs),
    }
    try {
      return await connect(address, { ...options, focus: { mode: 'all' } })
    } catch (thrown) {
      if (failureOf(thrown).code !== 'forbidden') throw thrown
      return connect(address, { ...options, focus: { mode: 'follow' } })
    }
  }

  #adopt(client: Client): void {
    if (this.#closed) {
      void client.close()
      return
    }
    this.#client = client
    this.player.set(client.player)
    for (const kind of this.#keys.keys()) {
      client.tables[kind]?.subscribe(
        {
          insert: (row, key) => this.#emit(kind, key, row),
          update: (row, _previous, key) => this.#emit(kind, key, row),
          remove: (_previous, key) => this.#emit(kind, key, undefined),
        },
        { existing: true },
      )
    }
    client.on('state', () => {
      for (const listener of this.#frameListeners) listener()
    })
    client.on('status', (status, reason) => {
      if (!this.#closed) this.#setStatus(STATES[status], reason)
    })
    this.#setStatus(STATES[client.status], undefined)
  }

  #emit(kind: string, key: Key, row: Row | undefined): void {
    for (const listener of this.#listeners) listener(kind, key, row)
  }

  #onRetry({ code, message }: Failure, inMs: number): void {
    if (this.#closed) return
    this.status.set({ ...this.status.get(), reason: message, code, retryAtMs: performance.now() + inMs })
  }

  #setStatus(state: LinkStatus['state'], failure: Failure | undefined): void {
    this.status.set({ state, reason: failure?.message, code: failure?.code, retryAtMs: undefined })
  }
}
