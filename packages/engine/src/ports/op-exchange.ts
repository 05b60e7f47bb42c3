import type { QueueOp, VClock, ZoneId } from '@terrane/causality'

/**
 * Carries ops and receipts between zones, also of other processes. It may lose, repeat, delay and reorder: what is
 * durable never depends on it. Zones send again what is not acknowledged, and know what they have had.
 *
 * X1  `send`, `acknowledge` and `tell` return before anything is delivered by them: no zone is entered from within another.
 * X2  After `stop` nothing is delivered any more.
 * X3  A note never opens a zone: where its zone is not open it is lost.
 */
export interface OpExchange {
  send(parcel: OpParcel): void
  acknowledge(receipt: OpReceipt): void
  /** At most once, and never kept: what is lost is not sent again by anybody but its sender, if at all. */
  tell(note: ZoneNote): void
  stop(): void
}

/** Where an exchange delivers. */
export interface OpEndpoint {
  /** Whether the zone is open in this process. */
  has(zone: string): boolean
  receive(parcel: OpParcel): void
  acknowledged(receipt: OpReceipt): void
  told(note: ZoneNote): void
}

/** Ops of one zone to another, in order of their numbers. The value of each is a bundle, see `ops/op-bundle.ts`. */
export interface OpParcel {
  readonly from: string
  readonly to: string
  readonly ops: readonly QueueOp<Uint8Array>[]
}

/** What a zone says to one that sends to it. */
export interface OpReceipt {
  /** The zone that received, and its number. */
  readonly from: string
  readonly number: ZoneId
  readonly to: string
  /** All that it has durably delivered, by sender. */
  readonly delivered: VClock
  /** It had no room to keep ops that wait for others: send fewer at a time. */
  readonly isOverflowing: boolean
}

/** Word of one zone to another that nothing durable depends on: replicas, and questions about hand-overs. */
export interface ZoneNote {
  readonly from: string
  readonly to: string
  readonly bytes: Uint8Array
}
