import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boxOf, levelFor, scaleOf, tilesIn } from './tile-grid.js'

const BOUNDS = { left: -5_000, top: -5_000, right: 5_000, bottom: 5_000 }
const coordinate = fc.double({ min: -4_000, max: 4_000, noNaN: true })

test("a level's tiles are shown at most a fifth larger or smaller than they were painted", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 40, noNaN: true }), (scale) => {
      const stretch = scale / scaleOf(levelFor(scale))
      expect(stretch).toBeGreaterThan(0.83)
      expect(stretch).toBeLessThan(1.2)
    }),
  )
})

test('the tiles of a box cover each of its points once', () => {
  fc.assert(
    fc.property(coordinate, coordinate, fc.integer({ min: -6, max: 4 }), (x, y, level) => {
      const box = { left: x - 300, top: y - 200, right: x + 300, bottom: y + 200 }
      const tiles = tilesIn(level, box, BOUNDS).map(boxOf)
      for (const [px, py] of [
        [x, y],
        [x - 299, y - 199],
        [x + 299, y + 199],
      ] as const) {
        const holding = tiles.filter(
          ({ left, right, top, bottom }) => px >= left && px < right && py >= top && py < bottom,
        )
        expect(holding).toHaveLength(1)
      }
    }),
  )
})

test('the middle comes first, and nothing beyond the map', () => {
  const box = { left: 0, top: 0, right: 2_048, bottom: 2_048 }
  expect(tilesIn(0, box, { left: 0, top: 0, right: 1_000, bottom: 400 })).toHaveLength(2)
  const [first] = tilesIn(0, { left: 0, top: 0, right: 2_559, bottom: 2_559 }, BOUNDS)
  expect(first).toEqual({ level: 0, column: 2, row: 2 })
})
