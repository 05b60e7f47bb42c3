import { computeKnown } from '@terrane/testing'
import type { Job } from '../../job/job.js'
import type { UnitRange } from '../../job/range-set.js'
import { relativeErrorOf } from '../../statistics/moments.js'

/** One unit of a variant: where it is, and how often it came to nothing. */
export interface ModelUnit {
  state: 'open' | 'claimed' | 'done' | 'lost'
  attempt: number
  /** Who had it when it failed, and until when it is rather given to others. */
  avoid: { readonly node: string; readonly until: number } | undefined
  /** Whose result is believed. */
  by: string | undefined
}

interface ModelPhase {
  readonly index: number
  readonly variants: readonly number[]
  readonly units: number
}

/** The end that a job must have come to. */
export type ModelOutcome =
  | { readonly status: 'completed'; readonly ranking: readonly number[]; readonly phases: number }
  | { readonly status: 'failed'; readonly code: string }

/** What is believed of a job at some moment. */
export type ModelSave = Pick<ModelJob, 'units' | 'phase'>

const OPEN: ModelUnit = { state: 'open', attempt: 0, avoid: undefined, by: undefined }

/** A job as its specification says, unit by unit, without a thought of how long that takes. */
export class ModelJob {
  readonly job: Job
  readonly attemptsMax: number
  /** By variant. */
  units: ModelUnit[][]
  phase: ModelPhase
  readonly settled = new Set<number>()
  outcome: ModelOutcome | undefined
  isChanged = false

  constructor(job: Job, attemptsMax: number) {
    this.job = job
    this.attemptsMax = attemptsMax
    const { strategy } = job
    const isTournament = strategy.kind === 'tournament'
    const variants = strategy.kind === 'single' ? 1 : isTournament ? strategy.variants : strategy.perturbations + 1
    const units = isTournament ? (strategy.ladder.at(-1)?.units ?? 0) : strategy.units
    this.units = Array.from({ length: variants }, () => Array.from({ length: units }, () => ({ ...OPEN })))
    this.phase = this.#firstPhase()
  }

  /** Whether some unit may be given to that node. */
  hasWorkFor(node: string, now: number): boolean {
    return this.units.some((units, variant) =>
      units.some((unit, number) => this.isFree(variant, number) && mayHave(unit, node, now)),
    )
  }

  /** Whether nobody has the unit, and it is needed. */
  isFree(variant: number, number: number): boolean {
    if (this.outcome !== undefined || this.settled.has(variant)) return false
    const unit = this.unit(variant, number)
    const isOfPhase = this.phase.variants.includes(variant) && number < this.phase.units
    return unit.state === 'open' && (isOfPhase || unit.attempt > 0)
  }

  unit(variant: number, number: number): ModelUnit {
    const unit = this.units[variant]?.[number]
    if (unit === undefined) throw new Error(`there is no unit ${number} of variant ${variant}`)
    return unit
  }

  set(variant: number, { from, to }: UnitRange, change: Partial<ModelUnit>): void {
    for (let number = from; number < to; number++) Object.assign(this.unit(variant, number), change)
  }

