import type { ZoneId } from '../../clock/counts.js'

/** What a delivery did wrong. */
export class Violation extends Error {
  readonly kind: 'order' | 'twice' | 'lost' | 'clock'

  constructor(kind: Violation['kind'], message: string) {
    super(message)
    this.kind = kind
  }
}

interface SentOp {
  readonly sender: ZoneId
  readonly destinations: ReadonlySet<ZoneId>
  /** Ids of all ops whose sending happened before this one's. */
  readonly past: ReadonlySet<number>
}

/**
 * The whole happened-before relation, by transitive closure over the events themselves: an event follows the one
 * before it in its zone, and a delivery follows the sending. It knows nothing of clocks.
 */
export class Oracle {
  readonly #ops = new Map<number, SentOp>()
  /** Ids of ops whose sending happened before the zone's last event, or is it. */
  readonly #known = new Map<ZoneId, Set<number>>()
  readonly #delivered = new Map<ZoneId, Set<number>>()

  sent(id: number, sender: ZoneId, destinations: readonly ZoneId[]): void {
    const known = of(this.#known, sender)
    this.#ops.set(id, { sender, destinations: new Set(destinations), past: new Set(known) })
    known.add(id)
  }

  delivered(id: number, zone: ZoneId): void {
    const op = this.#op(id)
    const delivered = of(this.#delivered, zone)
    if (delivered.has(id)) throw new Violation('twice', `op ${id} was delivered to zone ${zone} twice`)
    for (const before of op.past) {
      if (this.#op(before).destinations.has(zone) && !delivered.has(before)) {
        throw new Violation('order', `zone ${zone} got op ${id} without op ${before}, which happened before it`)
      }
    }
    delivered.add(id)
    const known = of(this.#known, zone)
    for (const each of op.past) known.add(each)
    known.add(id)
  }

  isDelivered(id: number, zone: ZoneId): boolean {
    return of(this.#delivered, zone).has(id)
  }

  happenedBefore(a: number, b: number): boolean {
    return this.#op(b).past.has(a)
  }

  /** Fails when an op has not reached a destination. */
  checkAllDelivered(): void {
    for (const [id, { destinations }] of this.#ops) {
      for (const zone of destinations) {
        if (!this.isDelivered(id, zone)) throw new Violation('lost', `op ${id} never got through to zone ${zone}`)
      }
    }
  }

  #op(id: number): SentOp {
    const op = this.#ops.get(id)
    if (op === undefined) throw new Error(`op ${id} was never sent`)
    return op
  }
}

function of(sets: Map<ZoneId, Set<number>>, zone: ZoneId): Set<number> {
  let set = sets.get(zone)
  if (set === undefined) {
    set = new Set()
    sets.set(zone, set)
  }
  return set
}
