import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DisjointRanges } from './disjoint-ranges.js'
import { CODE_MAX } from './hilbert.js'
import { uniformPartition, uniformWidth, zoneBand } from './uniform-partition.js'
import { contains, type ZoneRange } from './zone-range.js'

const CODES = Array.from({ length: 64 }, (_, code) => code)
const LAST = CODES.length - 1
const span = fc.tuple(fc.nat(LAST), fc.nat(LAST)).map(([a, b]) => ({ lo: Math.min(a, b), hi: Math.max(a, b) }))
/** Ranges over few codes, so that they meet often. */
const anyRanges = fc.array(
  fc.tuple(span, fc.nat(3)).map(([each, zone]): ZoneRange => ({ zone, ...each })),
  { maxLength: 5 },
)
/** Ranges that do not overlap, some with gaps between them: of runs of codes, each with an owner or none. */
const disjoint = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 16 }), fc.option(fc.nat(3), { nil: undefined })), { maxLength: 12 })
  .map((runs) => {
    const ranges: ZoneRange[] = []
    let lo = 0
    for (const [length, zone] of runs) {
      const hi = Math.min(LAST, lo + length - 1)
      if (lo <= hi && zone !== undefined) ranges.push({ zone, lo, hi })
      lo = hi + 1
    }
    return DisjointRanges.of(ranges)
  })
const ownersOf = (ranges: DisjointRanges) => CODES.map((code) => ranges.authorityOf(code)?.zone)

describe('disjoint ranges', () => {
  it('are refused when two share a code, naming both', () => {
    let refused = 0
    fc.assert(
      fc.property(anyRanges, (ranges) => {
        const isShared = CODES.some((code) => ranges.filter((range) => contains(range, code)).length > 1)
        if (isShared) {
          refused++
          expect(() => DisjointRanges.of(ranges)).toThrow(expect.objectContaining({ code: 'ranges_overlap' }))
          return
        }
        const owners = CODES.map((code) => ranges.find((range) => contains(range, code))?.zone)
        expect(ownersOf(DisjointRanges.of(ranges))).toEqual(owners)
      }),
    )
    expect(refused).toBeGreaterThan(0)
    const overlapping = [
      { zone: 2, lo: 10, hi: 20 },
      { zone: 1, lo: 0, hi: 10 },
    ]
    expect(() => DisjointRanges.of(overlapping)).toThrow('0 to 10 of zone 1 overlaps 10 to 20 of zone 2')
  })

  it('give every code its one owner, or none', () => {
    fc.assert(
      fc.property(disjoint, fc.nat(LAST), (ranges, code) => {
        expect(ranges.authorityOf(code)).toBe(ranges.ranges.find((range) => contains(range, code)))
      }),
    )
  })

  it('list the codes that nobody owns', () => {
    fc.assert(
      fc.property(disjoint, span, (ranges, { lo, hi }) => {
        const gaps = ranges.gaps(lo, hi)
        const inside = CODES.filter((code) => lo <= code && code <= hi)
        expect(inside.filter((code) => gaps.some((gap) => contains(gap, code)))).toEqual(
          inside.filter((code) => ranges.authorityOf(code) === undefined),
        )
        expect(gaps.every((gap) => lo <= gap.lo && gap.lo <= gap.hi && gap.hi <= hi)).toBe(true)
        expect(ranges.covers(lo, hi)).toBe(gaps.length === 0)
      }),
    )
    expect(DisjointRanges.of([]).gaps()).toEqual([{ lo: 0, hi: CODE_MAX }])
  })

  it('show whom a code is of interest to: its owner, and whoever is near', () => {
    fc.assert(
      fc.property(disjoint, fc.nat(LAST), fc.nat(20), (ranges, code, aoi) => {
        const near = ranges.ranges.filter(({ lo, hi }) => lo <= code + aoi && code <= hi + aoi)
        expect(ranges.interestBand(code, aoi)).toEqual(near)
        const owner = ranges.authorityOf(code)
        expect(ranges.interestBand(code, 0)).toEqual(owner === undefined ? [] : [owner])
      }),
    )
  })
})

