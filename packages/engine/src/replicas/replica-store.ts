// Copies of other zones' rows in one zone. They are in no log and no table of the database, take no room from what the
// zone owns, and no transaction can write them.
import type { VClock } from '@terrane/causality'
import type { EngineLimits } from '../limits.js'
import type { Entity, Row } from '../state/entity.js'
import { KindTable, type TableContext } from '../state/kind-table.js'
import { Rejection } from '../state/rejection.js'
import { UndoLog } from '../state/undo-log.js'
import type { AnyKind, AnyWorld, Key } from '../world/define-world.js'
import type { Replica, ReplicaTable } from '../world/replication.js'
import { decodeRow, type ReplicaRound, type RoundKind } from './replica-round.js'
import { OWNER_COLUMN, replicaKindName, STALE_COLUMN } from './replica-schema.js'

export interface StoreCounters {
  /** Copies that were taken, or brought up to date. */
  replicasReceived: number
  /** Rows that came after newer ones. */
  replicasLate: number
  /** Rows for which there was no room. */
  replicasDropped: number
  /** Copies that went because they were stale for too long, or their owner no longer sent them. */
  replicasEvicted: number
}

export interface ReplicaStatus {
  readonly held: number
  readonly stale: number
}

/** What the store needs of its zone while that runs. */
export interface ReplicaHost {
  readonly limits: EngineLimits
  /** All that the zone knows of, also by other ways. */
  clock(): VClock
  /** Whether the zone owns a row itself. */
  owns(kind: string, key: Key): boolean
  /** Clients are to see what happened to a copy. */
  publish(entity: Entity, mask: number): void
}

interface Held {
  readonly entity: Entity
  readonly kind: Copies
  author: number
  zone: string
  sentAt: VClock
  /** Since when it is stale, as the beats saw it, ms since the epoch; undefined while it is not. */
  staleSince: number | undefined
}

/** Copies of one kind. */
interface Copies {
  readonly name: string
  readonly table: KindTable
  readonly held: Map<Key, Held>
  /** What the last round of each author said: its own count of events. */
  readonly lastRound: Map<number, number>
}

export class ReplicaStore {
  readonly counters: StoreCounters = { replicasReceived: 0, replicasLate: 0, replicasDropped: 0, replicasEvicted: 0 }
  /** In the order of the world's `replicaSchemas`. */
  readonly tables: readonly KindTable[]
  /** What transactions see: by kind, read-only. */
  readonly readers: Readonly<Record<string, ReplicaTable<AnyKind>>>
  readonly #context: TableContext
  readonly #kinds: ReadonlyMap<string, Copies>
  #host: ReplicaHost | undefined
  #count = 0

