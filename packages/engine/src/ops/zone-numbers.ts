import { Membership, type ZoneId } from '@terrane/causality'
import type { ZoneDirectory } from '../ports/store.js'

/** The numbers of zones, as far as this process knows them. A zone keeps its number for ever. */
export class ZoneNumbers {
  readonly #directory: ZoneDirectory
  readonly #numbers = new Map<string, ZoneId>()
  readonly #names = new Map<ZoneId, string>()
  readonly #registering = new Map<string, Promise<void>>()
  #membership = Membership.none
  #refreshing: Promise<void> | undefined

  constructor(directory: ZoneDirectory) {
    this.#directory = directory
  }

  /** The zones that clocks may name. None has ever been forgotten: there is no way yet to retire a zone. */
  get membership(): Membership {
    return this.#membership
  }

  of(zone: string): ZoneId | undefined {
    return this.#numbers.get(zone)
  }

  /** All zones that have a number. */
  get names(): Iterable<string> {
    return this.#numbers.keys()
  }

  nameOf(number: ZoneId): string | undefined {
    return this.#names.get(number)
  }

  /** Resolves when the zone's number is known; gives it one when it has none. */
  register(zone: string): Promise<void> {
    if (this.#numbers.has(zone)) return Promise.resolve()
    const running = this.#registering.get(zone)
    if (running !== undefined) return running
    const promise = this.#register(zone).finally(() => this.#registering.delete(zone))
    this.#registering.set(zone, promise)
    return promise
  }

  /** Reads the numbers that other processes have given meanwhile. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  async #register(zone: string): Promise<void> {
    const number = await this.#directory.register(zone)
    // Lower numbers must not look as if their zones were gone.
    if (number > this.#membership.next) await this.refresh()
    this.#learn([[zone, number]])
  }

  async #refresh(): Promise<void> {
    const records = await this.#directory.list()
    this.#learn(records.flatMap(({ zone, number }) => (number === undefined ? [] : [[zone, number] as const])))
  }

  #learn(found: readonly (readonly [zone: string, number: ZoneId])[]): void {
    const fresh = found.filter(([zone]) => !this.#numbers.has(zone)).sort(([, a], [, b]) => a - b)
    if (fresh.length === 0) return
    for (const [zone, number] of fresh) {
      this.#numbers.set(zone, number)
      this.#names.set(number, zone)
    }
    const live = [...this.#names.keys()]
    this.#membership = Membership.of({
      version: this.#membership.version + 1,
      next: Math.max(...live) + 1,
      live,
    })
  }
}
