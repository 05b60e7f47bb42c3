// What a zone has to do with its neighbours beside ops: copies of rows, and rows that move.
import { ByteReader } from '@terrane/core'
import { decodeHandoverNote } from '../handover/handover-notes.js'
import { handoverHandler } from '../handover/handover-op.js'
import {
  type HandoverCounters,
  ZoneHandover,
  type ZoneHandoverOptions,
  zeroHandoverCounters,
} from '../handover/zone-handover.js'
import type { OpHandler } from '../ops/op-handlers.js'
import type { ZoneNote } from '../ports/op-exchange.js'
import { decodeRound } from '../replicas/replica-round.js'
import type { ReplicaStatus } from '../replicas/replica-store.js'
import {
  type ReplicaCounters,
  type ZoneClock,
  ZoneReplicas,
  type ZoneReplicasOptions,
  zeroReplicaCounters,
} from '../replicas/zone-replicas.js'
import type { Entity } from '../state/entity.js'
import type { AnyWorld } from '../world/define-world.js'
import type { CurrentMap } from '../zones/current-map.js'
import { mapBorders } from '../zones/map-borders.js'

export type BorderCounters = ReplicaCounters & HandoverCounters

export function zeroBorderCounters(): BorderCounters {
  return { ...zeroReplicaCounters(), ...zeroHandoverCounters() }
}

/** First bytes of notes between zones. */
const REPLICA_NOTE = 1
const HANDOVER_NOTE = 2

type Given = 'borders' | 'bordersVersion' | 'tag'
export type ZoneBordersOptions = Omit<ZoneHandoverOptions, Given | 'send'> &
  Omit<ZoneReplicasOptions, Given | 'ops'> & { readonly map: CurrentMap }

/** Sends the ops of hand-overs, and has the clock. */
type BorderOps = ZoneClock & { collect(to: string, op: string, args: unknown): void }

export class ZoneBorders {
  /** How rows of other zones are taken in, and rows of this one back. */
  readonly handler: OpHandler
  readonly #options: ZoneBordersOptions
  readonly #isUsed: boolean
  #replicas: ZoneReplicas | undefined
  #handover: ZoneHandover | undefined

  constructor(options: ZoneBordersOptions) {
    this.#options = options
    this.#isUsed = ZoneBorders.isUsedBy(options.world)
    this.handler = handoverHandler(options.world, {
      taken: (...what) => this.#handover?.taken(...what),
      returned: (...what) => this.#handover?.returned(...what),
    })
  }

  /** Once the zone's rows are in memory. */
  start(ops: BorderOps): void {
    const { world, map } = this.#options
    const common = {
      ...this.#options,
      borders: world.borders ?? (world.layout.space && mapBorders(world.layout, map)),
      bordersVersion: () => map.value.version,
    }
    this.#replicas = new ZoneReplicas({ ...common, ops, tag: REPLICA_NOTE })
    const send = (to: string, op: string, args: unknown) => ops.collect(to, op, args)
    this.#handover = new ZoneHandover({ ...common, send, tag: HANDOVER_NOTE })
  }

  /** Whether a zone of the world has anything to do here at all. */
  static isUsedBy({ replicaSchemas, handovers }: AnyWorld): boolean {
    return replicaSchemas.length > 0 || handovers !== undefined
  }

  get counters(): BorderCounters {
    return { ...zeroBorderCounters(), ...this.#replicas?.counters, ...this.#handover?.counters }
  }

  status(): ReplicaStatus {
    return this.#replicas?.status() ?? { held: 0, stale: 0 }
  }

  /** A row was changed by a transaction that is kept. */
  changed(entity: Entity, isNew: boolean): void {
    if (!this.#isUsed) return
    this.#replicas?.changed(entity, isNew)
    this.#handover?.changed(entity)
  }

  /** Before the clock becomes part of a batch. */
  willSeal(): void {
    this.#replicas?.willSeal()
  }

  /** Memory is what the sealed batch makes of the zone. */
  sealed(): void {
    this.#replicas?.sealed(this.#options.clock.now())
  }

  /** The sealed batch is durable. */
  committed(): void {
    this.#replicas?.committed()
  }

  /** To be called every tick. @param isAtRest memory is what is durable; @param isActive rows may be given away */
  tick(isAtRest: boolean, isActive: boolean): void {
    this.#replicas?.beat(this.#options.clock.now(), isAtRest)
    if (isActive) this.#handover?.tick()
  }

  /** Another zone says something that nothing durable depends on. What cannot be read is of another version. */
  told({ from, bytes }: ZoneNote): void {
    const reader = new ByteReader(bytes)
    const tag = reader.byte()
    if (tag === REPLICA_NOTE) {
      const round = this.#read(from, () => decodeRound(reader))
      if (round !== undefined) this.#replicas?.receive(from, round)
    } else if (tag === HANDOVER_NOTE) {
      const note = this.#read(from, () => decodeHandoverNote(reader))
      if (note !== undefined) this.#handover?.receive(from, note)
    }
  }

  #read<T>(from: string, decode: () => T): T | undefined {
    try {
      return decode()
    } catch (cause) {
      this.#options.report({ type: 'note_failed', zone: this.#options.zone, from, cause })
      return undefined
    }
  }
}
