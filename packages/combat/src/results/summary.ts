import type { JobResult } from '../generated/terrane/combat/v1/result_pb.js'
import { bucketAt, bucketMiddle } from './histogram.js'
import { momentsOf } from './merge.js'
import { confidenceHalfWidthOf, meanOf, relativeErrorOf, standardDeviationOf } from './moments.js'

/** Damage per second over the fights of a result. */
export interface DpsSummary {
  readonly iterations: number
  readonly mean: number
  readonly standardDeviation: number
  readonly min: number
  readonly max: number
  /** Within a thousandth: from the histogram. */
  readonly median: number
  readonly p5: number
  readonly p95: number
  /** Half the width of the 95 % confidence interval of the mean; infinite for one iteration. */
  readonly confidenceHalfWidth: number
  /** Standard error of the mean by the mean. */
  readonly relativeError: number
}

export function summarize(result: JobResult): DpsSummary {
  const moments = momentsOf(result)
  const perSecond = (damage: number) => (damage * 1_000) / result.durationMs
  const quantile = (q: number) => perSecond(bucketMiddle(bucketAt(result.histogram, q)?.index ?? 0))
  return {
    iterations: moments.count,
    mean: perSecond(meanOf(moments)),
    standardDeviation: perSecond(standardDeviationOf(moments)),
    min: perSecond(Number(result.damageMin)),
    max: perSecond(Number(result.damageMax)),
    median: quantile(0.5),
    p5: quantile(0.05),
    p95: quantile(0.95),
    confidenceHalfWidth: perSecond(confidenceHalfWidthOf(moments)),
    relativeError: relativeErrorOf(moments),
  }
}

/**
 * The iteration that stands for all: the first whose damage is in the median's bucket of the histogram, so within a
 * thousandth of the median. It follows from the merged result alone.
 */
export function representativeIteration(result: JobResult): number {
  return bucketAt(result.histogram, 0.5)?.iteration ?? 0
}