describe('changes', () => {
  it('move gives a span to a zone and nothing else to anybody', () => {
    fc.assert(
      fc.property(disjoint, span, fc.nat(5), (ranges, each, zone) => {
        const range = ranges.authorityOf(each.lo)
        if (range === undefined || range.hi < each.hi) {
          expect(() => ranges.move(each, zone)).toThrow(expect.objectContaining({ code: 'not_one_range' }))
          return
        }
        const expected = ownersOf(ranges).map((owner, code) => (contains(each, code) ? zone : owner))
        expect(ownersOf(ranges.move(each, zone))).toEqual(expected)
      }),
    )
  })

  it('split cuts one range in two', () => {
    fc.assert(
      fc.property(disjoint, fc.nat(LAST), (ranges, code) => {
        const range = ranges.authorityOf(code)
        if (range === undefined || range.lo === code) {
          const expected = range === undefined ? 'not_one_range' : 'split_at_edge'
          expect(() => ranges.split(code, 9)).toThrow(expect.objectContaining({ code: expected }))
          return
        }
        const after = ranges.split(code, 9)
        expect(after.authorityOf(code - 1)).toEqual({ ...range, hi: code - 1 })
        expect(after.authorityOf(code)).toEqual({ zone: 9, lo: code, hi: range.hi })
        expect(after.ranges).toHaveLength(ranges.ranges.length + 1)
      }),
    )
  })

  it('merge undoes a split, and joins neighbours only', () => {
    fc.assert(
      fc.property(disjoint, fc.nat(LAST), (ranges, code) => {
        const range = ranges.authorityOf(code)
        if (range === undefined || range.lo === code) return
        expect(ownersOf(ranges.split(code, 9).merge(9, range.zone))).toEqual(ownersOf(ranges))
      }),
    )
    const apart = DisjointRanges.of([
      { zone: 1, lo: 0, hi: 9 },
      { zone: 2, lo: 11, hi: 20 },
    ])
    expect(() => apart.merge(1, 2)).toThrow(expect.objectContaining({ code: 'not_neighbours' }))
    expect(() => apart.merge(1, 1)).toThrow(expect.objectContaining({ code: 'not_neighbours' }))
    expect(uniformPartition([1, 2]).merge(2, 1).ranges).toEqual([{ zone: 1, lo: 0, hi: CODE_MAX }])
  })
})

describe('uniform partition', () => {
  it('is disjoint, covers everything, and gives each zone a cell, the last one the rest', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), (zones) => {
        const partition = uniformPartition(Array.from({ length: zones }, (_, zone) => zone))
        const width = 2 ** (30 - Math.ceil(Math.log2(zones)))
        expect(uniformWidth(zones)).toBe(width)
        expect(partition.covers()).toBe(true)
        for (const { zone, lo, hi } of partition.ranges) {
          expect([lo, hi]).toEqual([zone * width, zone === zones - 1 ? CODE_MAX : zone * width + width - 1])
        }
      }),
    )
    expect(() => uniformPartition([])).toThrow('zones')
  })

  it('has bands that cover their zone and are no wider than the cells say', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 100 }), fc.nat(3), fc.nat(98), (zones, cells, at) => {
        const width = uniformWidth(zones)
        const partition = uniformPartition(Array.from({ length: zones }, (_, zone) => zone))
        const range = partition.ranges[at % (zones - 1)] as ZoneRange
        const band = zoneBand(range, width, cells)
        expect(band.lo <= range.lo && range.hi <= band.hi).toBe(true)
        expect(band.lo >= 0 && band.hi <= CODE_MAX).toBe(true)
        expect(band.hi + 1 - band.lo).toBeLessThanOrEqual((1 + 2 * cells) * width)
        const zonesNear = partition.rangesIn(band).map(({ zone }) => zone)
        const expected = partition.ranges.map(({ zone }) => zone).filter((zone) => Math.abs(zone - range.zone) <= cells)
        expect(zonesNear).toEqual(expected)
      }),
    )
  })
})