  accept(variant: number, range: UnitRange, node: string): void {
    this.set(variant, range, { state: 'done', by: node })
    this.isChanged = true
    if (this.#isPrecise(variant)) this.settled.add(variant)
  }

  /** Units of a variant that nobody needs any more are as if they had never been given. */
  reopen(variant: number): void {
    for (const unit of this.units[variant] ?? []) {
      if (unit.state === 'open' || unit.state === 'claimed') Object.assign(unit, OPEN)
    }
  }

  fail(variant: number, range: UnitRange, node: string, until: number): void {
    const attempt = this.unit(variant, range.from).attempt + 1
    if (attempt < this.attemptsMax) this.set(variant, range, { state: 'open', attempt, avoid: { node, until } })
    else if (this.job.onChunkFailure === 'finish_partially') {
      this.set(variant, range, { state: 'lost' })
      this.isChanged = true
    } else this.outcome ??= { status: 'failed', code: 'chunk_failed' }
  }

  discard(node: string): void {
    if (this.outcome !== undefined) return
    let isTouched = false
    for (const unit of this.units.flat()) {
      if (unit.by !== node) continue
      Object.assign(unit, OPEN)
      isTouched = true
    }
    if (!isTouched) return
    this.isChanged = true
    for (const variant of this.settled) if (!this.#isPrecise(variant)) this.settled.delete(variant)
    this.phase = this.#firstPhase()
  }

  /** Goes on to the phase that follows from what is there, or to the end. */
  advance(): void {
    while (this.outcome === undefined && this.#isPhaseDone()) {
      const { strategy } = this.job
      const { variants, index } = this.phase
      const next = strategy.kind === 'tournament' ? strategy.ladder[index + 1] : undefined
      if (strategy.kind !== 'tournament' || next === undefined) {
        this.outcome = this.#end()
        return
      }
      const kept = Math.max(1, Math.ceil(variants.length * (strategy.ladder[index]?.keep ?? 1)))
      this.phase = { index: index + 1, variants: this.#ranking().slice(0, kept), units: next.units }
    }
  }

  save(): ModelSave {
    this.isChanged = false
    return structuredClone({ units: this.units, phase: this.phase })
  }

  /** What another sentinel goes on from: what was believed, but for nodes that have lied meanwhile. */
  restore({ units, phase }: ModelSave, distrusted: ReadonlySet<string>): void {
    let hasLies = false
    this.units = units.map((list) =>
      list.map((unit) => {
        const isLie = unit.by !== undefined && distrusted.has(unit.by)
        hasLies ||= isLie
        const isKept = unit.state === 'lost' || (unit.state === 'done' && !isLie)
        return isKept ? { ...OPEN, state: unit.state, by: unit.by } : { ...OPEN }
      }),
    )
    if (!hasLies) this.phase = phase
    for (const variant of this.units.keys()) if (this.#isPrecise(variant)) this.settled.add(variant)
    this.advance()
  }

  count(state: ModelUnit['state']): number {
    return this.units.flat().filter((unit) => unit.state === state).length
  }

  /** Of the phase. */
  get unitsDone(): number {
    const { variants, units } = this.phase
    return variants.reduce(
      (sum, variant) => sum + (this.settled.has(variant) ? units : this.#endedBelow(variant, units)),
      0,
    )
  }

  /** Units of a variant that were accepted. */
  doneRanges(variant: number): UnitRange[] {
    const ranges: { from: number; to: number }[] = []
    for (const [number, { state }] of (this.units[variant] ?? []).entries()) {
      if (state !== 'done') continue
      const last = ranges.at(-1)
      if (last?.to === number) last.to++
      else ranges.push({ from: number, to: number + 1 })
    }
    return ranges
  }

  #firstPhase(): ModelPhase {
    const { strategy } = this.job
    const units = strategy.kind === 'tournament' ? (strategy.ladder[0]?.units ?? 0) : strategy.units
    return { index: 0, variants: [...this.units.keys()], units }
  }

  #isPhaseDone(): boolean {
    const { variants, units } = this.phase
    return variants.every((variant) => this.settled.has(variant) || this.#endedBelow(variant, units) === units)
  }

  #endedBelow(variant: number, limit: number): number {
    const ended = (this.units[variant] ?? []).slice(0, limit)
    return ended.filter(({ state }) => state === 'done' || state === 'lost').length
  }

  #end(): ModelOutcome {
    const ranking = this.#ranking()
    const needed = this.job.strategy.kind === 'tournament' ? 1 : this.phase.variants.length
    if (ranking.length < needed) return { status: 'failed', code: 'no_results' }
    return { status: 'completed', ranking, phases: this.phase.index + 1 }
  }

  #ranking(): number[] {
    const means = this.phase.variants.flatMap((variant) => {
      const values = this.#valuesOf(variant)
      return values.length === 0 ? [] : [{ variant, mean: sumOf(values) / values.length }]
    })
    return means.sort((a, b) => b.mean - a.mean || a.variant - b.variant).map(({ variant }) => variant)
  }

  #isPrecise(variant: number): boolean {
    const { stop } = this.job.strategy
    const values = this.#valuesOf(variant)
    if (stop === undefined || values.length < stop.minUnits) return false
    const mean = sumOf(values) / values.length
    const m2 = sumOf(values.map((value) => (value - mean) ** 2))
    return relativeErrorOf({ count: values.length, mean, m2 }) < stop.targetError
  }

  #valuesOf(variant: number): number[] {
    return this.doneRanges(variant).flatMap(({ from, to }) =>
      Array.from({ length: to - from }, (_, i) => computeKnown({ variant, from: from + i, to: from + i + 1 }).sum),
    )
  }
}

/** Whether a unit that is free may go to that node now. */
export function mayHave({ avoid }: ModelUnit, node: string, now: number): boolean {
  return avoid === undefined || avoid.node !== node || now >= avoid.until
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
