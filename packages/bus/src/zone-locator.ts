import type { Clock } from '@terrane/core'
import type { ZoneDirectory } from '@terrane/engine'

/** Who holds a zone, as the database said. */
export interface ZoneHolder {
  readonly owner: string
  /** Its lease has ended: it may be gone. */
  readonly isLate: boolean
  /** Counts the ownerships of the zone. */
  readonly epoch: number
}

export interface ZoneLocatorOptions {
  readonly directory: ZoneDirectory
  readonly clock: Clock
  /** How long an answer is believed, ms; default 2,000. A zone that has moved is noticed sooner: see `forget`. */
  readonly freshMs?: number
}

const FRESH_MS = 2_000

/** With the end of the lease by this process's clock, whatever the database's shows. */
interface Held {
  readonly owner: string
  readonly epoch: number
  readonly endsAt: number
}

/** Which process holds which zone: the leases in the database, remembered for a while. */
export class ZoneLocator {
  readonly #directory: ZoneDirectory
  readonly #clock: Clock
  readonly #freshMs: number
  #holders = new Map<string, Held>()
  readonly #forgotten = new Set<string>()
  #readAt = Number.NEGATIVE_INFINITY
  #reading: Promise<void> | undefined

  constructor({ directory, clock, freshMs = FRESH_MS }: ZoneLocatorOptions) {
    this.#directory = directory
    this.#clock = clock
    this.#freshMs = freshMs
  }

  /** What is remembered; undefined when that is too old, or the zone was free. */
  known(zone: string): ZoneHolder | undefined {
    if (this.#clock.now() - this.#readAt > this.#freshMs || this.#forgotten.has(zone)) return undefined
    const holder = this.#holders.get(zone)
    return holder && this.#told(holder)
  }

  /** Asks the database unless the answer is remembered. Undefined: nobody holds it. Rejects as the store does. */
  async find(zone: string): Promise<ZoneHolder | undefined> {
    const known = this.known(zone)
    if (known !== undefined) return known
    await this.#refresh()
    return this.known(zone)
  }

  /** All zones that are held. Rejects as the store does. */
  async all(): Promise<readonly (ZoneHolder & { readonly zone: string })[]> {
    if (this.#clock.now() - this.#readAt > this.#freshMs || this.#forgotten.size > 0) await this.#refresh()
    return Array.from(this.#holders, ([zone, held]) => ({ zone, ...this.#told(held) }))
  }

  /** The zone was not where it should be: the next to ask gets a new answer. */
  forget(zone: string): void {
    this.#forgotten.add(zone)
  }

  #told({ owner, epoch, endsAt }: Held): ZoneHolder {
    return { owner, epoch, isLate: endsAt < this.#clock.now() }
  }

  #refresh(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #read(): Promise<void> {
    // What is forgotten from here on is newer than what this reads.
    this.#forgotten.clear()
    const records = await this.#directory.list()
    const holders = new Map<string, Held>()
    const now = this.#clock.now()
    for (const { zone, owner, epoch, leaseLeftMs } of records) {
      if (owner !== undefined) holders.set(zone, { owner, epoch, endsAt: now + leaseLeftMs })
    }
    this.#holders = holders
    this.#readAt = now
  }
}
