/** What the page shows of a result, as plain numbers. Pure. */
import {
  bucketFloor,
  type JobResult,
  momentsOf,
  standardErrorOf,
  summarize,
  type Timeline,
} from '@terrane/combat/results'

export interface Bar {
  /** Damage per second. */
  readonly from: number
  readonly to: number
  readonly count: number
}

/** The distribution of damage per second in bars of equal width. */
export function distributionOf(result: JobResult, bars: number): Bar[] {
  const perSecond = 1_000 / result.durationMs
  const low = Number(result.damageMin) * perSecond
  const high = Number(result.damageMax) * perSecond
  const width = Math.max((high - low) / bars, Number.EPSILON)
  const counts = new Array<number>(bars).fill(0)
  for (const { index, count } of result.histogram) {
    const middle = ((bucketFloor(index) + bucketFloor(index + 1) - 1) / 2) * perSecond
    const bar = Math.min(bars - 1, Math.max(0, Math.floor((middle - low) / width)))
    counts[bar] = (counts[bar] ?? 0) + Number(count)
  }
  return counts.map((count, bar) => ({ from: low + bar * width, to: low + (bar + 1) * width, count }))
}

export interface SpellFigures {
  readonly token: string
  /** Damage per second. */
  readonly dps: number
  /** Of all damage. */
  readonly share: number
  /** Of a fight. */
  readonly casts: number
  readonly impacts: number
  /** Of the impacts; NaN when there were none. */
  readonly critShare: number
  readonly perImpact: number
  readonly hitMax: number
}

/** Spells that did something, the strongest first. */
export function spellsOf(result: JobResult): SpellFigures[] {
  const { iterations } = summarize(result)
  const total = Number(result.damageSum)
  return result.spells
    .map((row) => {
      const damage = Number(row.damage)
      const impacts = Number(row.hits) + Number(row.ticks)
      return {
        token: row.token,
        dps: (damage * 1_000) / (iterations * result.durationMs),
        share: total === 0 ? 0 : damage / total,
        casts: Number(row.casts) / iterations,
        impacts: impacts / iterations,
        critShare: (Number(row.crits) + Number(row.tickCrits)) / impacts,
        perImpact: damage / impacts,
        hitMax: Number(row.hitMax),
      }
    })
    .filter(({ casts, impacts }) => casts > 0 || impacts > 0)
    .sort((left, right) => right.dps - left.dps || right.casts - left.casts)
}

export interface UptimeFigures {
  readonly token: string
  /** Of the fight, 0 to 1. */
  readonly uptime: number
}

/** Auras that were there, by how long. */
export function aurasOf(result: JobResult): UptimeFigures[] {
  const { iterations } = summarize(result)
  return result.auras
    .map((row) => ({
      token: row.token,
      uptime: Number(row.uptimeMs) / (iterations * result.durationMs * Math.max(1, row.holders)),
    }))
    .filter(({ uptime }) => uptime > 0)
    .sort((left, right) => right.uptime - left.uptime)
}

/** `Timeline.kind` */
const KIND = { cast: 1, hit: 2, criticalTick: 5 } as const

export interface Story {
  readonly durationMs: number
  /** By spell, in the order of their first cast: when it was cast, ms. */
  readonly lanes: readonly { readonly token: string; readonly castsMs: readonly number[] }[]
  /** Damage of each second. */
  readonly damage: readonly number[]
}

export function storyOf(timeline: Timeline): Story {
  const lanes = new Map<string, number[]>()
  const seconds = Math.max(1, Math.ceil(timeline.durationMs / 1_000))
  const damage = new Array<number>(seconds).fill(0)
  let atMs = 0
  timeline.kind.forEach((kind, entry) => {
    atMs += timeline.elapsedMs[entry] ?? 0
    if (kind === KIND.cast) {
      const token = timeline.spells[timeline.subject[entry] ?? -1]?.token ?? '?'
      const castsMs = lanes.get(token) ?? []
      castsMs.push(atMs)
      lanes.set(token, castsMs)
    } else if (kind >= KIND.hit && kind <= KIND.criticalTick) {
      const second = Math.min(seconds - 1, Math.floor(atMs / 1_000))
      damage[second] = (damage[second] ?? 0) + (timeline.amount[entry] ?? 0)
    }
  })
  return {
    durationMs: timeline.durationMs,
    lanes: [...lanes].map(([token, castsMs]) => ({ token, castsMs })),
    damage,
  }
}

export interface Ranked {
  readonly variant: number
  readonly mean: number
  readonly halfWidth: number
  readonly iterations: number
  /** Of the best, 0 to 1. */
  readonly ofBest: number
  /** Its interval overlaps with the best one's: the two may be as good. */
  readonly isTied: boolean
}

/** Variants by mean, the best first. Those that went out early have fewer fights and wider intervals. */
export function rankingOf(results: ReadonlyMap<number, JobResult>): Ranked[] {
  const rows = [...results].map(([variant, result]) => ({ variant, ...summarize(result) }))
  // Who was taken further is ahead of who was not: a phase throws out what the phase found worse.
  rows.sort((left, right) => right.iterations - left.iterations || right.mean - left.mean)
  const [best] = rows
  return rows.map(({ variant, mean, confidenceHalfWidth, iterations }) => ({
    variant,
    mean,
    halfWidth: confidenceHalfWidth,
    iterations,
    ofBest: best === undefined || best.mean === 0 ? 0 : mean / best.mean,
    isTied: best !== undefined && mean + confidenceHalfWidth >= best.mean - best.confidenceHalfWidth,
  }))
}

/** Of a normal distribution: 95 % lie within so many standard deviations. */
const Z_95 = 1.959963984540054

export interface Weight {
  readonly variant: number
  /** Damage per second for one more point. */
  readonly perPoint: number
  /** Half of the 95 % interval, as if variant and base were independent; they share their luck, so it is narrower. */
  readonly halfWidth: number
}

/** What a point of each stat is worth, against variant 0. */
export function weightsOf(results: ReadonlyMap<number, JobResult>, points: number): Weight[] {
  const base = results.get(0)
  if (base === undefined) return []
  const mean = summarize(base).mean
  const errorOf = (result: JobResult) => (standardErrorOf(momentsOf(result)) * 1_000) / result.durationMs
  return [...results]
    .filter(([variant]) => variant !== 0)
    .map(([variant, result]) => ({
      variant,
      perPoint: (summarize(result).mean - mean) / points,
      halfWidth: (Z_95 * Math.hypot(errorOf(result), errorOf(base))) / points,
    }))
    .sort((left, right) => right.perPoint - left.perPoint)
}
