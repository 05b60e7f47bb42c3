import { assert, ByteReader, ByteWriter } from '@terrane/core'
import { assertZone, malformed, readCount, ZONE_ID_MAX, type ZoneId } from './counts.js'

export type ClockOrder = 'equal' | 'before' | 'after' | 'concurrent'

/**
 * A vector clock: how many events of each zone are known (Fidge 1988, Mattern 1989). Sparse and immutable: a
 * zone that is absent counts 0, and an operation that changes nothing returns the very same clock, so clocks are
 * shared instead of copied.
 */
export class VClock {
  static readonly zero = new VClock([])

  /** [zone, count, zone, count, …] by ascending zone, without zero counts: one flat array, no object per entry. */
  readonly #flat: readonly number[]

  private constructor(flat: readonly number[]) {
    this.#flat = flat
  }

  /** Counts by zone, in any order; counts of 0 are left out, a zone given twice is a bug. */
  static of(entries: Iterable<readonly [ZoneId, number]>): VClock {
    const sorted = [...entries].filter(([, count]) => count !== 0).sort(([a], [b]) => a - b)
    if (sorted.length === 0) return VClock.zero
    const flat: number[] = []
    for (const [zone, count] of sorted) {
      assertZone(zone)
      assertCount(count)
      assert(flat[flat.length - 2] !== zone, `zone ${zone} is given twice`)
      flat.push(zone, count)
    }
    return new VClock(flat)
  }

  /** Zones with a count. */
  get size(): number {
    return this.#flat.length / 2
  }

  get(zone: ZoneId): number {
    const at = this.#find(zone)
    return this.#flat[at] === zone ? (this.#flat[at + 1] as number) : 0
  }

  /** One event more of `self`. */
  tick(self: ZoneId): VClock {
    return this.with(self, this.get(self) + 1)
  }

  /** The same clock but for one count. */
  with(zone: ZoneId, count: number): VClock {
    assertZone(zone)
    const at = this.#find(zone)
    const isThere = this.#flat[at] === zone
    if ((isThere ? this.#flat[at + 1] : 0) === count) return this
    const flat = this.#flat.slice()
    if (count === 0) flat.splice(at, 2)
    else {
      assertCount(count)
      if (isThere) flat[at + 1] = count
      else flat.splice(at, 0, zone, count)
    }
    return flat.length === 0 ? VClock.zero : new VClock(flat)
  }

  /** Component-wise maximum: knows what either knows. */
  merge(other: VClock): VClock {
    if (other.le(this)) return this
    if (this.le(other)) return other
    const a = this.#flat
    const b = other.#flat
    const flat: number[] = []
    let i = 0
    let j = 0
    while (i < a.length || j < b.length) {
      const left = i < a.length ? (a[i] as number) : Number.POSITIVE_INFINITY
      const right = j < b.length ? (b[j] as number) : Number.POSITIVE_INFINITY
      const ours = left <= right ? (a[i + 1] as number) : 0
      const theirs = right <= left ? (b[j + 1] as number) : 0
      flat.push(Math.min(left, right), Math.max(ours, theirs))
      if (left <= right) i += 2
      if (right <= left) j += 2
    }
    return new VClock(flat)
  }

  /** Component-wise ≤. Reflexive: by itself it tells no repetition from news. */
  le(other: VClock): boolean {
    if (this === other) return true
    const a = this.#flat
    const b = other.#flat
    if (a.length > b.length) return false
    let j = 0
    for (let i = 0; i < a.length; i += 2) {
      const zone = a[i] as number
      while (j < b.length && (b[j] as number) < zone) j += 2
      if (b[j] !== zone || (b[j + 1] as number) < (a[i + 1] as number)) return false
      j += 2
    }
    return true
  }

  /** Happened before: ≤ and not equal. */
  lt(other: VClock): boolean {
    return this.le(other) && !other.le(this)
  }

  /** Neither happened before the other. True of equal clocks too; `compare` tells them apart. */
  concurrent(other: VClock): boolean {
    return !this.lt(other) && !other.lt(this)
  }

  equals(other: VClock): boolean {
    return this.#flat.length === other.#flat.length && this.le(other) && other.le(this)
  }

  compare(other: VClock): ClockOrder {
    const le = this.le(other)
    const ge = other.le(this)
    if (le && ge) return 'equal'
    return le ? 'before' : ge ? 'after' : 'concurrent'
  }

  /** Only the counts for which `keep` is true. */
  filter(keep: (zone: ZoneId, count: number) => boolean): VClock {
    const flat = this.#flat
    let at = 0
    while (at < flat.length && keep(flat[at] as number, flat[at + 1] as number)) at += 2
    if (at === flat.length) return this
    const kept = flat.slice(0, at)
    for (at += 2; at < flat.length; at += 2) {
      const zone = flat[at] as number
      const count = flat[at + 1] as number
      if (keep(zone, count)) kept.push(zone, count)
    }
    return kept.length === 0 ? VClock.zero : new VClock(kept)
  }

  /** Whether `test` is true of every count: a loop without iterators, for gates that run once per op. */
  every(test: (zone: ZoneId, count: number) => boolean): boolean {
    for (let i = 0; i < this.#flat.length; i += 2) {
      if (!test(this.#flat[i] as number, this.#flat[i + 1] as number)) return false
    }
    return true
  }

  /** [zone, count] by ascending zone. */
  *[Symbol.iterator](): Generator<[ZoneId, number]> {
    for (let i = 0; i < this.#flat.length; i += 2) yield [this.#flat[i] as number, this.#flat[i + 1] as number]
  }

  toString(): string {
    return `{${[...this].map(([zone, count]) => `${zone}:${count}`).join(' ')}}`
  }

  /**
   * Varints: the number of entries, then for each the distance to the zone before (less one) and the count (less
   * one). Neither an order other than ascending nor a count of 0 can be written, so every clock has one encoding.
   */
  write(writer: ByteWriter): void {
    writer.unsigned(this.size)
    let before = -1
    for (let i = 0; i < this.#flat.length; i += 2) {
      const zone = this.#flat[i] as number
      writer.unsigned(zone - before - 1)
      writer.unsigned((this.#flat[i + 1] as number) - 1)
      before = zone
    }
  }

  /** Reads what `write` wrote. Anything else is `malformed_bytes`. */
  static read(reader: ByteReader): VClock {
    const size = readCount(reader)
    const flat: number[] = []
    let zone = -1
    for (let i = 0; i < size; i++) {
      zone += readCount(reader) + 1
      const count = readCount(reader) + 1
      if (zone > ZONE_ID_MAX) throw malformed(`zone ${zone} is above 2^32-1`)
      if (count > Number.MAX_SAFE_INTEGER) throw malformed('a count is above 2^53-1')
      flat.push(zone, count)
    }
    return size === 0 ? VClock.zero : new VClock(flat)
  }

  encode(): Uint8Array {
    const writer = new ByteWriter(1 + this.size * 4)
    this.write(writer)
    return writer.finish()
  }

  static decode(bytes: Uint8Array): VClock {
    const reader = new ByteReader(bytes)
    const clock = VClock.read(reader)
    if (!reader.done) throw malformed('something follows the clock')
    return clock
  }

  /** Where the zone is, or where it would go. Clocks are short: a scan beats a binary search. */
  #find(zone: ZoneId): number {
    const flat = this.#flat
    let at = 0
    while (at < flat.length && (flat[at] as number) < zone) at += 2
    return at
  }
}

function assertCount(count: number): void {
  assert(Number.isSafeInteger(count) && count > 0, `counts are integers from 1 to 2^53-1: ${count}`)
}
