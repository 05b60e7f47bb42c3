import type { Position } from './borders.js'
import type { Key, Kinds, ReadTables, RowOf, Schemas, Transaction } from './define-world.js'

/**
 * Rows that move to the zone whose place they stand in. They leave one zone's log and enter another's, once, whatever
 * is lost on the way; until a row has left it is here, and may be changed here, also beyond the border.
 */
export interface HandoverDefinition<K extends Kinds, N extends keyof K, O extends Schemas> {
  /** Where a row is, in units of the world's borders; undefined for one that is nowhere. Default: as it is replicated. */
  position?(row: Readonly<RowOf<K[N]>>): Position | undefined
  /** Rows that go along, by kind. */
  related?(tables: ReadTables<K>, row: Readonly<RowOf<K[N]>>): { readonly [M in keyof K]?: readonly Key[] }
  /** Runs where the row is, before it leaves for good, in the same transaction. A rejection keeps it, for now. */
  left?(tx: Transaction<K, O>, row: Readonly<RowOf<K[N]>>, to: string): void
  /** Runs where it came to, in the same transaction. When it fails, all goes back to `from`, without further hooks. */
  arrived?(tx: Transaction<K, O>, row: Readonly<RowOf<K[N]>>, from: string): void
}

export type Handovers<K extends Kinds, O extends Schemas> = { readonly [N in keyof K]?: HandoverDefinition<K, N, O> }

export interface HandoverSender<K extends Kinds> {
  /**
   * Gives a row, with those related to it, to another zone when this transaction is durable, wherever it stands and
   * without asking for room. Throws a rejection: `not_found`, `not_handed_over`, and those of `send`.
   */
  handOver(kind: keyof K & string, key: Key, zone: string): void
}
