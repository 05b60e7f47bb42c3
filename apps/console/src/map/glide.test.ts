import { expect, test } from 'vitest'
import { glidePosition, glideSeconds, glideShare } from './glide.js'

test('a glide lasts a little longer than the reports are apart', () => {
  expect(glideSeconds(0.1)).toBeCloseTo(0.115)
  expect(glideSeconds(0.5)).toBeCloseTo(0.575)
})

test('a burst of reports never makes a glide of no length', () => {
  expect(glideSeconds(0)).toBeGreaterThan(0)
})

test('after a rest, the next report starts a movement of its own and not one as long as the rest', () => {
  expect(glideSeconds(60)).toBeLessThan(0.5)
  expect(glideSeconds(Number.NaN)).toBeLessThan(0.5)
})

test('the share of a glide stays within its ends', () => {
  expect(glideShare(10, 2, 9)).toBe(0)
  expect(glideShare(10, 2, 11)).toBe(0.5)
  expect(glideShare(10, 2, 15)).toBe(1)
  expect(glideShare(10, 0, 10)).toBe(1)
})

test('a position is never ahead of what was said', () => {
  expect(glidePosition(4, 8, 0.25)).toBe(5)
  expect(glidePosition(4, 8, 1)).toBe(8)
})
