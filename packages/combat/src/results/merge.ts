import { TerraneError } from '@terrane/core'
import type {
  AuraRow,
  Bucket,
  IterationRange,
  JobResult,
  PowerRow,
  SpellRow,
} from '../generated/terrane/combat/v1/result_pb.js'
import type { Moments } from './moments.js'

const LIMB = 64n

/**
 * Whether two results have the same rows in the same order, and well-formed histograms: those of one job do, whoever
 * computed them, and only such can be merged.
 */
export function areOfOneShape(left: JobResult, right: JobResult): boolean {
  return (
    isAscending(left.histogram) &&
    isAscending(right.histogram) &&
    areEqual(left.spells, right.spells, (a, b) => a.id === b.id && a.token === b.token) &&
    areEqual(
      left.auras,
      right.auras,
      (a, b) => a.spellId === b.spellId && a.token === b.token && a.holders === b.holders,
    ) &&
    areEqual(left.powers, right.powers, (a, b) => a.id === b.id && a.token === b.token)
  )
}

function isAscending(histogram: readonly Bucket[]): boolean {
  return histogram.every(({ index }, place) => place === 0 || index > (histogram[place - 1] as Bucket).index)
}

function areEqual<R>(left: readonly R[], right: readonly R[], isSame: (left: R, right: R) => boolean): boolean {
  return left.length === right.length && left.every((row, place) => isSame(row, right[place] as R))
}

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
  return {
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
  }
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

/** Both are in the order of their indexes. */
function mergeHistograms(left: readonly Bucket[], right: readonly Bucket[]): Bucket[] {
  const merged: Bucket[] = []
  let l = 0
  let r = 0
  while (l < left.length || r < right.length) {
    const [a, b] = [left[l], right[r]]
    if (b === undefined || (a !== undefined && a.index < b.index)) {
      merged.push(a as Bucket)
      l++
    } else if (a === undefined || b.index < a.index) {
      merged.push(b)
      r++
    } else {
      const { $typeName, index } = a
      merged.push({ $typeName, index, count: a.count + b.count, iteration: Math.min(a.iteration, b.iteration) })
      l++
      r++
    }
  }
  return merged
}

/** Rows of one job are the same rows in the same order. */
function zip<R>(left: readonly R[], right: readonly R[], merge: (left: R, right: R) => R): R[] {
  if (left.length !== right.length) throw damaged('rows are missing')
  return left.map((row, index) => merge(row, right[index] as R))
}

function mergeSpells(left: SpellRow, right: SpellRow): SpellRow {
  if (left.id !== right.id) throw damaged('spells are in another order')
  // Field by field: a spread of so many rows takes most of a merge's time.
  const { $typeName, id, token } = left
  return {
    $typeName,
    id,
    token,
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
  const { $typeName, spellId, token, holders } = left
  return {
    $typeName,
    spellId,
    token,
    holders,
    applications: left.applications + right.applications,
    refreshes: left.refreshes + right.refreshes,
    uptimeMs: left.uptimeMs + right.uptimeMs,
  }
}

function mergePowers(left: PowerRow, right: PowerRow): PowerRow {
  if (left.id !== right.id) throw damaged('powers are in another order')
  const { $typeName, id, token } = left
  return {
    $typeName,
    id,
    token,
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
