import type { Clock, Prng, Timer, Timers } from '@terrane/core'
import { type Store, TransientStoreError, type ZoneRecord } from '../ports/store.js'
import type { AnyWorld } from '../world/define-world.js'
import type { Report } from './events.js'
import { ZoneMemory } from './zone-memory.js'

export interface ZoneFollowersOptions {
  readonly world: AnyWorld
  readonly store: Store
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Prng
  readonly report: Report
  /** Between two looks at the logs, ms. */
  readonly everyMs: number
  /** Zones at most: each is in memory as a whole. */
  readonly zonesMax: number
  /** This process, as its leases name it. */
  readonly owner: string
  /** The zone is the world's, and not open in this process. */
  readonly mayFollow: (zone: string) => boolean
}

/** How far a copy is. */
export interface FollowedZone {
  readonly id: string
  /** Position of the last batch that it has. */
  readonly seq: number
  /** When the end of the log was reached, ms since the epoch. */
  readonly readAt: number
}

interface Follower {
  readonly memory: ZoneMemory
  readAt: number
}

/**
 * Warm copies of zones that other processes own: their tables are read once, then their logs, over and over. A copy
 * answers nobody. When this process takes the zone over, what is missing is the end of the log, and not the tables.
 */
export class ZoneFollowers {
  readonly #options: ZoneFollowersOptions
  readonly #followers = new Map<string, Follower>()
  /** The one whose log is being read now: it must not be used meanwhile. */
  #reading: { readonly id: string; readonly done: Promise<void> } | undefined
  #timer: Timer | undefined
  #isStopped = false

  constructor(options: ZoneFollowersOptions) {
    this.#options = options
    this.#arm()
  }

  statuses(): FollowedZone[] {
    return Array.from(this.#followers, ([id, { memory, readAt }]) => ({ id, seq: memory.recovery.seq, readAt }))
  }

  /** Gives away the copy of a zone that has been claimed; undefined when there is none of use. */
  async take(id: string): Promise<ZoneMemory | undefined> {
    if (this.#reading?.id === id) await this.#reading.done
    const memory = this.#followers.get(id)?.memory
    this.#followers.delete(id)
    return memory?.recovery.hasTables ? memory : undefined
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
    this.#followers.clear()
  }

  #arm(): void {
    if (this.#isStopped) return
    this.#timer = this.#options.timers.after(this.#options.everyMs, () => void this.#look().then(() => this.#arm()))
  }

  async #look(): Promise<void> {
    const { store, owner, mayFollow, zonesMax, report } = this.#options
    let records: readonly ZoneRecord[]
    try {
      records = (await store.zones.list()).filter(({ zone }) => mayFollow(zone))
    } catch (cause) {
      report({ type: 'follow_failed', cause })
      return
    }
    const present = new Set(records.map(({ zone }) => zone))
    for (const id of this.#followers.keys()) if (!present.has(id)) this.#followers.delete(id)
    for (const record of records) {
      // One that its owner has given back is followed on, for the next.
      const isForeign = record.owner !== undefined && record.owner !== owner
      const mayBegin = isForeign && this.#followers.size < zonesMax
      if (this.#isStopped || !mayFollow(record.zone)) continue
      if (!this.#followers.has(record.zone) && !mayBegin) continue
      const done = this.#catchUp(record)
      this.#reading = { id: record.zone, done }
      await done
      this.#reading = undefined
    }
  }

  async #catchUp({ zone, checkpoint }: ZoneRecord): Promise<void> {
    const { clock, report } = this.#options
    const follower = this.#followers.get(zone) ?? this.#begin(zone, checkpoint)
    const { recovery } = follower.memory
    try {
      if (!recovery.hasTables) await recovery.readTables()
      const startedAt = clock.now()
      await recovery.replay()
      recovery.covered(checkpoint)
      await recovery.link(this.#pause)
      follower.readAt = startedAt
    } catch (cause) {
      // Half read tables, or a log that was trimmed before it was read here: begin anew.
      if (!(cause instanceof TransientStoreError) || !recovery.hasTables) this.#followers.delete(zone)
      report({ type: 'follow_failed', zone, cause })
    }
  }

  /** Lets others have their turn. */
  readonly #pause = (): Promise<void> => new Promise((resolve) => this.#options.timers.soon(resolve))

  #begin(id: string, checkpoint: number): Follower {
    const { world, store, clock, random } = this.#options
    const memory = new ZoneMemory({ id, world, store, clock, random: random.fork(id) }, checkpoint)
    const follower = { memory, readAt: 0 }
    this.#followers.set(id, follower)
    return follower
  }
}
