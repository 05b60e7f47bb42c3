import { assert, TerraneError } from '@terrane/core'
import type { ZoneId } from '../clock/counts.js'
import { CODE_MAX } from './hilbert.js'
import { assertRange, contains, describeRange, padded, type Span, type ZoneRange } from './zone-range.js'

/**
 * Which zone owns which codes: at most one for each. Immutable. Codes without an owner are legal (`gaps` lists
 * them): whoever needs all of them owned asks `covers`.
 *
 * It belongs to the control plane: one serializable store with one writer keeps it, since that no two ranges
 * overlap does not say who was entitled to them.
 */
export class DisjointRanges {
  /** By ascending codes; ranges of one zone that follow each other are one. */
  readonly ranges: readonly ZoneRange[]

  private constructor(ranges: readonly ZoneRange[]) {
    this.ranges = ranges
  }

  /** Fails with `ranges_overlap`, naming both, when a code would have two ranges, be they of one zone. */
  static of(ranges: Iterable<ZoneRange>): DisjointRanges {
    const result: ZoneRange[] = []
    for (const range of [...ranges].sort((a, b) => a.lo - b.lo)) {
      assertRange(range)
      const before = result.at(-1)
      if (before !== undefined && range.lo <= before.hi) {
        throw new TerraneError('ranges_overlap', `${describeRange(before)} overlaps ${describeRange(range)}.`, {
          hint: 'A code has one owner: end the first range before the second begins.',
        })
      }
      const isNext = before?.zone === range.zone && before.hi + 1 === range.lo
      if (isNext) result[result.length - 1] = { ...before, hi: range.hi }
      else result.push(range)
    }
    return new DisjointRanges(result)
  }

  /** The range that a code lies in; undefined where nobody owns it. */
  authorityOf(code: number): ZoneRange | undefined {
    const range = this.ranges[this.#firstNotBelow(code)]
    return range !== undefined && contains(range, code) ? range : undefined
  }

  /** The ranges that reach within `aoi` codes of a code: whose zones need to know of what is there. */
  interestBand(code: number, aoi: number): readonly ZoneRange[] {
    return this.rangesIn(padded({ lo: code, hi: code }, aoi))
  }

  /** The ranges that have a code in common with a span. */
  rangesIn({ lo, hi }: Span): readonly ZoneRange[] {
    const from = this.#firstNotBelow(lo)
    let to = from
    while (to < this.ranges.length && (this.ranges[to] as ZoneRange).lo <= hi) to++
    return this.ranges.slice(from, to)
  }

  rangesOf(zone: ZoneId): readonly ZoneRange[] {
    return this.ranges.filter((range) => range.zone === zone)
  }

  covers(lo = 0, hi = CODE_MAX): boolean {
    return this.gaps(lo, hi).length === 0
  }

  /** The codes from `lo` to `hi` that nobody owns. */
  gaps(lo = 0, hi = CODE_MAX): Span[] {
    const gaps: Span[] = []
    let next = lo
    for (const range of this.rangesIn({ lo, hi })) {
      if (next < range.lo) gaps.push({ lo: next, hi: range.lo - 1 })
      next = range.hi + 1
    }
    if (next <= hi) gaps.push({ lo: next, hi })
    return gaps
  }

  /** Cuts the range that `code` lies in: from there on it is `zone`'s. */
  split(code: number, zone: ZoneId): DisjointRanges {
    const range = this.#owned({ lo: code, hi: code })
    if (code === range.lo) {
      throw new TerraneError('split_at_edge', `A split at ${code} leaves nothing of ${describeRange(range)}.`, {
        hint: 'Split behind the first code, or move the whole range.',
      })
    }
    return this.move({ lo: code, hi: range.hi }, zone)
  }

  /** Gives all that `from` owns to `into`, its neighbour. */
  merge(from: ZoneId, into: ZoneId): DisjointRanges {
    const touches = (a: ZoneRange, b: ZoneRange) => a.hi + 1 === b.lo || b.hi + 1 === a.lo
    const isNeighbour = this.rangesOf(from).some((a) => this.rangesOf(into).some((b) => touches(a, b)))
    if (from === into || !isNeighbour) {
      throw new TerraneError('not_neighbours', `No range of zone ${from} touches one of zone ${into}.`, {
        hint: 'Merge zones whose ranges follow each other, or move ranges one by one.',
      })
    }
    return DisjointRanges.of(this.ranges.map((range) => (range.zone === from ? { ...range, zone: into } : range)))
  }

  /** Gives a span that lies within one range to `zone`; the rest of that range stays with its owner. */
  move(span: Span, zone: ZoneId): DisjointRanges {
    const range = this.#owned(span)
    return DisjointRanges.of([
      ...this.ranges.filter((each) => each !== range),
      ...(range.lo < span.lo ? [{ ...range, hi: span.lo - 1 }] : []),
      { zone, lo: span.lo, hi: span.hi },
      ...(span.hi < range.hi ? [{ ...range, lo: span.hi + 1 }] : []),
    ])
  }

  /** The range that holds all of a span. */
  #owned({ lo, hi }: Span): ZoneRange {
    assert(lo <= hi, `a span from ${lo} to ${hi}`)
    const range = this.authorityOf(lo)
    if (range === undefined || range.hi < hi) {
      const there = this.rangesIn({ lo, hi }).map(describeRange).join(', ') || 'nothing'
      throw new TerraneError('not_one_range', `${lo} to ${hi} does not lie within one range: there is ${there}.`, {
        hint: 'Take a span that one zone owns, or several steps.',
      })
    }
    return range
  }

  /** Index of the first range that ends at `code` or later. */
  #firstNotBelow(code: number): number {
    let low = 0
    let high = this.ranges.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.ranges[middle] as ZoneRange).hi < code) low = middle + 1
      else high = middle
    }
    return low
  }
}
