import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bucketAt, bucketFloor, bucketOf } from './histogram.js'
import {
  confidenceHalfWidthOf,
  type Moments,
  m2Of,
  meanOf,
  mergeMoments,
  relativeErrorOf,
  standardDeviationOf,
} from './moments.js'

function momentsOf(values: readonly number[]): Moments {
  return {
    count: values.length,
    sum: values.reduce((sum, value) => sum + BigInt(value), 0n),
    squares: values.reduce((sum, value) => sum + BigInt(value) ** 2n, 0n),
  }
}

test('2, 4, 4, 4, 5, 5, 7, 9: mean 5, M2 32, σ² 32/7', () => {
  const moments = momentsOf([2, 4, 4, 4, 5, 5, 7, 9])
  expect(meanOf(moments)).toBe(5)
  expect(m2Of(moments)).toBe(32)
  expect(standardDeviationOf(moments)).toBeCloseTo(Math.sqrt(32 / 7), 12)
  expect(relativeErrorOf(moments)).toBeCloseTo(Math.sqrt(32 / 7 / 8) / 5, 12)
  expect(confidenceHalfWidthOf(moments)).toBeCloseTo(1.959964 * Math.sqrt(32 / 7 / 8), 5)
})

test('nothing and one value are told as what they are', () => {
  expect(meanOf(momentsOf([]))).toBeNaN()
  expect(standardDeviationOf(momentsOf([5]))).toBe(0)
  expect(confidenceHalfWidthOf(momentsOf([5]))).toBe(Number.POSITIVE_INFINITY)
  expect(relativeErrorOf(momentsOf([0, 0]))).toBe(Number.POSITIVE_INFINITY)
})

test('M2 does not cancel: 10¹² ± 1', () => {
  expect(m2Of(momentsOf([1e12 - 1, 1e12, 1e12 + 1]))).toBe(2)
})

const damage = fc.integer({ min: 0, max: 2 ** 42 })

test('merging is exact', () => {
  fc.assert(
    fc.property(fc.array(damage), fc.array(damage), (left, right) => {
      expect(mergeMoments(momentsOf(left), momentsOf(right))).toEqual(momentsOf([...left, ...right]))
    }),
  )
})

test('a value is in its bucket, which is at most a thousandth of it wide', () => {
  fc.assert(
    fc.property(fc.oneof(fc.nat(5_000), damage, fc.maxSafeNat()), (value) => {
      const bucket = bucketOf(value)
      const width = bucketFloor(bucket + 1) - bucketFloor(bucket)
      expect(bucketFloor(bucket)).toBeLessThanOrEqual(value)
      expect(bucketFloor(bucket + 1)).toBeGreaterThan(value)
      expect(width).toBeLessThanOrEqual(Math.max(1, value / 1_024))
    }),
  )
})

test('quantiles are the buckets in which their share of the values ends', () => {
  const buckets = [1, 2, 3, 4].map((index) => ({ index, count: 25n }))
  expect([0, 0.25, 0.26, 0.5, 0.75, 1].map((q) => bucketAt(buckets, q)?.index)).toEqual([1, 1, 2, 2, 3, 4])
  expect(bucketAt([], 0.5)).toBeUndefined()
})
