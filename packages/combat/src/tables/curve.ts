/** A function by points, x ascending; beyond its ends it keeps the values that it has there. */
export interface Curve {
  readonly interpolation: 'linear' | 'step'
  readonly xs: readonly number[]
  readonly ys: readonly number[]
}

/** The curve's value at `x`. */
export function curveAt({ interpolation, xs, ys }: Curve, x: number): number {
  // The first point beyond x.
  let low = 0
  let high = xs.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((xs[middle] as number) <= x) low = middle + 1
    else high = middle
  }
  if (low === 0) return ys[0] as number
  const left = low - 1
  if (low === xs.length || interpolation === 'step') return ys[left] as number
  const share = (x - (xs[left] as number)) / ((xs[low] as number) - (xs[left] as number))
  return (ys[left] as number) + share * ((ys[low] as number) - (ys[left] as number))
}
