import type { VClock } from '@terrane/causality'
import type { Position } from './borders.js'
import type { AnyKind, Key, KindDefinition, Kinds, RowOf } from './define-world.js'

/**
 * Rows of which other zones have a copy: the zones near a row's place, or those that `to` names. Copies are sent when
 * what they show is durable, at most once a tick, and may be lost; the next one makes good for it. A key means the same
 * thing in all zones.
 */
export interface Replication<Row, C extends string = string> {
  /** Where a row is, in units of the world's borders; undefined for one that is nowhere. */
  position?(row: Readonly<Row>): Position | undefined
  /** How it moves there, in units per second and second²; default: it rests. */
  motion?(row: Readonly<Row>): Motion
  /** How far from a border it is copied even at rest, in the same units; default: the world's radius of interest. */
  readonly reach?: number
  /** The zones that have a copy wherever the row is. */
  to?(row: Readonly<Row>): readonly string[]
  /** What is copied beside the key; default: everything. */
  readonly columns?: readonly C[]
  /** Ticks of the world's publications between copies; default 1. */
  readonly everyTicks?: number
}

export interface Motion {
  readonly velocity: Position
  readonly acceleration?: Position
}

/** A copy of a row that another zone owns. */
export interface Replica<Row> {
  readonly row: Readonly<Row>
  /** The owner. */
  readonly zone: string
  /** The owner's clock when it sent this. */
  readonly sentAt: VClock
  /** Whether this zone knows, causally, of something newer from the owner. No clock on a wall is asked. */
  readonly stale: boolean
}

/** The copied part of a kind's rows. */
export type ReplicaRow<K extends AnyKind> =
  // biome-ignore lint/suspicious/noExplicitAny: only the columns are of interest
  K extends KindDefinition<any, any, infer C> ? Pick<RowOf<K>, C & keyof RowOf<K>> : RowOf<K>

/** Reading copies of one kind. Nothing can be written here: whoever wants a change sends an op to the owner. */
export interface ReplicaTable<K extends AnyKind> {
  readonly count: number
  get(key: Key): Replica<ReplicaRow<K>> | undefined
  all(): IterableIterator<Replica<ReplicaRow<K>>>
  where(test: (row: Readonly<ReplicaRow<K>>) => boolean): Replica<ReplicaRow<K>>[]
  /** Copies within `radius` of a point, for kinds that are visible nearby. */
  near(x: number, y: number, radius: number): Replica<ReplicaRow<K>>[]
}

export type ReplicaTables<K extends Kinds> = { readonly [N in keyof K]: ReplicaTable<K[N]> }

export interface ReplicaReader<K extends Kinds> {
  /** Copies of rows that other zones own, of the kinds that declare `replicate`. */
  readonly replicas: ReplicaTables<K>
}
