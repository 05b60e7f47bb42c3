import { assert } from '@terrane/core'
import { type Cell, type CellMap, NOWHERE } from '../interest/cells.js'
import type { AnyKind, IndexDefinition, Key, Visibility, WriteTable } from '../world/define-world.js'
import type { KindSchema } from '../world/kind-schema.js'
import type { ZoneAuthority } from '../zones/zone-authority.js'
import type { Placement } from '../zones/zone-layout.js'
import { type ColumnCheck, columnCheck } from './column-check.js'
import { Entity, type Row } from './entity.js'
import { rejection } from './rejection.js'
import { SecondaryIndex } from './secondary-index.js'
import type { UndoLog } from './undo-log.js'

/** What the tables of one zone share. */
export interface TableContext {
  readonly cells: CellMap
  readonly undo: UndoLog
  /** True while a transaction runs: the only time in which rows may change. */
  writable: boolean
  /** True while clients watch the zone, so that moves must be remembered for them. */
  published: boolean
  nextEntityId: number
  /** Set before the first transaction. */
  authority: ZoneAuthority | undefined
}

/** The rows of one kind in one zone, with their indexes and cells. */
export class KindTable implements WriteTable<AnyKind> {
  readonly schema: KindSchema
  /** Index of this kind in the world, as clients know it. */
  readonly number: number
  readonly keyName: string
  readonly names: readonly string[]
  /** Mask with the bit of every column. */
  readonly allColumns: number
  readonly by: Readonly<Record<string, SecondaryIndex>>
  /** Its entities are seen in rooms. */
  readonly inRooms: boolean
  /** Some client may see its entities. */
  readonly isPublic: boolean

  readonly #context: TableContext
  readonly #rows = new Map<Key, Entity>()
  readonly #indexes: readonly SecondaryIndex[]
  readonly #visible: Visibility<Row>
  readonly #columnOf: ReadonlyMap<string, number>
  readonly #checks: readonly ColumnCheck[]
  readonly #defaults: readonly unknown[]
  readonly #reals: readonly boolean[]
  readonly #newRow: (values: readonly unknown[]) => Row
  readonly #indexMask: number
  readonly #cellMask: number
  readonly #everyone: Cell | undefined
  /** What decides in which zone a row is. */
  readonly placed: Placement<Row> | undefined
  readonly #mayStray: boolean
  readonly #placeMask: number

