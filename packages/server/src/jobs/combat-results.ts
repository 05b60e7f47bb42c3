import {
  areOfOneShape,
  encodeComparison,
  encodeJobResult,
  iterationsOf,
  type JobResult,
  m2Of,
  meanOf,
  mergeResults,
  momentsOf,
  representativeIteration,
  summarize,
} from '@terrane/combat'
import type { JobOutcome, Moments, Objection, ResultPort, Work } from '@terrane/jobs'
import type { SentinelConfig } from '@terrane/node'

/** What results of a variant must say that they are of. */
export interface Expected {
  readonly fingerprint: string
  readonly seed: string
  readonly spec: string
  readonly durationMs: number
  readonly enemies: number
  /** One of the variant, whose rows are those that all of them have. */
  readonly sample: JobResult
}

/** No fight has so many. */
const EVENTS_MAX = 10_000_000n

/** What the runtime must know of fights' results. @param expectedOf throws when the variant cannot be compiled */
export function combatResults(expectedOf: (jobId: string, variant: number) => Expected): ResultPort<JobResult> {
  return {
    merge: mergeResults,
    momentsOf(result): Moments {
      const moments = momentsOf(result)
      return { count: moments.count, mean: meanOf(moments), m2: m2Of(moments) }
    },
    objection: (result, work) => objection(result, work, expectedOf(work.jobId, work.variant)),
  }
}

/** Why a result is not believed to be one of this work: it is by other rules, of something else, or contradicts itself. */
function objection(result: JobResult, work: Work, expected: Expected): Objection | undefined {
  if (result.fingerprint !== expected.fingerprint) {
    const message = `its fingerprint is ${result.fingerprint}, and must be ${expected.fingerprint}: the engine or game data differ`
    return { kind: 'outdated', message }
  }
  const message = mistake(result, work, expected)
  return message === undefined ? undefined : { kind: 'impossible', message }
}

function mistake(result: JobResult, { from, to }: Work, expected: Expected): string | undefined {
  for (const field of ['seed', 'spec', 'durationMs', 'enemies'] as const) {
    if (result[field] !== expected[field]) return `its ${field} is ${result[field]}, and must be ${expected[field]}`
  }
  // Merging what does not fit together would throw.
  if (!areOfOneShape(result, expected.sample)) return 'its rows are not those of this configuration'
  const [range] = result.ranges
  const count = to - from
  if (result.ranges.length !== 1 || range?.first !== from || range.count !== count) {
    return `it is not of the iterations ${from} to ${to - 1}`
  }
  return contradiction(result, BigInt(count))
}

function contradiction(result: JobResult, count: bigint): string | undefined {
  const { damageMin, damageMax, damageSum, events, histogram, spells } = result
  if (damageMin > damageMax || damageSum < count * damageMin || damageSum > count * damageMax) {
    return 'its sum of damage is not between its extremes'
  }
  const { squares } = momentsOf(result)
  // Cauchy and Schwarz: the mean of squares is no less than the square of the mean; and no value is above the greatest.
  if (squares * count < damageSum * damageSum || squares > count * damageMax * damageMax) {
    return 'its sum of squares fits no damages'
  }
  if (histogram.reduce((sum, bucket) => sum + bucket.count, 0n) !== count) return 'its histogram has other fights'
  if (spells.reduce((sum, { damage }) => sum + damage, 0n) !== damageSum) return 'its spells add up to other damage'
  return events > count * EVENTS_MAX ? 'it has more events than fights can have' : undefined
}

export interface Finished {
  readonly resultPb: Uint8Array
  readonly meta: Readonly<Record<string, unknown>>
  /** The fight that stands for all. */
  readonly representative: { readonly variant: number; readonly iteration: number }
}

/** A completed job's result and summary. The bytes depend on the accepted units alone. */
export function finishedJob(
  config: SentinelConfig,
  outcome: Extract<JobOutcome<JobResult>, { status: 'completed' }>,
): Finished {
  const results = new Map(outcome.results.map(({ variant, result }) => [variant, result]))
  const leader = config.strategy === 'tournament' ? (outcome.ranking[0] ?? 0) : 0
  const leading = results.get(leader) ?? outcome.results[0]?.result
  if (leading === undefined) throw new Error('a job completed without a result')
  const { mean, confidenceHalfWidth, relativeError } = summarize(leading)
  return {
    resultPb: config.strategy === 'single' ? encodeJobResult(leading) : encodeComparison(results),
    representative: { variant: leader, iteration: representativeIteration(leading) },
    meta: {
      iterations: [...results.values()].reduce((sum, result) => sum + iterationsOf(result), 0),
      iterationsLost: outcome.unitsLost,
      phases: outcome.phases,
      ranking: outcome.ranking.slice(0, RANKING_MAX),
      meanDps: mean,
      // One fight says nothing about its error, and JSON knows no infinity.
      confidenceHalfWidthDps: finite(confidenceHalfWidth),
      relativeError: finite(relativeError),
    },
  }
}

const RANKING_MAX = 100

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
