/**
 * Count, sum and sum of squares of whole numbers. Unlike a running mean and M2 (Welford), whose merging rounds and so
 * depends on its order, these merge exactly; mean and M2 follow from them without cancellation, as all is done in
 * whole numbers of any size.
 */
export interface Moments {
  readonly count: number
  readonly sum: bigint
  readonly squares: bigint
}

/** Of a normal distribution: 95 % lie within so many standard deviations. */
const Z_95 = 1.959963984540054

export function mergeMoments(left: Moments, right: Moments): Moments {
  return {
    count: left.count + right.count,
    sum: left.sum + right.sum,
    squares: left.squares + right.squares,
  }
}

/** NaN of nothing. */
export function meanOf({ count, sum }: Moments): number {
  return count === 0 ? Number.NaN : divide(sum, BigInt(count))
}

/** Sum of squared distances from the mean. */
export function m2Of({ count, sum, squares }: Moments): number {
  const n = BigInt(count)
  return count === 0 ? 0 : divide(n * squares - sum * sum, n)
}

/** Of the population that these are a sample of; 0 for fewer than two. */
export function standardDeviationOf(moments: Moments): number {
  return moments.count < 2 ? 0 : Math.sqrt(m2Of(moments) / (moments.count - 1))
}

/** Of the mean. Infinite for fewer than two: one value says nothing about its error. */
export function standardErrorOf(moments: Moments): number {
  return moments.count < 2 ? Number.POSITIVE_INFINITY : standardDeviationOf(moments) / Math.sqrt(moments.count)
}

/** Standard error of the mean as a fraction of the mean; infinite when there is no mean to compare with. */
export function relativeErrorOf(moments: Moments): number {
  const mean = Math.abs(meanOf(moments))
  return mean > 0 ? standardErrorOf(moments) / mean : Number.POSITIVE_INFINITY
}

/** Half the width of the 95 % confidence interval of the mean, by the normal distribution. */
export function confidenceHalfWidthOf(moments: Moments): number {
  return Z_95 * standardErrorOf(moments)
}

/** To the nearest double, or the one beside it, whatever the sizes. */
function divide(dividend: bigint, divisor: bigint): number {
  const whole = dividend / divisor
  return Number(whole) + Number(dividend - whole * divisor) / Number(divisor)
}
