import { create } from '@bufbuild/protobuf'
import { TerraneError } from '@terrane/core'
import {
  type AuraRow,
  type Bucket,
  BucketSchema,
  type IterationRange,
  type JobResult,
  JobResultSchema,
  type PowerRow,
  type SpellRow,
} from '../generated/terrane/combat/v1/result_pb.js'
import type { Moments } from './moments.js'

const LIMB = 64n

/** How many fights are in it, and their damage. */
export function momentsOf(result: JobResult): Moments {
  return {
    count: iterationsOf(result),
    sum: result.damageSum,
    squares: (result.damageSquaresHigh << LIMB) | result.damageSquaresLow,
  }
}

export function iterationsOf({ ranges }: JobResult): number {
  return ranges.reduce((sum, { count }) => sum + count, 0)
}

/** The sum of squares as the two fields that carry it. */
export function squaresFields(squares: bigint): Pick<JobResult, 'damageSquaresHigh' | 'damageSquaresLow'> {
  return { damageSquaresHigh: squares >> LIMB, damageSquaresLow: BigInt.asUintN(Number(LIMB), squares) }
}

/**
 * Two parts of a job as one. Associative and commutative, to the byte. Throws `other_job` when they are not of the
 * same job, and `overlapping_iterations` when an iteration is in both: it would count twice.
 */
export function mergeResults(left: JobResult, right: JobResult): JobResult {
  for (const field of ['fingerprint', 'seed', 'spec', 'durationMs', 'enemies'] as const) {
    if (left[field] !== right[field]) {
      throw new TerraneError('other_job', `results differ in ${field}: ${left[field]} and ${right[field]}`, {
        hint: 'Merge results of the same configuration, game data and seed only.',
      })
    }
  }
  const squares = momentsOf(left).squares + momentsOf(right).squares
  return create(JobResultSchema, {
    ...left,
    ranges: mergeRanges(left.ranges, right.ranges),
    damageSum: left.damageSum + right.damageSum,
    ...squaresFields(squares),
    damageMin: least(left.damageMin, right.damageMin),
    damageMax: most(left.damageMax, right.damageMax),
    events: left.events + right.events,
    histogram: mergeHistograms(left.histogram, right.histogram),
    spells: zip(left.spells, right.spells, mergeSpells),
    auras: zip(left.auras, right.auras, mergeAuras),
    powers: zip(left.powers, right.powers, mergePowers),
  })
}

/** Throws `overlapping_iterations`. */
function mergeRanges(left: readonly IterationRange[], right: readonly IterationRange[]): IterationRange[] {
  const merged: IterationRange[] = []
  for (const range of [...left, ...right].sort((a, b) => a.first - b.first)) {
    const before = merged.at(-1)
    const end = before === undefined ? 0 : before.first + before.count
    if (before === undefined || range.first > end) merged.push({ ...range })
    else if (range.first === end) before.count += range.count
    else {
      throw new TerraneError('overlapping_iterations', `iteration ${range.first} is in both results`, {
        hint: 'Merge each part of a job once.',
      })
    }
  }
  return merged
}

function mergeHistograms(left: readonly Bucket[], right: readonly Bucket[]): Bucket[] {
  const buckets = new Map(left.map((bucket) => [bucket.index, bucket]))
  for (const bucket of right) {
    const other = buckets.get(bucket.index)
    buckets.set(
      bucket.index,
      other === undefined
        ? bucket
        : create(BucketSchema, {
            index: bucket.index,
            count: bucket.count + other.count,
            iteration: Math.min(bucket.iteration, other.iteration),
          }),
    )
  }
  return [...buckets.values()].sort((a, b) => a.index - b.index)
}

/** Rows of one job are the same rows in the same order. */
function zip<R>(left: readonly R[], right: readonly R[], merge: (left: R, right: R) => R): R[] {
  if (left.length !== right.length) throw damaged('rows are missing')
  return left.map((row, index) => merge(row, right[index] as R))
}

function mergeSpells(left: SpellRow, right: SpellRow): SpellRow {
  if (left.id !== right.id) throw damaged('spells are in another order')
  return {
    ...left,
    casts: left.casts + right.casts,
    hits: left.hits + right.hits,
    crits: left.crits + right.crits,
    ticks: left.ticks + right.ticks,
    tickCrits: left.tickCrits + right.tickCrits,
    damage: left.damage + right.damage,
    hitMax: most(left.hitMax, right.hitMax),
  }
}

function mergeAuras(left: AuraRow, right: AuraRow): AuraRow {
  if (left.spellId !== right.spellId) throw damaged('auras are in another order')
  return {
    ...left,
    applications: left.applications + right.applications,
    refreshes: left.refreshes + right.refreshes,
    uptimeMs: left.uptimeMs + right.uptimeMs,
  }
}

function mergePowers(left: PowerRow, right: PowerRow): PowerRow {
  if (left.id !== right.id) throw damaged('powers are in another order')
  return {
    ...left,
    gained: left.gained + right.gained,
    wasted: left.wasted + right.wasted,
    spent: left.spent + right.spent,
    cappedMs: left.cappedMs + right.cappedMs,
  }
}

function least(left: bigint, right: bigint): bigint {
  if (left < right) return left
  return right
}

function most(left: bigint, right: bigint): bigint {
  if (left > right) return left
  return right
}

function damaged(what: string): TerraneError {
  return new TerraneError('damaged_result', `results of one job do not fit together: ${what}`, {
    hint: 'Throw away the part that came last and run its iterations again.',
  })
}
