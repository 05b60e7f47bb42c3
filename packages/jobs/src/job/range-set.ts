import { assert } from '@terrane/core'

/** Whole numbers [from, to). */
export interface UnitRange {
  readonly from: number
  readonly to: number
}

/** A set of whole numbers as sorted ranges that do not touch. What is added mostly lengthens one of few ranges. */
export class RangeSet {
  /** from, to, from, to, … ascending. */
  readonly #bounds: number[]
  #size = 0

  constructor(ranges: Iterable<UnitRange> = []) {
    this.#bounds = []
    for (const { from, to } of ranges) this.add(from, to)
  }

  /** How many numbers. */
  get size(): number {
    return this.#size
  }

  *[Symbol.iterator](): Iterator<UnitRange> {
    for (let i = 0; i < this.#bounds.length; i += 2) yield { from: this.#at(i), to: this.#at(i + 1) }
  }

  /** None of them may be in the set: to have a unit twice is a bug of the caller. */
  add(from: number, to: number): void {
    assert(from < to, `empty range: [${from}, ${to})`)
    const bounds = this.#bounds
    const index = this.#firstEndingAfter(from)
    assert(index === bounds.length || to <= this.#at(index), `[${from}, ${to}) is in the set already`)
    const joinsLeft = index > 0 && this.#at(index - 1) === from
    const joinsRight = index < bounds.length && this.#at(index) === to
    if (joinsLeft && joinsRight) bounds.splice(index - 1, 2)
    else if (joinsLeft) bounds[index - 1] = to
    else if (joinsRight) bounds[index] = from
    else bounds.splice(index, 0, from, to)
    this.#size += to - from
  }

  /** All of them must be in the set. */
  remove(from: number, to: number): void {
    assert(from < to, `empty range: [${from}, ${to})`)
    const index = this.#firstEndingAfter(from)
    const inside = index < this.#bounds.length && this.#at(index) <= from && to <= this.#at(index + 1)
    assert(inside, `[${from}, ${to}) is not in the set`)
    const left = this.#at(index)
    const right = this.#at(index + 1)
    const rest: number[] = []
    if (left < from) rest.push(left, from)
    if (to < right) rest.push(to, right)
    this.#bounds.splice(index, 2, ...rest)
    this.#size -= to - from
  }

  /** How many below the limit are in the set. */
  countBelow(limit: number): number {
    let count = 0
    for (let i = 0; i < this.#bounds.length && this.#at(i) < limit; i += 2) {
      count += Math.min(this.#at(i + 1), limit) - this.#at(i)
    }
    return count
  }

  /** The first range below the limit that is not in the set. */
  firstGap(limit: number): UnitRange | undefined {
    const bounds = this.#bounds
    const startsAtZero = bounds.length > 0 && bounds[0] === 0
    const from = startsAtZero ? this.#at(1) : 0
    const next = bounds[startsAtZero ? 2 : 0] ?? limit
    return from < limit ? { from, to: Math.min(next, limit) } : undefined
  }

  /** What follows from a number on that is not in the set, below the limit; undefined when the number itself is in it. */
  gapAt(from: number, limit: number): UnitRange | undefined {
    if (from >= limit) return undefined
    const index = this.#firstEndingAfter(from)
    const next = this.#bounds[index] ?? limit
    return from < next ? { from, to: Math.min(next, limit) } : undefined
  }

  /** The first of the longest ranges below the limit that are not in the set. */
  longestGap(limit: number): UnitRange | undefined {
    const bounds = this.#bounds
    let longest: UnitRange | undefined
    for (let i = -1; i < bounds.length; i += 2) {
      const from = i < 0 ? 0 : this.#at(i)
      const to = Math.min(bounds[i + 1] ?? limit, limit)
      if (to - from > (longest === undefined ? 0 : longest.to - longest.from)) longest = { from, to }
    }
    return longest
  }

  /** Index of the first range that ends after the number; the bounds' length when none does. */
  #firstEndingAfter(number: number): number {
    const bounds = this.#bounds
    if (bounds.length === 0 || this.#at(bounds.length - 1) <= number) return bounds.length
    let low = 0
    let high = bounds.length / 2 - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#at(middle * 2 + 1) > number) high = middle
      else low = middle + 1
    }
    return low * 2
  }

  #at(index: number): number {
    return this.#bounds[index] as number
  }
}
