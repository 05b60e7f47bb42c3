import type { ColumnSchema, KindChanges, KindSchema, LogEntry, StoredMap, StreamPosition } from '@terrane/engine'

type Key = string | number

/** One kind's rows in one zone: values by column, in the order of `columns`, keyed by primary key. */
export interface DiskTable {
  /** SQL names of the columns, as last written. */
  columns: readonly string[]
  readonly rows: Map<Key, unknown[]>
}

/** All that is durable of one zone. */
export interface DiskZone {
  readonly zone: string
  /** 0 until it is registered or claimed. */
  number: number
  /** Batches in order, without gaps. The newest is never trimmed: it is what fences (S2). */
  readonly log: LogEntry[]
  readonly streams: Map<string, StreamPosition>
  /** By the kind's SQL name, with its schema unless that is `public`. */
  readonly tables: Map<string, DiskTable>
  /** Position of the last checkpoint; 0 before the first. */
  checkpoint: number
  /** Greatest epoch handed out; 0 before the first claim. */
  epoch: number
  owner: string | undefined
  leaseUntil: number
}

/**
 * What survives a simulated crash. Several `MemoryStore`s (processes) may share one disk: every change
 * to it is synchronous, hence atomic, and values are copied on their way in and out, so that no process
 * sees another's objects.
 */
export class MemoryDisk {
  readonly zones = new Map<string, DiskZone>()
  /** The newest zone map. */
  map: StoredMap = { version: 0, ranges: [] }
  #lastNumber = 0

  zone(name: string): DiskZone {
    let zone = this.zones.get(name)
    if (zone === undefined) {
      zone = {
        zone: name,
        number: 0,
        log: [],
        streams: new Map(),
        tables: new Map(),
        checkpoint: 0,
        epoch: 0,
        owner: undefined,
        leaseUntil: 0,
      }
      this.zones.set(name, zone)
    }
    return zone
  }

  /** The disk as it is now, as a crash would leave it. */
  copy(): MemoryDisk {
    const copy = new MemoryDisk()
    copy.#lastNumber = this.#lastNumber
    copy.map = this.map
    for (const [name, zone] of this.zones) copy.zones.set(name, structuredClone(zone))
    return copy
  }

  /** The zone with a number. */
  numbered(name: string): DiskZone {
    const zone = this.zone(name)
    if (zone.number === 0) zone.number = ++this.#lastNumber
    return zone
  }

  /** The newest position in a zone's log; 0 when nothing was ever appended. */
  headSeq(zone: string): number {
    return this.zones.get(zone)?.log.at(-1)?.seq ?? 0
  }

  /** Inserts, overwrites and deletes rows of one kind. */
  applyChanges(zone: string, changes: KindChanges): void {
    const { kind, columns, deleted } = changes
    const table = this.#table(zone, kind)
    for (const key of deleted) table.rows.delete(key)
    const keys = columns[kind.keyColumn] as readonly Key[] | undefined
    for (let r = 0; r < (keys?.length ?? 0); r++) {
      const row = kind.columns.map((column, c) => copyValue(column, columns[c]?.[r]))
      table.rows.set(row[kind.keyColumn] as Key, row)
    }
  }

  /** Keys of all rows of a kind; undefined when the zone has never had any. */
  keysOf(zone: string, kind: KindSchema): Key[] | undefined {
    if (!this.zones.get(zone)?.tables.has(tableName(kind))) return undefined
    return [...this.#table(zone, kind).rows.keys()]
  }

  /** Copies those rows of the keys that are there, column-wise. */
  readRows(zone: string, kind: KindSchema, keys: readonly Key[]): KindChanges {
    const columns: unknown[][] = kind.columns.map(() => [])
    const { rows } = this.#table(zone, kind)
    for (const key of keys) {
      const row = rows.get(key)
      if (row === undefined) continue
      for (let c = 0; c < columns.length; c++) columns[c]?.push(copyValue(kind.columns[c] as ColumnSchema, row[c]))
    }
    return { kind, columns, deleted: [] }
  }

  /** A kind's table; when its columns have changed since the last write, rows are brought to the new shape. */
  #table(zoneName: string, kind: KindSchema): DiskTable {
    const zone = this.zone(zoneName)
    const names = kind.columns.map((column) => column.sqlName)
    let table = zone.tables.get(tableName(kind))
    if (table === undefined) {
      table = { columns: names, rows: new Map() }
      zone.tables.set(tableName(kind), table)
    } else if (table.columns.join() !== names.join()) {
      const from = names.map((name) => table?.columns.indexOf(name) ?? -1)
      for (const [key, row] of table.rows) {
        table.rows.set(
          key,
          from.map((index) => (index === -1 ? null : row[index])),
        )
      }
      table.columns = names
    }
    return table
  }
}

function tableName({ sqlName, sqlSchema }: KindSchema): string {
  return sqlSchema === undefined ? sqlName : `${sqlSchema}.${sqlName}`
}

/** What SQL would give back for a value: no shared objects, no undefined. */
function copyValue(column: ColumnSchema, value: unknown): unknown {
  if (value === undefined || value === null) return null
  if (column.type === 'json') return JSON.parse(JSON.stringify(value) ?? 'null')
  if (column.type === 'date') return new Date((value as Date).getTime())
  if (column.type === 'bytes') return (value as Uint8Array).slice()
  return value
}
