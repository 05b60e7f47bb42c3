// The rows of a zone of which others have copies: which zones those are, and what they are told.
//
//   transaction ─► changed ─ seal: the clock ticks, a round is encoded ─ committed ─► the zones near its rows
//   beat, at rest ─► a round is encoded ─► the same
//
// A round shows only what is durable, under the clock of the last batch that changed any of it. So what two rounds of
// one clock say of a row is the same, also when another process owned the zone in between, and a higher clock is newer.
import type { VClock, ZoneId } from '@terrane/causality'
import type { EngineLimits } from '../limits.js'
import type { Entity } from '../state/entity.js'
import type { KindTable } from '../state/kind-table.js'
import type { Borders, Position } from '../world/borders.js'
import type { AnyKind, AnyWorld } from '../world/define-world.js'
import type { Replication } from '../world/replication.js'
import { encodeRound, encodeRow, type RoundKind } from './replica-round.js'

export interface ReplicaSenderOptions {
  readonly zone: string
  readonly number: ZoneId
  readonly world: AnyWorld
  readonly tables: readonly KindTable[]
  readonly borders: Borders | undefined
  /** Another one: places may have other owners. */
  readonly bordersVersion: () => number
  readonly limits: EngineLimits
  /** Period of a tick, ms. */
  readonly tickMs: number
  /** First byte of what is sent. */
  readonly tag: number
  readonly clock: () => VClock
  readonly send: (to: string, bytes: Uint8Array) => void
}

export interface SenderCounters {
  /** Rows in rounds that were sent. */
  replicasSent: number
  /** Rows that were left out of them, because a zone takes no more. */
  replicasWithheld: number
}

type Row = Readonly<Record<string, unknown>>

/** A kind whose rows are copied, and when its next round is due. */
interface Source {
  readonly table: KindTable
  readonly replication: Replication<Row>
  readonly columns: readonly string[]
  /** Earliest moment of the next round; when the last one is repeated; ms since the epoch. */
  nextAt: number
  repeatAt: number
  /** This zone's count of events in the last round. */
  sentCount: number
}

/** A zone that has copies, with the rows by source. */
interface Band {
  readonly rows: Map<Source, Set<Entity>>
  /** Rounds in a row that were empty: after a few the zone is left alone. */
  emptyRounds: number
}

const EMPTY_ROUNDS_MAX = 5

export class ReplicaSender {
  readonly counters: SenderCounters = { replicasSent: 0, replicasWithheld: 0 }
  readonly #options: ReplicaSenderOptions
  readonly #sources = new Map<KindTable, Source>()
  readonly #bands = new Map<string, Band>()
  readonly #zonesOf = new Map<Entity, readonly string[]>()
  readonly #encoded = new Map<Entity, Uint8Array>()
  /** Entities whose zones are to be found anew. */
  readonly #changed = new Set<Entity>()
  /** Rows changed since the last batch was sealed. */
  #isDirty = false
  #bordersVersion: number
  #sealed: { readonly to: string; readonly bytes: Uint8Array }[] = []

  constructor(options: ReplicaSenderOptions) {
    this.#options = options
    this.#bordersVersion = options.bordersVersion()
    for (const table of options.tables) {
      const replication = (options.world.kinds[table.schema.name] as AnyKind).replicate as Replication<Row> | undefined
      if (replication === undefined) continue
      const { columns: given } = replication
      const columns = table.names.filter(
        (name) => name === table.keyName || given === undefined || given.includes(name),
      )
      this.#sources.set(table, { table, replication, columns, nextAt: 0, repeatAt: 0, sentCount: -1 })
      for (const entity of table.entities()) this.#changed.add(entity)
    }
  }

  /** The batch that is about to be sealed changes what others have copies of. */
  get isDirty(): boolean {
    return this.#isDirty
  }

