import type { VClock, ZoneId } from '@terrane/causality'
import type { EngineLimits } from '../limits.js'
import type { OpExchange } from '../ports/op-exchange.js'
import type { Entity } from '../state/entity.js'
import type { TransactionRunner } from '../transaction/transaction-runner.js'
import type { Borders } from '../world/borders.js'
import type { AnyWorld } from '../world/define-world.js'
import type { ReplicaRound } from './replica-round.js'
import { ReplicaSender, type SenderCounters } from './replica-sender.js'
import type { ReplicaStatus, ReplicaStore, StoreCounters } from './replica-store.js'

export type ReplicaCounters = SenderCounters & StoreCounters

export function zeroReplicaCounters(): ReplicaCounters {
  return {
    replicasSent: 0,
    replicasWithheld: 0,
    replicasReceived: 0,
    replicasLate: 0,
    replicasDropped: 0,
    replicasEvicted: 0,
  }
}

/** The zone's clock, which ops and replicas share. */
export interface ZoneClock {
  readonly clock: VClock
  tick(): void
  observe(sender: ZoneId, clock: VClock): boolean
}

export interface ZoneReplicasOptions {
  readonly zone: string
  readonly number: ZoneId
  readonly world: AnyWorld
  readonly borders: Borders | undefined
  /** Another one: places may have other owners. */
  readonly bordersVersion: () => number
  readonly runner: TransactionRunner
  readonly ops: ZoneClock
  readonly exchange: OpExchange
  readonly limits: EngineLimits
  readonly tickMs: number
  /** First byte of the notes that carry rounds. */
  readonly tag: number
  /** Clients are to see what happened to a copy. */
  readonly publish: (entity: Entity, mask: number) => void
}

/** Copies of rows in one zone: those of its own that others have, and those of others that it has. */
export class ZoneReplicas {
  readonly #ops: ZoneClock
  readonly #sender: ReplicaSender
  readonly #store: ReplicaStore

  constructor({ runner, ops, exchange, publish, borders, ...options }: ZoneReplicasOptions) {
    const { zone, limits } = options
    this.#ops = ops
    this.#store = runner.replicas
    this.#store.use({
      limits,
      clock: () => ops.clock,
      owns: (kind, key) => runner.tablesByName[kind]?.has(key) === true,
      publish,
    })
    this.#sender = new ReplicaSender({
      ...options,
      borders,
      tables: runner.tables,
      clock: () => ops.clock,
      send: (to, bytes) => exchange.tell({ from: zone, to, bytes }),
    })
  }

  get counters(): ReplicaCounters {
    return { ...this.#sender.counters, ...this.#store.counters }
  }

  status(): ReplicaStatus {
    return this.#store.status()
  }

  changed(entity: Entity, isNew: boolean): void {
    this.#sender.changed(entity)
    if (isNew) this.#store.forget(entity.table.schema.name, entity.key)
  }

  /** Before the clock becomes part of a batch: what others have copies of must not change under one clock. */
  willSeal(): void {
    if (this.#sender.isDirty) this.#ops.tick()
  }

  sealed(now: number): void {
    this.#sender.sealed(now)
  }

  committed(): void {
    this.#sender.committed()
  }

  /** @param isAtRest memory is what is durable */
  beat(now: number, isAtRest: boolean): void {
    this.#store.beat(now)
    if (isAtRest) this.#sender.beat(now)
  }

  receive(from: string, round: ReplicaRound): void {
    if (this.#ops.observe(round.author, round.sentAt)) this.#store.receive(from, round)
  }
}
