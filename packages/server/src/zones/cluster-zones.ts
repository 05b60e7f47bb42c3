import type { ProcessCalls } from '@terrane/bus'
import { TerraneError } from '@terrane/core'
import type { Engine, Reshaped } from '@terrane/engine'
import { RemoteZones } from './zone-calls.js'
import type { CommandCall, FoundRow, Merge, Move, RowQuery, Split, Taken, ZoneTaker, ZoneWork } from './zone-work.js'

/** Which process has which zone. All reject as the store does. */
export interface ZoneOwners {
  /** This process. */
  readonly self: string
  /** The living process that has a zone, be it this one; undefined when it is free. */
  ownerOf(zone: string): Promise<string | undefined>
  /** The other living processes that have zones. */
  otherOwners(): Promise<readonly string[]>
  /** The zone was not where it should be: the next to ask gets a new answer. */
  forget(zone: string): void
  readonly calls: ProcessCalls
}

export interface ClusterZonesOptions {
  readonly local: ZoneWork & ZoneTaker
  readonly engine: () => Engine
  readonly owners: ZoneOwners
}

/** Zones of any process: work is done by the one that has them, be it this one. Forwarded once at most. */
export class ClusterZones implements ZoneWork, ZoneTaker {
  readonly #local: ZoneWork & ZoneTaker
  readonly #engine: () => Engine
  readonly #owners: ZoneOwners

  constructor({ local, engine, owners }: ClusterZonesOptions) {
    this.#local = local
    this.#engine = engine
    this.#owners = owners
  }

  /** Without a zone all processes are asked. Rejects when one that may have the row does not answer. */
  async row(query: RowQuery): Promise<FoundRow | undefined> {
    const here = await this.#local.row(query)
    if (here !== undefined) return here
    const asked = query.zone === undefined ? await this.#owners.otherOwners() : await this.#elsewhere(query.zone)
    const answers = await Promise.allSettled(asked.map((owner) => this.#zonesAt(owner).row(query)))
    for (const answer of answers) if (answer.status === 'fulfilled' && answer.value !== undefined) return answer.value
    for (const answer of answers) if (answer.status === 'rejected') throw answer.reason
    return undefined
  }

  command(call: CommandCall): Promise<unknown> {
    return this.#atOwner([call.zone], (zones) => zones.command(call))
  }

  split(change: Split): Promise<Reshaped> {
    return this.#reshape([change.zone], (zones) => zones.split(change))
  }

  merge(change: Merge): Promise<Reshaped> {
    return this.#reshape([change.zone, change.into], (zones) => zones.merge(change))
  }

  async move(change: Move): Promise<Reshaped> {
    const map = await this.#engine().refreshZoneMap()
    const from = map.zoneAt({ authority: change.authority, code: change.lo })
    const involved = from === undefined ? [change.into] : [from, change.into]
    return this.#reshape(involved, (zones) => zones.move(change))
  }

  async yield(zone: string): Promise<void> {
    await this.#local.yield(zone)
  }

  /** Whoever has it lets go of it first. When somebody else is quicker then, it rejects `zone_held`. */
  async take(zone: string): Promise<Taken> {
    this.#owners.forget(zone)
    const [owner] = await this.#elsewhere(zone)
    if (owner === undefined) return this.#local.take(zone)
    await this.#zonesAt(owner).yield(zone)
    this.#owners.forget(zone)
    return { ...(await this.#local.take(zone)), from: owner }
  }

  async #reshape(involved: readonly string[], change: (zones: ZoneWork) => Promise<Reshaped>): Promise<Reshaped> {
    const reshaped = await this.#atOwner(involved, change)
    // Another process may have done it, and a new zone has an owner that nobody here knows yet.
    this.#owners.forget(reshaped.into)
    await this.#engine()
      .refreshZoneMap()
      // It is done all the same, and the map is read again soon.
      .catch(() => {})
    return reshaped
  }

  /** Runs it where all the zones are. */
  async #atOwner<T>(involved: readonly string[], run: (zones: ZoneWork) => Promise<T>): Promise<T> {
    const place = await this.#placeOf(involved)
    try {
      return await run(this.#zonesAt(place))
    } catch (error) {
      if (!hasMoved(error)) throw error
      for (const zone of involved) this.#owners.forget(zone)
      const next = await this.#placeOf(involved)
      if (next === place) throw error
      return run(this.#zonesAt(next))
    }
  }

  #zonesAt(place: string): ZoneWork {
    return place === this.#owners.self ? this.#local : new RemoteZones(this.#owners.calls, place)
  }

  /** The one process that has them; this one when they are free. */
  async #placeOf(zones: readonly string[], isFresh = false): Promise<string> {
    const held: Held[] = []
    for (const zone of zones) {
      const owner = await this.#holderOf(zone)
      if (owner !== undefined) held.push({ zone, owner })
    }
    const [first, second] = held
    if (first === undefined) return this.#owners.self
    if (second === undefined || second.owner === first.owner) return first.owner
    if (isFresh) throw apart(first, second)
    for (const zone of zones) this.#owners.forget(zone)
    return this.#placeOf(zones, true)
  }

  /** Where a zone is that is not here. */
  async #elsewhere(zone: string): Promise<readonly string[]> {
    const owner = await this.#holderOf(zone)
    return owner === undefined || owner === this.#owners.self ? [] : [owner]
  }

  async #holderOf(zone: string): Promise<string | undefined> {
    const { self } = this.#owners
    if (this.#isHere(zone)) return self
    const owner = await this.#owners.ownerOf(zone)
    if (owner !== self) return owner
    // It was here a moment ago.
    this.#owners.forget(zone)
    return this.#owners.ownerOf(zone)
  }

  #isHere(zone: string): boolean {
    return this.#engine().opened(zone) !== undefined
  }
}

/** It was not done, because the zone is not where it was thought to be. */
function hasMoved(error: unknown): boolean {
  return error instanceof TerraneError && (error.code === 'zone_held' || error.code === 'process_away')
}

interface Held {
  readonly zone: string
  readonly owner: string
}

function apart(one: Held, other: Held): TerraneError {
  const message = `zone ${one.zone} is held by ${one.owner}, and ${other.zone} by ${other.owner}`
  return new TerraneError('zone_held', message, {
    hint: `Bring both to one process first: terrane zones take ${other.zone} --url <the process that has ${one.zone}>`,
  })
}
