import { expect, test } from 'vitest'
import { growthExponent } from './growth.js'

const SIZES = [100, 500, 1_500, 5_000]

test.each([
  ['n log n', (n: number) => 3 * n * Math.log(n), 1, 0.001],
  ['n', (n: number) => 7 * n, 0.87, 0.02],
  ['n²', (n: number) => n * n, 1.75, 0.05],
])('growth as %s is told from others', (_, cost, exponent, tolerance) => {
  const found = growthExponent(SIZES.map((sectors) => ({ sectors, cost: cost(sectors) })))
  expect(Math.abs(found - exponent)).toBeLessThan(tolerance)
})
