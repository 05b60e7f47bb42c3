import { assert, type Clock, type Prng } from '@terrane/core'
import { giveAway } from '../handover/handover-op.js'
import type { CellMap } from '../interest/cells.js'
import { SYSTEM_KIND, SYSTEM_KINDS } from '../ops/system-kinds.js'
import { ReplicaStore } from '../replicas/replica-store.js'
import type { Entity } from '../state/entity.js'
import { KindTable, type TableContext } from '../state/kind-table.js'
import { Rejection, rejection } from '../state/rejection.js'
import { UndoLog } from '../state/undo-log.js'
import type { AnyKind, AnyWorld, Key } from '../world/define-world.js'
import type { KindSchema } from '../world/kind-schema.js'
import type { ZoneAddress } from '../zones/zone-address.js'
import { authorityOf } from '../zones/zone-layout.js'

/** What a transaction sends to other zones. */
export interface OpCollector {
  /** Throws a rejection when it cannot be sent. */
  collect(to: ZoneAddress, op: string, args: unknown): void
  /** The transaction was rolled back, or kept: what it collected goes, or stays. */
  rollback(): void
  keep(): void
}

export type Outcome =
  | { readonly kept: true; readonly result: unknown }
  | { readonly kept: false; readonly rejection: Rejection }
  | { readonly kept: false; readonly failure: unknown }

/**
 * Runs world code against the tables of one zone, synchronously, all or nothing. There is one
 * transaction at a time, so the object that handlers get is made once and reused.
 */
export class TransactionRunner {
  readonly tables: readonly KindTable[]
  readonly tablesByName: Readonly<Record<string, KindTable>>
  /** The engine's own tables, which no world code sees. */
  readonly systemTables: readonly KindTable[]
  /** Copies of rows that other zones own. */
  readonly replicas: ReplicaStore
  readonly context: TableContext
  readonly #tx: Record<string, unknown> & { now: number; player: string; from: string }
  readonly #clock: Clock
  readonly #ops: OpCollector
  readonly #changed: (entity: Entity, mask: number, whole: boolean) => void

  constructor(options: {
    readonly world: AnyWorld
    readonly zone: string
    readonly clock: Clock
    readonly random: Prng
    readonly cells: CellMap
    readonly ops: OpCollector
    /** Called for every change of a transaction that is kept. */
    readonly changed: (entity: Entity, mask: number, whole: boolean) => void
  }) {
    const { world, zone, clock, random, cells } = options
    this.#clock = clock
    this.#ops = options.ops
    this.#changed = options.changed
    this.context = {
      cells,
      undo: new UndoLog(),
      writable: false,
      published: false,
      nextEntityId: 1,
      authority: undefined,
    }
    const moves = ({ name }: KindSchema) => world.handovers !== undefined && name in world.handovers
    this.tables = world.schemas.map(
      (schema, number) =>
        new KindTable(schema, world.kinds[schema.name] as AnyKind, number, this.context, moves(schema)),
    )
    this.replicas = new ReplicaStore(world, this.context)
    this.systemTables = SYSTEM_KINDS.map((schema) => new KindTable(schema, SYSTEM_KIND, NO_NUMBER, this.context))
    this.tablesByName = Object.fromEntries(this.tables.map((table) => [table.schema.name, table]))
    this.#tx = {
      ...this.tablesByName,
      now: 0,
      player: '',
      from: '',
      zone,
      authority: authorityOf(world.layout, zone),
      zoneOf: (address: ZoneAddress) => {
        assert(this.context.authority !== undefined, 'the zone does not run yet')
        return this.context.authority.zoneOf(address)
      },
      replicas: this.replicas.readers,
      random: () => random.float(),
      randomInt: (low: number, high: number) => random.between(low, high),
      newId: () => random.id(),
      reject: (code: string, message: string) => {
        throw rejection(code, message)
      },
      send: (to: ZoneAddress, op: string, args: unknown) => {
        assert(this.context.writable, 'an op was sent outside a transaction: handlers are synchronous')
        if (op.startsWith(ENGINE_PREFIX)) throw rejection('unknown_op', `the op "${op}" is the engine's`)
        this.#ops.collect(to, op, args)
      },
      handOver: (kind: string, key: Key, to: string) => {
        assert(this.context.writable, 'a row was handed over outside a transaction: handlers are synchronous')
        const decision = { kind, key, to, generation: 1 }
        giveAway(world, this.#tx, decision, (zone, op, args) => this.#ops.collect(zone, op, args))
      },
    }
  }

  /** Runs `work` for a player, or for nobody (`''`). Never throws what world code throws. */
  run(player: string, work: (tx: never) => unknown, from = ''): Outcome {
    const { context } = this
    assert(!context.writable, 'a transaction was started within another')
    this.#tx.now = Math.floor(this.#clock.now())
    this.#tx.player = player
    this.#tx.from = from
    context.writable = true
    let result: unknown
    try {
      result = work(this.#tx as never)
      if (typeof (result as { then?: unknown } | undefined)?.then === 'function') {
        throw new TypeError('a handler returned a promise: transactions are synchronous')
      }
    } catch (thrown) {
      context.undo.rollback()
      this.#ops.rollback()
      if (thrown instanceof Rejection) return { kept: false, rejection: thrown }
      return { kept: false, failure: thrown }
    } finally {
      context.writable = false
    }
    context.undo.keep(this.#changed)
    this.#ops.keep()
    return { kept: true, result }
  }

  /** The engine's own changes to its own tables: they do not fail. */
  write(work: () => void): void {
    const { context } = this
    assert(!context.writable, 'the engine wrote within a transaction')
    context.writable = true
    try {
      work()
    } finally {
      context.writable = false
    }
    context.undo.keep(this.#changed)
  }

  systemTable(schema: KindSchema): KindTable {
    const table = this.systemTables.find((each) => each.schema === schema)
    assert(table !== undefined, `there is no table for ${schema.name}`)
    return table
  }
}

/** What the engine's own ops and kinds begin with. */
const ENGINE_PREFIX = 'terrane.'

/** Of kinds that no client knows. */
const NO_NUMBER = -1
