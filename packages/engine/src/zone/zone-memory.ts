import type { Clock, Prng } from '@terrane/core'
import { CellMap } from '../interest/cells.js'
import type { Store } from '../ports/store.js'
import type { Entity } from '../state/entity.js'
import { type OpCollector, TransactionRunner } from '../transaction/transaction-runner.js'
import type { AnyWorld } from '../world/define-world.js'
import { Recovery } from './recovery.js'
import { Streams } from './streams.js'

/** World units; used when the world says nothing about interest. */
const DEFAULT_RADIUS = 1000

export interface ZoneMemoryOptions {
  readonly id: string
  readonly world: AnyWorld
  readonly store: Store
  readonly clock: Clock
  readonly random: Prng
}

/** What a zone uses of it while it runs. */
export interface MemoryUser extends OpCollector {
  /** Called for every change of a transaction that is kept. */
  changed(entity: Entity, mask: number, whole: boolean): void
}

/** The state of a zone in memory, and how it gets there: for the zone itself, and for a copy that follows it. */
export class ZoneMemory {
  readonly cells: CellMap
  readonly runner: TransactionRunner
  readonly streams = new Streams()
  readonly recovery: Recovery
  #user: MemoryUser | undefined

  /** @param checkpoint position of the zone's checkpoint, as it was before anything is read */
  constructor({ id, world, store, clock, random }: ZoneMemoryOptions, checkpoint: number) {
    const { radius = DEFAULT_RADIUS, cell = radius / 5 } = world.interest ?? {}
    this.cells = new CellMap(cell)
    this.runner = new TransactionRunner({
      world,
      zone: id,
      clock,
      random,
      cells: this.cells,
      ops: {
        collect: (to, op, args) => this.#used.collect(to, op, args),
        rollback: () => this.#used.rollback(),
        keep: () => this.#used.keep(),
      },
      changed: (entity, mask, whole) => this.#used.changed(entity, mask, whole),
    })
    const tables = [...this.runner.tables, ...this.runner.systemTables]
    this.recovery = new Recovery(id, store, tables, this.streams, checkpoint)
  }

  /** From here on transactions may run. */
  useBy(user: MemoryUser): void {
    this.#user = user
  }

  get #used(): MemoryUser {
    return this.#user as MemoryUser
  }
}