  /**
   * @param mayStray its rows are handed over by their place: until they have left they are written where they are, also
   * beyond the border
   */
  constructor(schema: KindSchema, definition: AnyKind, number: number, context: TableContext, mayStray = false) {
    this.schema = schema
    this.number = number
    this.#context = context
    this.names = schema.columns.map((column) => column.name)
    this.keyName = this.names[schema.keyColumn] as string
    this.allColumns = 2 ** this.names.length - 1
    this.#columnOf = new Map(this.names.map((name, index) => [name, index]))
    this.#checks = schema.columns.map(columnCheck)
    this.#defaults = schema.columns.map((column) => column.defaultValue ?? null)
    this.#reals = schema.columns.map((column) => column.sqlType === 'real')
    this.#newRow = rowFactory(this.names)

    const indexes = Object.entries((definition.indexes ?? {}) as Record<string, IndexDefinition<Row>>)
    this.#indexes = indexes.map(([name, index]) => new SecondaryIndex(name, index, this.keyName))
    this.by = Object.fromEntries(this.#indexes.map((index) => [index.name, index]))
    this.#indexMask = this.#maskOf(this.#indexes.flatMap((index) => index.columns))

    this.#visible = (definition.visible ?? { to: 'everyone' }) as Visibility<Row>
    this.inRooms = this.#visible.to === 'room'
    this.isPublic = this.#visible.to !== 'nobody'
    this.#everyone = this.#visible.to === 'everyone' ? context.cells.named('everyone') : undefined
    this.#cellMask = this.#maskOf(
      this.#visible.to === 'nearby'
        ? [this.#visible.x, this.#visible.y]
        : this.#visible.to === 'owner' || this.#visible.to === 'room'
          ? [this.#visible.column]
          : [],
    )
    this.placed = definition.placed as Placement<Row> | undefined
    this.#mayStray = mayStray
    this.#placeMask = this.#maskOf(placeColumns(this.placed))
  }

  get count(): number {
    return this.#rows.size
  }

  get(key: Key): Readonly<Row> | undefined {
    return this.#rows.get(key)?.row
  }

  must(key: Key): Readonly<Row> {
    return this.#must(key).row
  }

  has(key: Key): boolean {
    return this.#rows.has(key)
  }

  *all(): IterableIterator<Readonly<Row>> {
    for (const entity of this.#rows.values()) yield entity.row
  }

  near(x: number, y: number, radius: number): Readonly<Row>[] {
    const visible = this.#visible
    assert(visible.to === 'nearby', `kind ${this.schema.name} has no positions: declare it visible nearby`)
    const rows: Row[] = []
    for (const entity of this.#context.cells.around(x, y, radius)) {
      if (entity.table !== this) continue
      const dx = (entity.row[visible.x] as number) - x
      const dy = (entity.row[visible.y] as number) - y
      if (dx * dx + dy * dy <= radius * radius) rows.push(entity.row)
    }
    return rows
  }

  insert(input: Row): Readonly<Row> {
    return this.#insert(input, true)
  }

  /** Adds a row that comes from another zone with the authority for it. */
  admit(row: Readonly<Row>): void {
    this.#insert(row, false)
  }

  #insert(input: Readonly<Row>, isOurs: boolean): Readonly<Row> {
    this.#requireWritable()
    const values: unknown[] = new Array(this.names.length)
    for (const name in input) {
      if (!this.#columnOf.has(name)) throw rejection('invalid_args', `${this.schema.name} has no column "${name}"`)
    }
    for (let i = 0; i < values.length; i++) {
      const given = input[this.names[i] as string]
      const value = given === undefined ? this.#defaults[i] : given
      values[i] = this.#checked(i, value)
    }
    const key = values[this.schema.keyColumn] as Key
    if (this.#rows.has(key)) throw rejection('duplicate', `${this.schema.name} ${key} exists already`)
    const entity = new Entity(this, this.#newRow(values), this.#context.nextEntityId++)
    this.#requireUnique(entity.row, undefined, this.#indexMask)
    if (isOurs) this.#requireAuthority(entity.row)
    this.link(entity)
    if (this.#context.published) entity.shown = NOWHERE
    this.#context.undo.inserted(entity)
    return entity.row
  }

  update(key: Key, given: Row): Readonly<Row> {
    this.#requireWritable()
    const entity = this.#must(key)
    const row = entity.row
    let patch = given
    let mask = 0
    for (const name in patch) {
      const value = patch[name]
      if (value === undefined || row[name] === value) continue
      const column = this.#columnOf.get(name)
      if (column === undefined) throw rejection('invalid_args', `${this.schema.name} has no column "${name}"`)
      if (column === this.schema.keyColumn)
        throw rejection('invalid_args', `the key of ${this.schema.name} cannot change`)
      const kept = this.#checked(column, value)
      if (kept !== value) patch = { ...patch, [name]: kept }
      mask |= 1 << column
    }
    if (mask === 0) return row
    if ((mask & this.#indexMask) !== 0) this.#requireUnique(Object.assign({ ...row }, patch), entity, mask)
    if ((mask & this.#placeMask) !== 0) this.#requireAuthority(Object.assign({ ...row }, patch))
    this.#context.undo.updated(entity, mask)
    this.#assign(entity, mask, patch)
    return row
  }

  delete(key: Key): boolean {
    this.#requireWritable()
    const entity = this.#rows.get(key)
    if (entity === undefined) return false
    this.#context.undo.deleted(entity)
    this.unlink(entity)
    return true
  }

  /** Puts a row in place as recovery found it: no checks, no undo. */
  restore(values: readonly unknown[]): Entity {
    for (const value of values) if (typeof value === 'object') deepFreeze(value)
    const entity = new Entity(this, this.#newRow(values), this.#context.nextEntityId++)
    entity.stored = true
    this.#rows.set(entity.key, entity)
    return entity
  }

  /** Enters a row that recovery has restored in its indexes and its cell. */
  fasten(entity: Entity): void {
    this.#linkDerived(entity)
  }

  /** Takes it out of them, before recovery changes it. */
  loosen(entity: Entity): void {
    for (const index of this.#indexes) index.remove(entity)
    this.#leaveCell(entity)
  }

  entity(key: Key): Entity | undefined {
    return this.#rows.get(key)
  }

  entities(): IterableIterator<Entity> {
    return this.#rows.values()
  }

  /** Stands for a row that is gone, so that a checkpoint deletes it. */
  tombstone(key: Key): Entity {
    const entity = new Entity(this, this.#newRow(this.names.map((name) => (name === this.keyName ? key : null))), 0)
    entity.alive = false
    entity.stored = true
    return entity
  }

  /** Removes a row during recovery, before `relink`. */
  forget(key: Key): void {
    this.#rows.delete(key)
  }

  /** Enters an entity in the table, its indexes and its cell. */
  link(entity: Entity): void {
    this.#rows.set(entity.key, entity)
    entity.alive = true
    this.#linkDerived(entity)
  }

  unlink(entity: Entity): void {
    for (const index of this.#indexes) index.remove(entity)
    this.#rows.delete(entity.key)
    this.#leaveCell(entity)
    entity.alive = false
  }

  /** Sets the columns in `mask` back to `old`, which holds them from the lowest bit on. */
  revert(entity: Entity, mask: number, old: readonly unknown[]): void {
    const patch: Row = {}
    let at = 0
    for (let column = 0; column < this.names.length; column++) {
      if ((mask & (1 << column)) !== 0) patch[this.names[column] as string] = old[at++]
    }
    this.#assign(entity, mask, patch)
  }

  #assign(entity: Entity, mask: number, patch: Row): void {
    const reindex = (mask & this.#indexMask) !== 0
    if (reindex) this.#eachIndexOf(mask, (index) => index.remove(entity))
    const row = entity.row
    let bits = mask
    while (bits !== 0) {
      const column = 31 - Math.clz32(bits)
      bits &= ~(1 << column)
      const name = this.names[column] as string
      row[name] = patch[name]
    }
    if (reindex) this.#eachIndexOf(mask, (index) => index.add(entity))
    if ((mask & this.#cellMask) !== 0) this.#moveCell(entity)
  }

  #eachIndexOf(mask: number, visit: (index: SecondaryIndex) => void): void {
    for (const index of this.#indexes) if ((this.#maskOf(index.columns) & mask) !== 0) visit(index)
  }

  #linkDerived(entity: Entity): void {
    for (const index of this.#indexes) index.add(entity)
    this.#cellFor(entity.row)?.add(entity)
  }

  #leaveCell(entity: Entity): void {
    const cell = entity.cell
    if (cell === undefined) return
    if (this.#context.published && entity.shown === undefined) entity.shown = cell
    cell.remove(entity)
  }

  #moveCell(entity: Entity): void {
    const to = this.#cellFor(entity.row)
    if (to === entity.cell) return
    this.#leaveCell(entity)
    to?.add(entity)
  }

  #cellFor(row: Row): Cell | undefined {
    const visible = this.#visible
    switch (visible.to) {
      case 'everyone':
        return this.#everyone
      case 'nearby':
        return this.#context.cells.at(row[visible.x] as number, row[visible.y] as number)
      case 'owner':
        return this.#context.cells.named(`owner:${row[visible.column]}`)
      case 'room':
        return this.#context.cells.named(`room:${row[visible.column]}`)
      case 'nobody':
        return undefined
    }
  }

  #requireUnique(row: Row, self: Entity | undefined, mask: number): void {
    for (const index of this.#indexes) {
      if (!index.unique || (this.#maskOf(index.columns) & mask) === 0) continue
      const holder = index.holderOf(row)
      if (holder !== undefined && holder !== self) {
        const values = index.columns.map((column) => `${column} ${String(row[column])}`).join(', ')
        throw rejection('duplicate', `${this.schema.name} with ${values} exists already`)
      }
    }
  }

  #requireAuthority(row: Row): void {
    if (this.placed !== undefined && !this.#mayStray)
      this.#context.authority?.require(this.schema.name, this.placed, row)
  }

  #checked(column: number, value: unknown): unknown {
    const problem = (this.#checks[column] as ColumnCheck)(value)
    if (problem !== undefined) {
      throw rejection('invalid_args', `${this.schema.name}.${this.names[column]} ${problem}`)
    }
    // A JSON value changed in place would change memory and not the log.
    if (typeof value === 'object') return deepFreeze(value)
    // SQL keeps 32 bits of a `real`, so memory does, too.
    return typeof value === 'number' && this.#reals[column] === true ? Math.fround(value) : value
  }

  #must(key: Key): Entity {
    const entity = this.#rows.get(key)
    if (entity === undefined) throw rejection('not_found', `no ${this.schema.name} ${key}`)
    return entity
  }

  #requireWritable(): void {
    assert(this.#context.writable, `${this.schema.name} was written outside a transaction: handlers are synchronous`)
  }

  #maskOf(columns: readonly string[]): number {
    return columns.reduce((mask, name) => mask | (1 << (this.#columnOf.get(name) as number)), 0)
  }
}

/** A constructor per kind, so that its rows share one hidden class with their columns in the object itself. */
function rowFactory(names: readonly string[]): (values: readonly unknown[]) => Row {
  class KindRow {
    [column: string]: unknown
    constructor(values: readonly unknown[]) {
      for (let i = 0; i < names.length; i++) this[names[i] as string] = values[i]
    }
  }
  return (values) => new KindRow(values)
}

function placeColumns(placed: Placement<Row> | undefined): readonly string[] {
  if (placed === undefined) return []
  return placed.by === 'player' ? [placed.column] : [placed.x, placed.y, placed.z]
}

function deepFreeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  if (value instanceof Date || ArrayBuffer.isView(value)) return value
  for (const part of Object.values(value)) deepFreeze(part)
  return Object.freeze(value)
}