  changed(entity: Entity): void {
    if (!this.#sources.has(entity.table)) return
    this.#isDirty = true
    this.#changed.add(entity)
    this.#encoded.delete(entity)
  }

  /** A batch was sealed, and memory is what it makes of the zone. */
  sealed(now: number): void {
    this.#isDirty = false
    this.#sealed = this.#round(now)
  }

  /** The sealed batch is durable. */
  committed(): void {
    const parcels = this.#sealed
    this.#sealed = []
    for (const { to, bytes } of parcels) this.#options.send(to, bytes)
  }

  /** To be called every tick while memory is what is durable. */
  beat(now: number): void {
    for (const { to, bytes } of this.#round(now)) this.#options.send(to, bytes)
  }

  #round(now: number): { readonly to: string; readonly bytes: Uint8Array }[] {
    const { number, limits, tickMs, clock, tag } = this.#options
    const sentAt = clock()
    const count = sentAt.get(number)
    const due = [...this.#sources.values()].filter(
      ({ nextAt, repeatAt, sentCount }) => now >= nextAt && (count > sentCount || now >= repeatAt),
    )
    if (due.length === 0) return []
    this.#settle()
    for (const source of due) {
      source.nextAt = now + (source.replication.everyTicks ?? 1) * tickMs
      source.repeatAt = now + limits.replicaRepeatMs
      source.sentCount = count
    }
    const parcels: { to: string; bytes: Uint8Array }[] = []
    for (const [to, band] of this.#bands) {
      const kinds = this.#kindsFor(band, due)
      const rows = kinds.reduce((sum, kind) => sum + kind.rows.length, 0)
      this.counters.replicasSent += rows
      band.emptyRounds = [...band.rows.values()].some(({ size }) => size > 0) ? 0 : band.emptyRounds + 1
      if (band.emptyRounds >= EMPTY_ROUNDS_MAX) this.#bands.delete(to)
      parcels.push({ to, bytes: encodeRound(tag, { author: number, sentAt, kinds }) })
    }
    return parcels
  }

  #kindsFor(band: Band, due: readonly Source[]): RoundKind[] {
    const { replicasMax, replicaBytesMax } = this.#options.limits
    let room = replicasMax
    let bytesLeft = replicaBytesMax
    return due.map((source) => {
      const rows: Uint8Array[] = []
      for (const entity of band.rows.get(source) ?? []) {
        const bytes = this.#bytesOf(entity, source)
        if (room === 0 || bytes.length > bytesLeft) {
          this.counters.replicasWithheld++
          continue
        }
        room--
        bytesLeft -= bytes.length
        rows.push(bytes)
      }
      return { name: source.table.schema.name, columns: source.columns, rows }
    })
  }

  #bytesOf(entity: Entity, { columns }: Source): Uint8Array {
    let bytes = this.#encoded.get(entity)
    if (bytes === undefined) {
      bytes = encodeRow(columns.map((column) => entity.row[column]))
      this.#encoded.set(entity, bytes)
    }
    return bytes
  }

  /** Finds the zones of entities that have changed. */
  #settle(): void {
    const version = this.#options.bordersVersion()
    if (version !== this.#bordersVersion) {
      this.#bordersVersion = version
      for (const table of this.#sources.keys()) for (const entity of table.entities()) this.#changed.add(entity)
    }
    for (const entity of this.#changed) {
      const source = this.#sources.get(entity.table) as Source
      const before = this.#zonesOf.get(entity) ?? []
      const zones = entity.alive ? this.#zonesFor(entity.row, source.replication) : []
      for (const zone of before) if (!zones.includes(zone)) this.#bands.get(zone)?.rows.get(source)?.delete(entity)
      for (const zone of zones) this.#rowsFor(zone, source).add(entity)
      if (zones.length > 0) this.#zonesOf.set(entity, zones)
      else {
        this.#zonesOf.delete(entity)
        this.#encoded.delete(entity)
      }
    }
    this.#changed.clear()
  }

  #rowsFor(zone: string, source: Source): Set<Entity> {
    let band = this.#bands.get(zone)
    if (band === undefined) {
      band = { rows: new Map(), emptyRounds: 0 }
      this.#bands.set(zone, band)
    }
    let rows = band.rows.get(source)
    if (rows === undefined) {
      rows = new Set()
      band.rows.set(source, rows)
    }
    return rows
  }

  #zonesFor(row: Row, replication: Replication<Row>): readonly string[] {
    const { zone, borders } = this.#options
    const named = replication.to?.(row) ?? []
    const position = replication.position?.(row)
    const near = position === undefined ? [] : (borders?.within(position, this.#reachOf(row, replication)) ?? [])
    return [...new Set([...named, ...near])].filter((each) => each !== zone)
  }

  /** As far as it is seen, and as it may get while others look ahead: v·t + a/2·t² along each axis. */
  #reachOf(row: Row, replication: Replication<Row>): Position {
    const { limits, tickMs, world } = this.#options
    const { reach = world.interest?.radius ?? 0 } = replication
    const motion = replication.motion?.(row)
    if (motion === undefined) return { x: reach, y: reach, z: reach }
    const seconds = (limits.replicaLookaheadTicks * tickMs) / 1000
    const { velocity, acceleration } = motion
    const along = (axis: keyof Position) =>
      reach + Math.abs(velocity[axis]) * seconds + (Math.abs(acceleration?.[axis] ?? 0) / 2) * seconds ** 2
    return { x: along('x'), y: along('y'), z: along('z') }
  }
}
