import { assert } from '@terrane/core'
import { CELL_HALF, cellId, type StateEntry } from '@terrane/protocol'
import type { Entity } from '../state/entity.js'
import type { CastGroup } from './cast-group.js'
import type { InterestSubscription } from './subscription.js'

/** Rooms, owners and `everyone` have cells of their own, numbered from here on, beyond the grid. */
const NAMED_FROM = cellId(0, CELL_HALF)

/**
 * A cell is the unit of publication: what happens in it is encoded once for all who see it. Kinds that
 * are visible `nearby` share one grid; rooms, owners and `everyone` have a cell each.
 */
export class Cell {
  readonly id: number
  /** One of the grid's. */
  readonly isGrid: boolean
  /** A player's own: seen by nobody else. */
  readonly isPrivate: boolean
  readonly members: Entity[] = []
  /** Subscriptions that see it one by one (observers of the whole zone are counted by the publisher). */
  watchers = 0
  /** Of a named cell: who they are. */
  readonly viewers = new Set<InterestSubscription>()
  /** Those of the viewers who see nothing else and have all of it; they are not among `viewers` meanwhile. */
  group: CastGroup<InterestSubscription> | undefined
  /** Of a room: the earliest moment of its next publication, ms since the epoch. */
  nextAt = 0
  /** Publication in which it last changed; 0 when it never did. */
  version = 0
  /** Last publications, oldest first: what a client that comes back may have missed. `forget` and a limit bound it. */
  readonly history: CellChange[] = []

  /** Entries gathered for the coming publication; undefined when nothing happened. */
  pending: StateEntry[] | undefined = undefined
  /** This publication's delta block, when there is one. */
  block: Uint8Array | undefined = undefined
  blockVersion = -1
  /** The whole cell as of `snapshotVersion`. */
  snapshot: Uint8Array | undefined = undefined
  snapshotVersion = -1

  constructor(id: number, isPrivate = false) {
    this.id = id
    this.isGrid = id < NAMED_FROM
    this.isPrivate = isPrivate
  }

  add(entity: Entity): void {
    entity.cell = this
    entity.slot = this.members.length
    this.members.push(entity)
  }

  remove(entity: Entity): void {
    const last = this.members.pop()
    assert(last !== undefined && entity.cell === this, 'a cell lacks an entity that it should hold')
    if (last !== entity) {
      this.members[entity.slot] = last
      last.slot = entity.slot
    }
    entity.cell = undefined
  }

  /** Lets go of changes up to this publication, and of what was encoded and is out of date. */
  forget(upTo: number): void {
    const kept = this.history.findIndex(({ version }) => version > upTo)
    this.history.splice(0, kept === -1 ? this.history.length : kept)
    this.block = undefined
    if (this.snapshotVersion !== this.version) this.snapshot = undefined
  }
}

export interface CellChange {
  readonly version: number
  readonly previous: number
  readonly block: Uint8Array
}

/** Marks an entity that clients do not know yet. */
export const NOWHERE = new Cell(-1)

/** All cells of a zone. */
export class CellMap {
  readonly edge: number
  readonly #grid = new Map<number, Cell>()
  readonly #named = new Map<string, Cell>()
  #nextNamed = NAMED_FROM

  /** @param edge length of a grid cell in world units */
  constructor(edge: number) {
    this.edge = edge
  }

  /** Column or row of a coordinate; positions beyond the grid fall in its outermost cells. */
  lane(coordinate: number): number {
    return Math.max(-CELL_HALF, Math.min(CELL_HALF - 1, Math.floor(coordinate / this.edge)))
  }

  at(x: number, y: number): Cell {
    return this.ensure(cellId(this.lane(x), this.lane(y)))
  }

  /** The grid cell of this id, made when it is missing. */
  ensure(id: number): Cell {
    let cell = this.#grid.get(id)
    if (cell === undefined) {
      cell = new Cell(id)
      this.#grid.set(id, cell)
    }
    return cell
  }

  named(name: string): Cell {
    let cell = this.#named.get(name)
    if (cell === undefined) {
      cell = new Cell(this.#nextNamed++, name.startsWith('owner:'))
      this.#named.set(name, cell)
    }
    return cell
  }

  *all(): IterableIterator<Cell> {
    yield* this.#grid.values()
    yield* this.#named.values()
  }

  /** Forgets grid cells that hold nothing and that nobody watches. */
  sweep(): void {
    for (const [id, cell] of this.#grid) {
      if (cell.members.length === 0 && cell.watchers === 0) this.#grid.delete(id)
    }
    for (const [name, cell] of this.#named) {
      if (cell.members.length === 0 && cell.watchers === 0) this.#named.delete(name)
    }
  }

  /** All entities of the cells that a circle's bounding box touches: a superset of those within the circle. */
  around(x: number, y: number, radius: number): Entity[] {
    const bottom = this.lane(y - radius)
    const top = this.lane(y + radius)
    const left = this.lane(x - radius)
    const right = this.lane(x + radius)
    const found: Entity[] = []
    for (let row = bottom; row <= top; row++) {
      for (let column = left; column <= right; column++) {
        const cell = this.#grid.get(cellId(column, row))
        for (const member of cell?.members ?? []) found.push(member)
      }
    }
    return found
  }
}
