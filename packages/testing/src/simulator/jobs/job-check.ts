import type { JobOutcome, Strategy, TournamentStrategy } from '@terrane/jobs'
import type { JobsPlan } from './job-plan.js'
import { computeKnown, type KnownResult, knownResults, wrongnessOf } from './known-results.js'
import type { JobRow } from './sim-job-store.js'

type Completed = Extract<JobOutcome<KnownResult>, { status: 'completed' }>

/** What is wrong with what became of a job. */
export function checkRow({ job, ends, status }: JobRow, plan: JobsPlan): string[] {
  if (status !== 'ended' || ends.length !== 1) return [`${job.id} has ended ${ends.length} times`]
  const end = ends[0] as JobOutcome<KnownResult>
  if (end.status === 'failed') {
    const isExpected =
      end.code === 'restart_dropped'
        ? plan.mode === 'volatile'
        : end.code === 'chunk_failed' || end.code === 'no_results'
    return isExpected ? [] : [`${job.id} has failed: ${end.code} ${end.message}`]
  }
  const wrong: string[] = []
  // With samples alone a liar may get through in the end; only what is known of it by then must not.
  const isProof = plan.trust.sample === 1 || plan.trust.agreement === 1
  for (const { result } of end.results) {
    const problem = isProof ? wrongnessOf(result, result.ranges) : undefined
    if (problem !== undefined) wrong.push(`${job.id}: ${problem}`)
  }
  const units = end.results.reduce((sum, { result }) => sum + knownResults.momentsOf(result).count, 0)
  if (units !== end.units) wrong.push(`${job.id} says ${end.units} units, and has ${units}`)
  if (job.poison !== undefined && end.unitsLost === 0 && covers(end, 0, job.poison)) {
    wrong.push(`${job.id} has a result of unit ${job.poison}, which nobody can compute`)
  }
  if (end.unitsLost > 0) {
    if (job.onChunkFailure !== 'finish_partially') wrong.push(`${job.id} ends without ${end.unitsLost} units`)
  } else if (job.strategy.stop === undefined && isProof) wrong.push(...incomplete(job.id, job.strategy, end))
  return wrong
}

function covers({ results }: Completed, variant: number, unit: number): boolean {
  const result = results.find((other) => other.variant === variant)?.result
  return result?.ranges.some(({ from, to }) => from <= unit && unit < to) === true
}

/** Each variant must have exactly the units that the strategy, told once more from the true values, gives it. */
function incomplete(id: string, strategy: Strategy, end: Completed): string[] {
  const expected = unitsOf(strategy)
  const wrong: string[] = []
  for (const [variant, units] of expected) {
    const result = end.results.find((other) => other.variant === variant)?.result
    const problem = result === undefined ? `no result of ${variant}` : wrongnessOf(result, [{ from: 0, to: units }])
    if (problem !== undefined) wrong.push(`${id}: ${problem}`)
  }
  if (end.results.length !== expected.size) wrong.push(`${id} has ${end.results.length} variants, not ${expected.size}`)
  return wrong
}

function unitsOf(strategy: Strategy): ReadonlyMap<number, number> {
  if (strategy.kind === 'single') return new Map([[0, strategy.units]])
  if (strategy.kind === 'tournament') return unitsOfTournament(strategy)
  return new Map(Array.from({ length: strategy.perturbations + 1 }, (_, variant) => [variant, strategy.units]))
}

function unitsOfTournament({ variants, ladder }: TournamentStrategy): ReadonlyMap<number, number> {
  const units = new Map<number, number>()
  let left = Array.from({ length: variants }, (_, variant) => variant)
  for (const rung of ladder) {
    const sums = left.map((variant) => ({ variant, sum: computeKnown({ variant, from: 0, to: rung.units }).sum }))
    for (const variant of left) units.set(variant, rung.units)
    sums.sort((a, b) => b.sum - a.sum || a.variant - b.variant)
    left = sums.slice(0, Math.max(1, Math.ceil(left.length * rung.keep))).map(({ variant }) => variant)
  }
  return units
}
