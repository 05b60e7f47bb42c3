import { create } from '@bufbuild/protobuf'
import { type Comparison, ComparisonSchema, VariantResultSchema } from '../generated/terrane/combat/v1/comparison_pb.js'
import type { JobResult } from '../generated/terrane/combat/v1/result_pb.js'
import { bad, decode, encode } from './codec.js'

/** The same results have the same bytes, in whatever order they are given. */
export function encodeComparison(results: ReadonlyMap<number, JobResult>): Uint8Array {
  const variants = [...results]
    .sort(([left], [right]) => left - right)
    .map(([variant, result]) => create(VariantResultSchema, { variant, result }))
  return encode(ComparisonSchema, create(ComparisonSchema, { variants }))
}

/** The results by variant. Throws `bad_encoding` for bytes that are no comparison. */
export function decodeComparison(bytes: Uint8Array): Map<number, JobResult> {
  const { variants }: Comparison = decode(ComparisonSchema, bytes, 'comparison')
  const results = new Map<number, JobResult>()
  for (const { variant, result } of variants) {
    if (result === undefined || result.ranges.length === 0) throw bad('comparison', `variant ${variant} has no result`)
    results.set(variant, result)
  }
  if (results.size === 0) throw bad('comparison', 'it holds no variants')
  return results
}
