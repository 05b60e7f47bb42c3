import { assert } from '@terrane/core'
import { pack, popCount, unpack } from '@terrane/protocol'
import type { Entity } from '../state/entity.js'
import type { KindTable } from '../state/kind-table.js'

/**
 * What one batch of the commit log holds. It is physical: the values that rows have after the batch,
 * so that another version of the world code can still recover it, and applying it twice is harmless.
 * A payload is self-describing: it names its kinds and columns.
 *
 *   [format, at, kinds, streams]
 *   kinds:   [name, columns, flat] per kind that changed; flat is a run of
 *              key, mask, …values   columns in `mask`, lowest bit first
 *              key, WHOLE, …values  a full row, inserted or overwritten
 *              key, DELETED
 *   streams: flat [stream, lastInput, …]
 */
export interface Batch {
  /** When it was sealed, ms since the epoch. */
  readonly at: number
  readonly kinds: readonly BatchKind[]
  readonly streams: readonly (string | number)[]
}

export interface BatchKind {
  readonly name: string
  readonly columns: readonly string[]
  readonly flat: readonly unknown[]
}

const FORMAT = 1
const WHOLE = -1
const DELETED = 0

/** Encodes the changes that `entities` have marked, and unmarks them. */
export function encodeBatch(
  at: number,
  entities: readonly Entity[],
  streams: readonly (string | number)[],
): Uint8Array {
  const byTable = new Map<KindTable, unknown[]>()
  let lastTable: KindTable | undefined
  let flat: unknown[] = []
  for (const entity of entities) {
    const table = entity.table
    if (table !== lastTable) {
      const known = byTable.get(table)
      flat = known ?? []
      if (known === undefined) byTable.set(table, flat)
      lastTable = table
    }
    appendChange(flat, entity)
  }
  const kinds = Array.from(byTable, ([table, changes]) => [table.schema.name, table.names, changes])
  return pack([FORMAT, at, kinds, streams])
}

function appendChange(flat: unknown[], entity: Entity): void {
  const { table, row } = entity
  const names = table.names
  if (!entity.alive) flat.push(entity.key, DELETED)
  else if (entity.logWhole || table.schema.persist === 'commit') {
    flat.push(entity.key, WHOLE)
    for (const name of names) flat.push(row[name])
  } else {
    let bits = entity.logMask
    flat.push(entity.key, bits)
    while (bits !== 0) {
      const low = bits & -bits
      flat.push(row[names[31 - Math.clz32(low)] as string])
      bits ^= low
    }
  }
  entity.logMask = 0
  entity.logWhole = false
  entity.logQueued = false
}

/** Throws an AssertionError when the payload is not one of ours. */
export function decodeBatch(payload: Uint8Array): Batch {
  const value = unpack(payload) as [number, number, [string, string[], unknown[]][], (string | number)[]]
  assert(Array.isArray(value) && value[0] === FORMAT, `the log holds a batch of the unknown format ${value?.[0]}`)
  const [, at, kinds, streams] = value
  return { at, kinds: kinds.map(([name, columns, flat]) => ({ name, columns, flat })), streams }
}

export interface BatchVisitor {
  whole(key: string | number, values: readonly unknown[]): void
  changed(key: string | number, mask: number, values: readonly unknown[]): void
  deleted(key: string | number): void
}

/** Walks the changes of one kind in order. */
export function visitChanges(kind: BatchKind, visitor: BatchVisitor): void {
  const { flat, columns } = kind
  let at = 0
  while (at < flat.length) {
    const key = flat[at++] as string | number
    const mask = flat[at++] as number
    if (mask === DELETED) visitor.deleted(key)
    else {
      const count = mask === WHOLE ? columns.length : popCount(mask)
      const values = flat.slice(at, at + count)
      at += count
      if (mask === WHOLE) visitor.whole(key, values)
      else visitor.changed(key, mask, values)
    }
  }
}