  /** @param shared of the zone's own tables: copies share their cells and entity numbers, and nothing else */
  constructor(world: AnyWorld, shared: TableContext) {
    this.#context = {
      cells: shared.cells,
      undo: new UndoLog(),
      writable: true,
      get published() {
        return shared.published
      },
      set published(_) {},
      get nextEntityId() {
        return shared.nextEntityId
      },
      set nextEntityId(id) {
        shared.nextEntityId = id
      },
      authority: undefined,
    }
    const kinds = new Map<string, Copies>()
    this.tables = world.replicaSchemas.map((schema, place) => {
      const [name, kind] = Object.entries(world.kinds as Record<string, AnyKind>).find(
        ([each]) => replicaKindName(each) === schema.name,
      ) as [string, AnyKind]
      const definition = { table: kind.table, visible: kind.visible }
      const table = new KindTable(schema, definition as AnyKind, world.schemas.length + place, this.#context)
      kinds.set(name, { name, table, held: new Map(), lastRound: new Map() })
      return table
    })
    this.#kinds = kinds
    const readers = Array.from(kinds, ([name, copies]) => [name, this.#readerOf(copies)] as const)
    this.readers = Object.freeze(Object.fromEntries(readers))
  }

  use(host: ReplicaHost): void {
    this.#host = host
  }

  status(): ReplicaStatus {
    let stale = 0
    for (const held of this.#all()) if (this.#isStale(held)) stale++
    return { held: this.#count, stale }
  }

  /** Takes what the owner `zone` says. Its clock must have been observed before. */
  receive(zone: string, round: ReplicaRound): void {
    for (const kind of round.kinds) {
      const copies = this.#kinds.get(kind.name)
      // Another version of the world copies more kinds.
      if (copies !== undefined) this.#take(zone, round, kind, copies)
    }
    this.#flush()
  }

  /** The zone owns this row now itself. */
  forget(kind: string, key: Key): void {
    const held = this.#kinds.get(kind)?.held.get(key)
    if (held === undefined) return
    this.#remove(held)
    this.#flush()
  }

  /** Lets go of what is stale for too long, and tells clients what is stale. To be called every tick. */
  beat(now: number): void {
    if (this.#count === 0) return
    const { replicaStaleMs } = this.#used.limits
    for (const held of this.#all()) {
      const isStale = this.#isStale(held)
      if (isStale) held.staleSince ??= now
      else held.staleSince = undefined
      if (held.staleSince !== undefined && now - held.staleSince >= replicaStaleMs) this.#evict(held)
      else held.kind.table.update(held.entity.key, { [STALE_COLUMN]: isStale })
    }
    this.#flush()
  }

  #take(zone: string, { author, sentAt }: ReplicaRound, kind: RoundKind, copies: Copies): void {
    const count = sentAt.get(author)
    if (count < (copies.lastRound.get(author) ?? 0)) {
      this.counters.replicasLate += kind.rows.length
      return
    }
    copies.lastRound.set(author, count)
    const keyPlace = kind.columns.indexOf(copies.table.keyName)
    const rows = new Map(
      kind.rows.map((bytes) => {
        const values = decodeRow(bytes)
        return [values[keyPlace] as Key, values]
      }),
    )
    // First, so that what comes has the room of what goes.
    for (const held of [...copies.held.values()]) {
      if (held.author === author && !rows.has(held.entity.key)) this.#evict(held)
    }
    for (const [key, values] of rows) {
      if (this.#used.owns(copies.name, key)) continue
      const row: Row = { [OWNER_COLUMN]: zone }
      for (const [place, column] of kind.columns.entries()) {
        if (copies.table.names.includes(column)) row[column] = values[place]
      }
      try {
        this.#upsert(copies, key, row, { author, zone, sentAt })
      } catch (cause) {
        // Another version of the world has other columns.
        if (!(cause instanceof Rejection)) throw cause
        this.counters.replicasDropped++
      }
    }
  }

  #upsert(copies: Copies, key: Key, row: Row, from: { author: number; zone: string; sentAt: VClock }): void {
    const held = copies.held.get(key)
    if (held !== undefined && !isNewer(from, held)) {
      if (!held.sentAt.equals(from.sentAt)) this.counters.replicasLate++
      return
    }
    if (held === undefined && this.#count >= this.#used.limits.replicasMax) {
      this.counters.replicasDropped++
      return
    }
    row[STALE_COLUMN] = from.sentAt.get(from.author) < this.#used.clock().get(from.author)
    this.counters.replicasReceived++
    if (held !== undefined) {
      copies.table.update(key, withoutKey(row, copies.table.keyName))
      Object.assign(held, from)
      return
    }
    copies.table.insert(row)
    const entity = copies.table.entity(key) as Entity
    copies.held.set(key, { entity, kind: copies, staleSince: undefined, ...from })
    this.#count++
  }

  #evict(held: Held): void {
    this.counters.replicasEvicted++
    this.#remove(held)
  }

  #remove({ kind, entity }: Held): void {
    const { key } = entity
    kind.table.delete(key)
    kind.held.delete(key)
    this.#count--
  }

  /** What was done stays, and clients hear of it. */
  #flush(): void {
    this.#context.undo.keep((entity, mask) => this.#used.publish(entity, mask))
  }

  #isStale({ author, sentAt }: Held): boolean {
    return sentAt.get(author) < this.#used.clock().get(author)
  }

  *#all(): IterableIterator<Held> {
    for (const { held } of this.#kinds.values()) yield* held.values()
  }

  #readerOf({ table, held }: Copies): ReplicaTable<AnyKind> {
    const show = (each: Held): Replica<never> => ({
      row: each.entity.row as never,
      zone: each.zone,
      sentAt: each.sentAt,
      stale: this.#isStale(each),
    })
    const ofRow = (row: Readonly<Row>) => show(held.get(row[table.keyName] as Key) as Held)
    return Object.freeze({
      get count() {
        return held.size
      },
      get(key: Key) {
        const found = held.get(key)
        return found && show(found)
      },
      *all() {
        for (const each of held.values()) yield show(each)
      },
      where: (test: (row: never) => boolean) =>
        Array.from(held.values())
          .filter(({ entity }) => test(entity.row as never))
          .map(show),
      near: (x: number, y: number, radius: number) => table.near(x, y, radius).map(ofRow),
    })
  }

  get #used(): ReplicaHost {
    return this.#host as ReplicaHost
  }
}

/**
 * Whether a copy is newer than the one held: of the same owner by its count of events; of another owner when that one
 * knows of something that the owner of the held copy did later, as it does when the row was handed over to it.
 */
function isNewer(from: { readonly author: number; readonly sentAt: VClock }, held: Held): boolean {
  return from.sentAt.get(held.author) > held.sentAt.get(held.author)
}

function withoutKey(row: Row, keyName: string): Row {
  const { [keyName]: _, ...rest } = row
  return rest
}
