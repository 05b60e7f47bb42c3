import { STRUCTURE_SPACING } from '@terrane/world-frontier'
import { expect, test } from 'vitest'
import { affordable, BUILD_RANGE, billText, freePlace, massOf, timesCovered } from './frontier-rules.js'

test('bills are compared with a stock', () => {
  const stock = new Map([
    ['plate', 9],
    ['beam', 4],
  ])
  expect(affordable({ plate: 4, beam: 2 }, stock)).toBe(true)
  expect(affordable({ plate: 4, coolant: 1 }, stock)).toBe(false)
  expect(timesCovered({ plate: 4, beam: 2 }, stock)).toBe(2)
  expect(massOf(stock)).toBe(9 * 2 + 4 * 3)
  expect(billText({ plate: 4, beam: 2 })).toBe('4 plate, 2 beam')
})

test('a free place keeps its distance from what stands there and stays within reach', () => {
  const ship = { x: 1000, y: 1000 }
  const taken: { x: number; y: number }[] = []
  for (let i = 0; i < 30; i++) {
    const place = freePlace(ship, taken)
    expect(place).toBeDefined()
    if (place === undefined) return
    for (const other of taken) {
      expect(Math.hypot(other.x - place.x, other.y - place.y)).toBeGreaterThanOrEqual(STRUCTURE_SPACING)
    }
    expect(Math.hypot(ship.x - place.x, ship.y - place.y)).toBeLessThan(BUILD_RANGE)
    taken.push(place)
  }
})
