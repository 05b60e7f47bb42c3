import { assert } from '@terrane/core'
import type { ZoneId } from '../clock/counts.js'
import { DisjointRanges } from './disjoint-ranges.js'
import { CODE_MAX } from './hilbert.js'
import { padded, type Span } from './zone-range.js'

/** Codes per zone when `zones` of them share all: 2^(30 - depth) with depth = ⌈log₂ zones⌉. */
export function uniformWidth(zones: number): number {
  assert(Number.isInteger(zones) && zones >= 1 && zones <= CODE_MAX + 1, `from 1 to 2^30 zones, not ${zones}`)
  let width = CODE_MAX + 1
  for (let parts = 1; parts < zones; parts *= 2) width /= 2
  return width
}

/** Gives the zones one cell each, in order; what is left behind the last one is the last one's. Covers all codes. */
export function uniformPartition(zones: readonly ZoneId[]): DisjointRanges {
  const width = uniformWidth(zones.length)
  return DisjointRanges.of(
    zones.map((zone, i) => ({ zone, lo: i * width, hi: i === zones.length - 1 ? CODE_MAX : (i + 1) * width - 1 })),
  )
}

/** What a zone needs to know of: its own span and `cells` cells of `cellWidth` codes on either side. */
export function zoneBand(span: Span, cellWidth: number, cells: number): Span {
  assert(cellWidth >= 1 && cells >= 0, `a band of ${cells} cells of ${cellWidth} codes`)
  return padded(span, cellWidth * cells)
}
