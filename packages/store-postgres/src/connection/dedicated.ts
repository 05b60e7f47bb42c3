import { messageOf } from '@terrane/core'
import { TransientStoreError } from '@terrane/engine'
import { breaksConnection, connectErrorOf } from '../errors.js'
import { DatabaseClient } from './client.js'
import type { ConnectionFacts } from './connection-facts.js'
import { runRetrying } from './retry.js'
import { Session } from './session.js'
import type { ConnectionSettings } from './settings.js'

/** Calls that may wait for the connection: one per zone of a process, with room to spare. */
const WAITING_MAX = 4_096

/**
 * One connection for one kind of work, so that appends never queue behind a checkpoint for a place in
 * the pool. Opened by the first call that needs it, and again after a loss; one call at a time.
 */
export class DedicatedConnection {
  readonly #settings: ConnectionSettings
  readonly #onConnected: ((facts: ConnectionFacts) => void) | undefined
  readonly #waiting: (() => void)[] = []
  #session: Session | undefined
  #busy = false
  #closed = false
  #connects = 0

  constructor(settings: ConnectionSettings, onConnected?: (facts: ConnectionFacts) => void) {
    this.#settings = settings
    this.#onConnected = onConnected
  }

  /** Times that the connection was opened anew after the first. */
  get reconnects(): number {
    return Math.max(0, this.#connects - 1)
  }

  get connected(): boolean {
    return this.#session !== undefined
  }

  /** Holds the connection while `work` runs. Throws the port's errors. */
  async run<T>(call: string, work: (session: Session) => Promise<T>): Promise<T> {
    if (this.#busy) await this.#turn(call)
    else this.#busy = true
    let session: Session | undefined
    try {
      session = this.#session ?? (await this.#open(call))
      const held = session
      return await runRetrying(call, held, () => work(held))
    } catch (error) {
      if (session !== undefined && breaksConnection(error instanceof Error ? (error.cause ?? error) : error)) {
        this.#drop(session)
      }
      throw error
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#busy = false
      else next()
    }
  }

  close(): void {
    this.#closed = true
    if (this.#session !== undefined) this.#drop(this.#session)
  }

  #turn(call: string): Promise<void> {
    if (this.#waiting.length >= WAITING_MAX) throw new TransientStoreError(`${call}: too many calls wait`)
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  async #open(call: string): Promise<Session> {
    if (this.#closed) throw new TransientStoreError(`${call}: the store is closed`)
    const client = new DatabaseClient(this.#settings, this.#onConnected && { onConnected: this.#onConnected })
    const session = new Session(client)
    // Without a listener a lost connection would end the process.
    client.on('error', () => this.#drop(session))
    client.on('end', () => this.#drop(session))
    try {
      await client.connect()
    } catch (error) {
      client.abandon()
      throw connectErrorOf(error, call)
    }
    if (this.#closed) {
      void client.end().catch(() => {})
      throw new TransientStoreError(`${call}: the store is closed`)
    }
    this.#connects++
    this.#session = session
    return session
  }

  #drop(session: Session): void {
    if (this.#session !== session) return
    this.#session = undefined
    // With a statement under way this destroys the socket, so that the statement's caller hears of it.
    void (session.client as DatabaseClient).end().catch((error: unknown) => messageOf(error))
  }
}
