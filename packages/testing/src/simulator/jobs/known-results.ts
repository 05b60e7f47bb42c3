import type { Moments, ResultPort, UnitRange, Work } from '@terrane/jobs'

/**
 * A result that tells which units are in it and what they add up to, and so whether one is missing,
 * counted twice or made up.
 */
export interface KnownResult {
  readonly variant: number
  /** Sorted, not touching. */
  readonly ranges: readonly UnitRange[]
  readonly sum: number
  readonly squares: number
  /** Nodes that made up parts of it. */
  readonly liars: readonly string[]
  /** Computed by other rules than the sentinel's. */
  readonly isOutdated?: boolean
}

const VALUES = 97

/** What a unit comes to; variants differ in their means by a little. */
function unitValue(variant: number, unit: number): number {
  return 1_000 + (variant % 13) * 7 + ((unit * 31 + variant * 17) % VALUES)
}

export function computeKnown(
  { variant, from, to }: Omit<Work, 'jobId'>,
  lie?: { by: string; amount: number },
): KnownResult {
  let sum = lie?.amount ?? 0
  let squares = 0
  for (let unit = from; unit < to; unit++) {
    const value = unitValue(variant, unit)
    sum += value
    squares += value * value
  }
  return { variant, ranges: [{ from, to }], sum, squares, liars: lie === undefined ? [] : [lie.by] }
}

export function digestOfKnown({ variant, ranges, sum, squares }: KnownResult): string {
  return JSON.stringify([variant, ranges, sum, squares])
}

/** Why it is not the result of exactly these units; undefined when it is. */
export function wrongnessOf(result: KnownResult, ranges: readonly UnitRange[]): string | undefined {
  const { variant } = result
  if (JSON.stringify(result.ranges) !== JSON.stringify(ranges)) {
    return `variant ${variant} has units ${JSON.stringify(result.ranges)} and not ${JSON.stringify(ranges)}`
  }
  const truth = ranges.reduce((sum, range) => sum + computeKnown({ variant, ...range }).sum, 0)
  return truth === result.sum ? undefined : `variant ${variant} comes to ${result.sum} and not to ${truth}`
}

/** Merging what overlaps throws: it would count twice. */
export const knownResults: ResultPort<KnownResult> = {
  merge: (left, right) => {
    if (left.variant !== right.variant) throw new Error(`variants ${left.variant} and ${right.variant} in one result`)
    return {
      variant: left.variant,
      ranges: joined([...left.ranges, ...right.ranges]),
      sum: left.sum + right.sum,
      squares: left.squares + right.squares,
      liars: [...new Set([...left.liars, ...right.liars])],
    }
  },
  momentsOf: ({ ranges, sum, squares }): Moments => {
    const count = ranges.reduce((units, { from, to }) => units + to - from, 0)
    return { count, mean: sum / count, m2: Math.max(0, squares - (sum * sum) / count) }
  },
  objection: (result, { variant, from, to }) => {
    if (result.isOutdated === true) return { kind: 'outdated', message: 'the result is by other rules' }
    const isOfWork = result.variant === variant && result.ranges[0]?.from === from && result.ranges.at(-1)?.to === to
    return isOfWork ? undefined : { kind: 'impossible', message: 'the result is of other units' }
  },
}

function joined(ranges: readonly UnitRange[]): UnitRange[] {
  const merged: { from: number; to: number }[] = []
  for (const { from, to } of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1)
    if (last === undefined || from > last.to) merged.push({ from, to })
    else if (from === last.to) last.to = to
    else throw new Error(`unit ${from} is counted twice`)
  }
  return merged
}
