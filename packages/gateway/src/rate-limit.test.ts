import { describe, expect, test } from 'vitest'
import { resolveLimits } from './limits.js'
import { TokenBucket } from './rate-limit.js'

describe('token bucket', () => {
  test('gives the burst, then the rate', () => {
    const bucket = new TokenBucket(100, 5, 1_000)
    const taken = (now: number): number => {
      let count = 0
      while (bucket.take(1, now)) count++
      return count
    }
    expect(taken(1_000)).toBe(5)
    expect(taken(1_009)).toBe(0)
    expect(taken(1_010)).toBe(1)
    expect(taken(1_045)).toBe(3)
    expect(taken(9_000)).toBe(5)
  })

  test('gives all or nothing', () => {
    const bucket = new TokenBucket(1, 10, 0)
    expect(bucket.take(11, 0)).toBe(false)
    expect(bucket.take(10, 0)).toBe(true)
  })

  test('survives a clock that is set back', () => {
    const bucket = new TokenBucket(1_000, 1, 10_000)
    expect(bucket.take(1, 10_000)).toBe(true)
    expect(bucket.take(1, 5_000)).toBe(false)
    expect(bucket.take(1, 5_001)).toBe(true)
  })

  test('Infinity lifts it', () => {
    const bucket = new TokenBucket(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0)
    for (let i = 0; i < 1_000; i++) expect(bucket.take(1_000_000, i)).toBe(true)
  })
})

describe('limits', () => {
  test('grow with inputsPerSecond, unless they are given', () => {
    expect(resolveLimits({ inputsPerSecond: 2_000 })).toMatchObject({
      inputsBurst: 4_000,
      framesPerSecond: 10_000,
      bytesPerSecond: 10 * 256 * 1024,
    })
    expect(resolveLimits({ inputsPerSecond: Number.POSITIVE_INFINITY }).framesBurst).toBe(Number.POSITIVE_INFINITY)
    expect(resolveLimits({ inputsPerSecond: 10 })).toMatchObject({ inputsBurst: 20, framesPerSecond: 1_000 })
  })

  test('that contradict each other are refused', () => {
    expect(() => resolveLimits({ framesPerSecond: 10 })).toThrow(/flooding/)
    expect(() => resolveLimits({ frameBytesMax: 1_000 })).toThrow(/CELLS_MAX/)
  })
})
