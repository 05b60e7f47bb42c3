import { TerraneError } from '@terrane/core'
import { type Moments, relativeErrorOf } from '../statistics/moments.js'

/**
 * What a job asks for. A *variant* is one of the things that it compares, by number; a *unit* is one of
 * a variant's iterations, by number from 0. Whoever computes a unit seeds it by its number, so that all
 * ways to cut a job into chunks give the same values, and variants are compared on equal luck.
 */
export type Strategy = SingleStrategy | StatWeightsStrategy | TournamentStrategy

/** When the mean of a variant is known well enough before all of its units are done. */
export interface AdaptiveStop {
  /** Standard error of the mean as a fraction of the mean. */
  readonly targetError: number
  /** The error of a few units is itself a guess: it counts from so many on. */
  readonly minUnits: number
}

/** Variant 0 alone. */
export interface SingleStrategy {
  readonly kind: 'single'
  readonly units: number
  readonly stop?: AdaptiveStop
}

/** Variant 0 as it is, and each of variants 1 … `perturbations` with one thing changed. */
export interface StatWeightsStrategy {
  readonly kind: 'stat_weights'
  readonly units: number
  readonly perturbations: number
  readonly stop?: AdaptiveStop
}

/** Many variants, of which each phase keeps the best by their means, and looks at them longer. */
export interface TournamentStrategy {
  readonly kind: 'tournament'
  readonly variants: number
  readonly ladder: readonly Rung[]
  readonly stop?: AdaptiveStop
}

export interface Rung {
  /** Units of each variant when the phase ends, those of earlier phases among them. */
  readonly units: number
  /** Of the phase's variants, in (0, 1]; at least one stays. */
  readonly keep: number
}

/** One state of a strategy: these variants need units [0, units) each. */
export interface Phase {
  readonly variants: readonly number[]
  readonly units: number
}

type MomentsOf = (variant: number) => Moments | undefined

const VARIANTS_MAX = 1_000_000
const UNITS_MAX = 1_000_000_000_000
const RUNGS_MAX = 32

export function firstPhase(strategy: Strategy): Phase {
  switch (strategy.kind) {
    case 'single':
      return { variants: [0], units: strategy.units }
    case 'stat_weights':
      return { variants: numbers(strategy.perturbations + 1), units: strategy.units }
    case 'tournament':
      return { variants: numbers(strategy.variants), units: (strategy.ladder[0] as Rung).units }
  }
}

/** What follows when every variant of the phase has its units; undefined: nothing, the job is done. */
export function nextPhase(strategy: Strategy, index: number, phase: Phase, momentsOf: MomentsOf): Phase | undefined {
  if (strategy.kind !== 'tournament') return undefined
  const rung = strategy.ladder[index + 1]
  if (rung === undefined) return undefined
  const count = Math.max(1, Math.ceil(phase.variants.length * (strategy.ladder[index] as Rung).keep))
  return { variants: rank(phase.variants, momentsOf).slice(0, count), units: rung.units }
}

/** Units of each variant when a phase ends. */
export function unitsOf(strategy: Strategy, phase: number): number {
  return strategy.kind === 'tournament' ? (strategy.ladder[phase] as Rung).units : strategy.units
}

/** How many phases the strategy has. */
export function phaseCount(strategy: Strategy): number {
  return strategy.kind === 'tournament' ? strategy.ladder.length : 1
}

/** Whether the mean of a variant is known well enough. */
export function isPrecise(stop: AdaptiveStop | undefined, moments: Moments | undefined): boolean {
  if (stop === undefined || moments === undefined || moments.count < stop.minUnits) return false
  return relativeErrorOf(moments) < stop.targetError
}

/** The best mean first; equal ones by number, lowest first. A variant without results is out. */
export function rank(variants: readonly number[], momentsOf: MomentsOf): number[] {
  return variants
    .flatMap((variant) => {
      const moments = momentsOf(variant)
      return moments === undefined ? [] : [{ variant, mean: moments.mean }]
    })
    .sort((a, b) => b.mean - a.mean || a.variant - b.variant)
    .map(({ variant }) => variant)
}

/** Throws `invalid_job` when the strategy asks for nothing, for nonsense or for too much. */
export function validateStrategy(strategy: Strategy): void {
  if (strategy.kind === 'tournament') {
    whole('tournament.variants', strategy.variants, VARIANTS_MAX)
    whole('tournament.ladder.length', strategy.ladder.length, RUNGS_MAX)
    let before = 0
    for (const { units, keep } of strategy.ladder) {
      whole('tournament.ladder.units', units, UNITS_MAX)
      if (units <= before) throw invalid('each phase of a tournament needs more units than the one before it')
      if (!(keep > 0 && keep <= 1)) throw invalid(`keep is ${keep}; it is a fraction above 0 and at most 1`)
      before = units
    }
  } else {
    whole(`${strategy.kind}.units`, strategy.units, UNITS_MAX)
    if (strategy.kind === 'stat_weights') whole('stat_weights.perturbations', strategy.perturbations, VARIANTS_MAX - 1)
  }
  if (strategy.stop !== undefined) {
    whole('stop.minUnits', strategy.stop.minUnits, UNITS_MAX)
    if (!(strategy.stop.targetError > 0))
      throw invalid(`stop.targetError is ${strategy.stop.targetError}; it is above 0`)
  }
}

function whole(name: string, value: number, max: number): void {
  if (!Number.isSafeInteger(value) || value < 1 || value > max) {
    throw invalid(`${name} is ${value}; it is a whole number from 1 to ${max}`)
  }
}

function invalid(message: string): TerraneError {
  return new TerraneError('invalid_job', message, { hint: 'Correct the job and submit it again.' })
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number)
}
