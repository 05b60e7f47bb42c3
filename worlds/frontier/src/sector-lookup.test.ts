import fc from 'fast-check'
import { expect, test } from 'vitest'
import { REGION_SIZE } from './bounds.js'
import { distance, type Point } from './region/layout.js'
import { sectorAt } from './sector-lookup.js'
import { TestRegion } from './test-support/test-region.js'

const coordinate = fc.integer({ min: 0, max: REGION_SIZE })

test.each([1, 3, 40, 300])('the nearest of %i sectors is found from anywhere', async (sectors) => {
  const { tables } = await TestRegion.open(`lookup ${sectors}`, sectors)
  fc.assert(
    fc.property(coordinate, coordinate, (x, y) => {
      const from: Point = { x, y }
      const best = Math.min(...Array.from(tables.sectors.all(), (sector) => distance(sector, from)))
      expect(distance(tables.sectors.must(sectorAt(tables, from)), from)).toBe(best)
    }),
    { numRuns: 300 },
  )
})
