import { VClock, type ZoneId } from '@terrane/causality'

/**
 * What zones are known to have durably delivered. Senders learn it from receipts anyway; zones that only pass on that
 * others sent there look it up here, or their stamps would name those ops for ever.
 */
export class DeliveryBoard {
  readonly #delivered = new Map<ZoneId, VClock>()

  of(zone: ZoneId): VClock {
    return this.#delivered.get(zone) ?? VClock.zero
  }

  /** True for ever once true: late and repeated reports do no harm. */
  report(zone: ZoneId, delivered: VClock): void {
    this.#delivered.set(zone, this.of(zone).merge(delivered))
  }
}
