import { assert } from '@terrane/core'
import sortedBtree from 'sorted-btree'
import type { Index, IndexDefinition, RangeOptions } from '../world/define-world.js'
import type { Entity, Row } from './entity.js'

// A CommonJS module that calls itself an ES module: Node's default import is the exports object, other
// loaders' is the class.
const BTree = sortedBtree.default ?? (sortedBtree as unknown as typeof sortedBtree.default)

type Value = string | number | boolean | null

/** An index over one or more columns of a kind: by hash for equality, and sorted when `ordered`. */
export class SecondaryIndex implements Index<Row> {
  readonly name: string
  readonly columns: readonly string[]
  readonly unique: boolean
  /** A lone entity is kept bare: most buckets of most indexes hold one. */
  readonly #buckets = new Map<Value, Entity | Set<Entity>>()
  readonly #sorted: InstanceType<typeof BTree<Value[], Entity>> | undefined
  readonly #keyName: string

  constructor(name: string, definition: IndexDefinition<Row>, keyName: string) {
    this.name = name
    this.columns = definition.on
    this.unique = definition.unique ?? false
    this.#keyName = keyName
    this.#sorted = definition.ordered ? new BTree<Value[], Entity>(undefined, compareTuples) : undefined
  }

  /** The entity that already has the values which `row` would have; for unique indexes. */
  holderOf(row: Row): Entity | undefined {
    const held = this.#buckets.get(this.#hash(row))
    return held instanceof Set ? held.values().next().value : held
  }

  add(entity: Entity): void {
    const hash = this.#hash(entity.row)
    const held = this.#buckets.get(hash)
    if (held === undefined) this.#buckets.set(hash, entity)
    else if (held instanceof Set) held.add(entity)
    else this.#buckets.set(hash, new Set([held, entity]))
    this.#sorted?.set(this.#tuple(entity.row), entity)
  }

  remove(entity: Entity): void {
    const hash = this.#hash(entity.row)
    const held = this.#buckets.get(hash)
    if (held === entity) this.#buckets.delete(hash)
    else {
      assert(held instanceof Set && held.delete(entity), `index ${this.name} lacks a row that it should hold`)
      if (held.size === 0) this.#buckets.delete(hash)
    }
    this.#sorted?.delete(this.#tuple(entity.row))
  }

  get(...values: unknown[]): Readonly<Row> | undefined {
    const held = this.#buckets.get(hashOf(values as Value[]))
    return (held instanceof Set ? held.values().next().value : held)?.row
  }

  list(...values: unknown[]): Readonly<Row>[] {
    const held = this.#buckets.get(hashOf(values as Value[]))
    if (held === undefined) return []
    return held instanceof Set ? Array.from(held, (entity) => entity.row) : [held.row]
  }

  count(...values: unknown[]): number {
    const held = this.#buckets.get(hashOf(values as Value[]))
    return held === undefined ? 0 : held instanceof Set ? held.size : 1
  }

  /** Collected at once, so that the caller may change rows while it walks them. */
  range(options: RangeOptions = {}): Readonly<Row>[] {
    assert(this.#sorted !== undefined, `index ${this.name} is not ordered: declare it with { ordered: true }`)
    const { from, to, reverse = false, limit = Number.POSITIVE_INFINITY } = options
    const low = from as Value[] | undefined
    const high = to as Value[] | undefined
    const rows: Row[] = []
    // A bound is a prefix of the tuple; behind it stands everything, so an upper prefix is padded upwards.
    const entries = reverse
      ? this.#sorted.entriesReversed(high && [...high, HIGHEST as unknown as Value])
      : this.#sorted.entries(low)
    for (const [tuple, entity] of entries) {
      if (!reverse && high !== undefined && comparePrefix(tuple, high) > 0) break
      if (reverse && low !== undefined && comparePrefix(tuple, low) < 0) break
      if (rows.length >= limit) break
      rows.push(entity.row)
    }
    return rows
  }

  #hash(row: Row): Value {
    if (this.columns.length === 1) return row[this.columns[0] as string] as Value
    return hashOf(this.columns.map((column) => row[column] as Value))
  }

  #tuple(row: Row): Value[] {
    const tuple = this.columns.map((column) => row[column] as Value)
    tuple.push(row[this.#keyName] as Value)
    return tuple
  }
}

/** Text in rows never holds NUL, so joining by it is unambiguous. */
function hashOf(values: readonly Value[]): Value {
  if (values.length === 1) return values[0] as Value
  return values.map((value) => (value === null ? '\0\0' : String(value))).join('\0')
}

/** Sorts above every value. */
const HIGHEST = Symbol('highest')

function compareValues(a: Value | typeof HIGHEST, b: Value | typeof HIGHEST): number {
  if (a === b) return 0
  if (a === HIGHEST) return 1
  if (b === HIGHEST) return -1
  if (a === null) return -1
  if (b === null) return 1
  return a < b ? -1 : 1
}

function compareTuples(a: readonly Value[], b: readonly Value[]): number {
  return comparePrefix(a, b) || a.length - b.length
}

function comparePrefix(a: readonly Value[], b: readonly Value[]): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const order = compareValues(a[i] as Value, b[i] as Value)
    if (order !== 0) return order
  }
  return 0
}
