import type { AnyWorld, KindSchema, StateFrame, Zone } from '@terrane/engine'
import { STATE_HEADROOM, schemasForClients, wireTypeOf } from '@terrane/engine'
import { ReplicaModel } from '@terrane/testing'

/** Rows by number of the kind, then by key. */
class Rows {
  readonly #kinds = new Map<number, Map<unknown, readonly unknown[]>>()
  size = 0

  add(kind: number, key: unknown, values: readonly unknown[]): void {
    const rows = this.#kinds.get(kind)
    if (rows === undefined) this.#kinds.set(kind, new Map([[key, values]]))
    else rows.set(key, values)
    this.size++
  }

  get(kind: number, key: unknown): readonly unknown[] | undefined {
    return this.#kinds.get(kind)?.get(key)
  }
}

/** What a zone has published under one ownership: rows of a cell by the cell's version. */
interface Published {
  /** Reads which cells have which versions; what is in them is taken from the zone itself. */
  readonly reader: ReplicaModel
  readonly cells: Map<number, Map<number, Rows>>
  /** In how many publications in a row a copy was found to be stale, by name, and which copy it was. */
  readonly staleFor: Map<string, { readonly sentAt: object; readonly count: number }>
}

/**
 * Clients are told once a tick that a copy has become stale, and ticks and publications follow each other in any order:
 * in so many publications it may not show. By time nothing could be said, for a process that was frozen.
 */
const STALE_UNTOLD = 2
/** Stands for a value that may be either of two. */
const EITHER = Symbol('either')

/** Versions of a cell that are kept: half a minute of publications, longer than any client lags behind. */
const VERSIONS_MAX = 600

/**
 * What the owners of zones have shown, and when: at each publication the rows of the zone itself are noted, so that
 * whatever a client holds can be compared with what the authority had at the client's version, however late it comes.
 */
export class PublishedStates {
  readonly #schemas: readonly KindSchema[]
  /** Kinds that all see, by number, and those that are seen nearby. */
  readonly #everyones: readonly number[]
  readonly #nearby: readonly number[]
  readonly #copied: number
  readonly #types: ConstructorParameters<typeof ReplicaModel>[0]
  readonly #heard: (zone: string, replica: ReplicaModel) => void
  readonly #watched = new WeakSet<Zone>()
  readonly #published = new Map<string, Published>()

  /** @param published called behind each publication, with what a client without any delay has now */
  constructor(world: AnyWorld, published: (zone: string, replica: ReplicaModel) => void) {
    this.#heard = published
    this.#schemas = schemasForClients(world)
    this.#types = this.#schemas.map((schema) => schema.columns.map(wireTypeOf))
    this.#copied = world.schemas.length
    const shownTo = (who: string) =>
      world.schemas.flatMap(({ name }, number) =>
        (world.kinds[name]?.visible?.to ?? 'everyone') === who ? [number] : [],
      )
    this.#everyones = [...shownTo('everyone'), ...world.replicaSchemas.map((_, at) => this.#copied + at)]
    this.#nearby = shownTo('nearby')
  }

