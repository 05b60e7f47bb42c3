import { type Numbered, Numbers } from './numbers.js'
import { SlotLists } from './slot-lists.js'

export interface ClaimFields<J, N> {
  readonly job: J
  readonly node: N
  readonly variant: number
  readonly from: number
  readonly to: number
  readonly attempt: number
  readonly claimedAt: number
  readonly leaseUntil: number
}

const CAPACITY_FIRST = 64

/**
 * All claims that are in flight, by slot, as columns: about a hundred bytes each, none of which the
 * garbage collector looks at. Slots are used again; the sequence tells the claims of one slot apart.
 */
export class ClaimTable<J extends Numbered, N extends Numbered> {
  /** Whatever has claims must be in these. */
  readonly jobs = new Numbers<J>()
  readonly nodes = new Numbers<N>()
  readonly lists = new SlotLists()
  #capacity = 0
  #size = 0
  /** Slots below have been used. */
  #used = 0
  readonly #free: number[] = []
  #sequence = new Float64Array(0)
  #from = new Float64Array(0)
  #to = new Float64Array(0)
  #claimedAt = new Float64Array(0)
  #leaseUntil = new Float64Array(0)
  #variant = new Int32Array(0)
  #attempt = new Uint16Array(0)
  #job = new Int32Array(0)
  #node = new Int32Array(0)

  get size(): number {
    return this.#size
  }

  insert(sequence: number, claim: ClaimFields<J, N>): number {
    const slot = this.#free.pop() ?? this.#used++
    if (slot >= this.#capacity) this.#grow()
    this.#sequence[slot] = sequence
    this.#from[slot] = claim.from
    this.#to[slot] = claim.to
    this.#claimedAt[slot] = claim.claimedAt
    this.#leaseUntil[slot] = claim.leaseUntil
    this.#variant[slot] = claim.variant
    this.#attempt[slot] = claim.attempt
    this.#job[slot] = claim.job.number
    this.#node[slot] = claim.node.number
    this.#size++
    return slot
  }

  delete(slot: number): void {
    this.#job[slot] = -1
    this.#node[slot] = -1
    this.#sequence[slot] = -1
    this.#leaseUntil[slot] = Number.POSITIVE_INFINITY
    this.#free.push(slot)
    this.#size--
  }

  /** Whether that claim stands in that slot. */
  holds(slot: number, sequence: number): boolean {
    return slot < this.#used && this.#sequence[slot] === sequence
  }

  jobOf(slot: number): J {
    return this.jobs.at(this.#job[slot] as number)
  }

  nodeOf(slot: number): N {
    return this.nodes.at(this.#node[slot] as number)
  }

  sequenceOf(slot: number): number {
    return this.#sequence[slot] as number
  }

  variantOf(slot: number): number {
    return this.#variant[slot] as number
  }

  fromOf(slot: number): number {
    return this.#from[slot] as number
  }

  toOf(slot: number): number {
    return this.#to[slot] as number
  }

  attemptOf(slot: number): number {
    return this.#attempt[slot] as number
  }

  claimedAtOf(slot: number): number {
    return this.#claimedAt[slot] as number
  }

  leaseUntilOf(slot: number): number {
    return this.#leaseUntil[slot] as number
  }

  extend(slot: number, leaseUntil: number): void {
    this.#leaseUntil[slot] = leaseUntil
  }

  /** Claims whose lease is over. A pass over one column: a million take a millisecond. */
  expired(now: number): number[] {
    const slots: number[] = []
    for (let slot = 0; slot < this.#used; slot++) if ((this.#leaseUntil[slot] as number) <= now) slots.push(slot)
    return slots
  }

  #grow(): void {
    const capacity = Math.max(CAPACITY_FIRST, this.#capacity * 2)
    const larger = <A extends Float64Array | Int32Array | Uint16Array>(array: A, grown: A): A => {
      grown.set(array)
      return grown
    }
    this.#sequence = larger(this.#sequence, new Float64Array(capacity))
    this.#from = larger(this.#from, new Float64Array(capacity))
    this.#to = larger(this.#to, new Float64Array(capacity))
    this.#claimedAt = larger(this.#claimedAt, new Float64Array(capacity))
    this.#leaseUntil = larger(this.#leaseUntil, new Float64Array(capacity))
    this.#job = larger(this.#job, new Int32Array(capacity))
    this.#node = larger(this.#node, new Int32Array(capacity))
    this.#variant = larger(this.#variant, new Int32Array(capacity))
    this.#attempt = larger(this.#attempt, new Uint16Array(capacity))
    this.lists.grow(capacity)
    this.#capacity = capacity
  }
}
