import { assert } from '@terrane/core'
import { assertZone, type ZoneId } from '../clock/counts.js'
import { CODE_MAX } from './hilbert.js'

/** Codes from `lo` to `hi`, both included. */
export interface Span {
  readonly lo: number
  readonly hi: number
}

/** The codes of one zone; a zone may have several such ranges. */
export interface ZoneRange extends Span {
  readonly zone: ZoneId
}

export function contains({ lo, hi }: Span, code: number): boolean {
  return lo <= code && code <= hi
}

export function describeRange({ zone, lo, hi }: ZoneRange): string {
  return `${lo} to ${hi} of zone ${zone}`
}

export function assertRange(range: ZoneRange): void {
  assertZone(range.zone)
  const { lo, hi } = range
  const isRange = Number.isInteger(lo) && Number.isInteger(hi) && 0 <= lo && lo <= hi && hi <= CODE_MAX
  assert(isRange, `ranges lie within 0 to ${CODE_MAX}, lo first: ${describeRange(range)}`)
}

/** A span and `pad` codes more on either side, within the codes that there are. */
export function padded({ lo, hi }: Span, pad: number): Span {
  return { lo: Math.max(0, lo - pad), hi: Math.min(CODE_MAX, hi + pad) }
}
