/** A size, and what it took. */
export interface Sample {
  readonly sectors: number
  readonly cost: number
}

/**
 * The exponent b that fits cost = a · (n · log n)^b best (least squares of the logarithms): 1 is growth as
 * n log n, more is worse.
 */
export function growthExponent(samples: readonly Sample[]): number {
  const points = samples.map(({ sectors, cost }) => ({
    x: Math.log(sectors * Math.log(sectors)),
    y: Math.log(cost),
  }))
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanX, meanY] = [mean(points.map(({ x }) => x)), mean(points.map(({ y }) => y))]
  const covariance = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0)
  const variance = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0)
  return covariance / variance
}