  /** To be called before any client looks at the zone. */
  watch(zone: Zone): void {
    if (this.#watched.has(zone)) return
    this.#watched.add(zone)
    const published: Published = { reader: new ReplicaModel(this.#types), cells: new Map(), staleFor: new Map() }
    this.#published.set(nameOf(zone.id, zone.epoch), published)
    const deliver = ({ bytes }: StateFrame) => this.#note(zone, published, bytes.subarray(STATE_HEADROOM))
    zone.subscribe({ ready: () => true, deliver }, 'observer', { mode: 'all' })
  }

  /** What a client holds that the authority had not at that version, in words; undefined when all is as it was. */
  difference(zone: string, client: ReplicaModel): string | undefined {
    const published = this.#published.get(nameOf(zone, client.epoch))
    if (published === undefined) return `nobody has published ${zone} in epoch ${client.epoch}`
    const counts = new Map<number, number>()
    for (const { cell, kind, values } of client.held()) {
      const version = client.versions.get(cell) ?? 0
      const rows = published.cells.get(cell)?.get(version)
      // A player's own rows: the authority's observer does not see them.
      if (rows === undefined && !this.#isSeen(kind)) continue
      if (rows === undefined)
        return `${this.#describe(kind, values)} in ${zone}: cell ${cell} had no version ${version}`
      const own = rows.get(kind, this.#keyOf(kind, values))
      if (own === undefined) return `${this.#describe(kind, values)} in ${zone} was not there at version ${version}`
      const column = own.findIndex((value, at) => !isSame(value, values[at]))
      if (column !== -1) {
        const { name } = (this.#schemas[kind] as KindSchema).columns[column] as { name: string }
        return `${this.#describe(kind, values)} in ${zone} has ${name} ${values[column]} at version ${version}, should have ${own[column]?.toString()}`
      }
      counts.set(cell, (counts.get(cell) ?? 0) + 1)
    }
    for (const [cell, versions] of published.cells) {
      const version = client.versions.get(cell)
      const rows = version === undefined ? undefined : versions.get(version)
      if (rows !== undefined && rows.size !== (counts.get(cell) ?? 0)) {
        return `${counts.get(cell) ?? 0} rows of ${zone} are held at version ${version}, should be ${rows.size}`
      }
    }
    return undefined
  }

  #note(zone: Zone, published: Published, payload: Uint8Array): void {
    const { reader, cells } = published
    const problem = reader.apply(payload)
    if (problem !== undefined) throw new Error(`${zone.id} published what cannot be read: ${problem}`)
    let everyones: Rows | undefined
    const nearby = new Map<number, Rows>()
    const common = new Set<number>()
    for (const { cell, kind, values } of reader.held()) {
      if (!this.#nearby.includes(kind)) common.add(cell)
      else {
        const rows = nearby.get(cell) ?? new Rows()
        rows.add(kind, this.#keyOf(kind, values), this.#valuesOf(zone, kind, values))
        nearby.set(cell, rows)
      }
    }
    for (const [cell, version] of reader.versions) {
      const versions = cells.get(cell) ?? new Map<number, Rows>()
      cells.set(cell, versions)
      if (versions.has(version)) continue
      everyones ??= this.#everyonesRows(zone, published)
      versions.set(version, common.has(cell) ? everyones : (nearby.get(cell) ?? new Rows()))
      if (versions.size > VERSIONS_MAX) versions.delete(versions.keys().next().value as number)
    }
    this.#heard(zone.id, reader)
  }

  #everyonesRows(zone: Zone, published: Published): Rows {
    const rows = new Rows()
    for (const kind of this.#everyones) {
      for (const values of this.#allValues(zone, kind, published)) rows.add(kind, this.#keyOf(kind, values), values)
    }
    return rows
  }

  /** The zone's own values of a row that its observer has read. */
  #valuesOf(zone: Zone, kind: number, read: readonly unknown[]): readonly unknown[] {
    const { name, keyColumn, columns } = this.#schemas[kind] as KindSchema
    const row = zone.tables[name]?.get(read[keyColumn] as string) as Record<string, unknown> | undefined
    return row === undefined ? [] : columns.map((column) => row[column.name])
  }

  *#allValues(zone: Zone, kind: number, { staleFor }: Published): Iterable<readonly unknown[]> {
    const { name, columns } = this.#schemas[kind] as KindSchema
    if (kind < this.#copied) {
      for (const row of zone.tables[name]?.all() ?? []) {
        yield columns.map((column) => (row as Record<string, unknown>)[column.name])
      }
      return
    }
    for (const copy of zone.replicas[name.slice('replicas.'.length)]?.all() ?? []) {
      const row: Record<string, unknown> = { ...copy.row, $zone: copy.zone, $stale: copy.stale }
      const values = columns.map((column) => row[column.name])
      const id = this.#describe(kind, values)
      const before = staleFor.get(id)
      const count = copy.stale ? 1 + (before?.sentAt === copy.sentAt ? before.count : 0) : 0
      staleFor.set(id, { sentAt: copy.sentAt, count })
      const isUntold = copy.stale && count <= STALE_UNTOLD
      yield isUntold ? columns.map((column) => (column.name === '$stale' ? EITHER : row[column.name])) : values
    }
  }

  #isSeen(kind: number): boolean {
    return this.#everyones.includes(kind) || this.#nearby.includes(kind)
  }

  #keyOf(kind: number, values: readonly unknown[]): unknown {
    return values[(this.#schemas[kind] as KindSchema).keyColumn]
  }

  #describe(kind: number, values: readonly unknown[]): string {
    const { name, keyColumn } = this.#schemas[kind] as KindSchema
    return `${name} ${String(values[keyColumn])}`
  }
}

function nameOf(zone: string, epoch: number): string {
  return `${zone} ${epoch}`
}

function isSame(a: unknown, b: unknown): boolean {
  return (
    a === b ||
    a === EITHER ||
    (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b))
  )
}
