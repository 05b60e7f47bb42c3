/** Of values: how many, their mean, and the sum of their squared distances from it. */
export interface Moments {
  readonly count: number
  readonly mean: number
  readonly m2: number
}

/** Standard error of the mean as a fraction of the mean; infinite when nothing can be said about it. */
export function relativeErrorOf({ count, mean, m2 }: Moments): number {
  if (count < 2 || mean === 0) return Number.POSITIVE_INFINITY
  return Math.sqrt(m2 / (count - 1) / count) / Math.abs(mean)
}

/** Moments of two disjoint samples taken together (Chan, Golub and LeVeque 1979). */
export function mergeMoments(left: Moments, right: Moments): Moments {
  if (left.count === 0) return right
  if (right.count === 0) return left
  const count = left.count + right.count
  const delta = right.mean - left.mean
  return {
    count,
    mean: left.mean + (delta * right.count) / count,
    m2: left.m2 + right.m2 + (delta * delta * left.count * right.count) / count,
  }
}
