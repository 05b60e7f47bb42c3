import { expect, test } from 'vitest'
import { bytes, cell, compact, duration, millis, title, words } from './format.js'

test.each([
  [0, '0'],
  [7.26, '7.3'],
  [7, '7'],
  [99.96, '100'],
  [412.4, '412'],
  [9_999, '9999'],
  [12_400, '12.4k'],
  [999_949, '1000k'],
  [999_950, '1M'],
  [3_140_000, '3.1M'],
  [-12_400, '-12.4k'],
  [null, '–'],
  [Number.NaN, '–'],
])('compact(%s) is %s', (value, text) => {
  expect(compact(value)).toBe(text)
})

test.each([
  [0, '0'],
  [0.1234, '0.12'],
  [9.876, '9.88'],
  [12.34, '12.3'],
  [123.4, '123'],
  [null, '–'],
])('millis(%s) is %s', (value, text) => {
  expect(millis(value)).toBe(text)
})

test.each([
  [0, '0 B'],
  [812, '812 B'],
  [4_200, '4.2 kB'],
  [999_600, '1 MB'],
  [1_340_000_000, '1.3 GB'],
  [null, '–'],
])('bytes(%s) is %s', (value, text) => {
  expect(bytes(value)).toBe(text)
})

test.each([
  [-3, '0 s'],
  [59.9, '59 s'],
  [61, '1 min'],
  [3 * 3600 + 12 * 60, '3 h 12 min'],
  [50 * 3600, '2 d 2 h'],
])('duration(%s) is %s', (value, text) => {
  expect(duration(value)).toBe(text)
})

test('names of kinds and columns become words', () => {
  expect(words('resourceNodes')).toBe('resource nodes')
  expect(title('resource_nodes')).toBe('Resource nodes')
  expect(words('targetX')).toBe('target x')
})

test('a column shows its value as people read it', () => {
  const now = Date.UTC(2030, 0, 1)
  expect(cell('x', 12, now)).toBe('12')
  expect(cell('x', 12.345, now)).toBe('12.35')
  expect(cell('moving', true, now)).toBe('yes')
  expect(cell('homeX', null, now)).toBe('–')
  expect(cell('storage', '', now)).toBe('“”')
  expect(cell('joinedAt', now - 90_000, now)).toBe('1 min ago')
  expect(cell('readyAt', now + 5_000, now)).toBe('in 5 s')
  expect(cell('readyAt', 0, now)).toBe('0')
  expect(cell('at', new Date(now), now)).toBe('now')
  expect(cell('path', [1, 2], now)).toBe('[1,2]')
})
