import { defineWorld, type MapRange, ZoneMap } from '@terrane/engine'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPostgresStore } from '../open.js'
import { createTestDatabase, type TestDatabase } from '../test-server/test-database.js'
import { CODE_MAX } from './map-migration.js'

const SIXTEENTH = (CODE_MAX + 1) / 16

/** Ranges of whole sixteenths of the codes, mostly one behind the other: some tile all codes, most do not. */
const anyRanges = fc
  .record({
    lengths: fc.array(fc.integer({ min: 1, max: 16 }), { minLength: 1, maxLength: 5 }),
    slips: fc.array(fc.constantFrom(0, 0, 0, 0, 0, 1, -1), { minLength: 5, maxLength: 5 }),
  })
  .map(({ lengths, slips }) => {
    let next = 0
    return lengths.flatMap((length, i): MapRange[] => {
      const lo = next + (slips[i] as number) * SIXTEENTH
      const hi = Math.min(CODE_MAX, next + length * SIXTEENTH - 1)
      next = hi + 1
      const isRange = 0 <= lo && lo <= hi
      return isRange ? [{ authority: 'persona', lo, hi, zone: `persona-${i + 1}` }] : []
    })
  })
  .filter((ranges) => ranges.length > 0)

function isTiling(ranges: readonly MapRange[]): boolean {
  try {
    ZoneMap.of(1, ranges)
    return true
  } catch {
    return false
  }
}

describe('the zone map in the database', () => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createTestDatabase()
    const opened = await openPostgresStore({ url: database.url })
    await opened.migrate(defineWorld({ name: 'map', kinds: {} }))
    await opened.close()
  })
  afterAll(() => database.drop())

  const insert = (version: number, ranges: readonly MapRange[]) =>
    database.query(
      `INSERT INTO terrane.zone_map (version, authority, lo, hi, next, zone_id) VALUES ${ranges
        .map(({ authority, lo, hi, zone }) => {
          const next = hi === CODE_MAX ? 0 : hi + 1
          return `(${version}, '${authority}', ${lo}, ${hi}, ${next}, '${zone}')`
        })
        .join(', ')}`,
    )

  test('has no overlap and no gap, even by SQL of another hand', async () => {
    let version = 100
    let accepted = 0
    await fc.assert(
      fc.asyncProperty(anyRanges, async (ranges) => {
        version++
        const outcome = await insert(version, ranges).then(
          () => 'accepted',
          (error: { code: string }) => error.code,
        )
        if (isTiling(ranges)) {
          accepted++
          expect(outcome).toBe('accepted')
        } else expect(outcome).toMatch(/^(23503|23505|23514)$/)
      }),
      { numRuns: 200, examples: [[[{ authority: 'persona', lo: 0, hi: CODE_MAX, zone: 'persona-1' }]]] },
    )
    expect(accepted).toBeGreaterThan(1)
  })

  test.each([
    ['takes a range away', 'DELETE FROM terrane.zone_map WHERE version = 1 AND lo > 0', '23503'],
    [
      'makes one longer',
      'UPDATE terrane.zone_map SET hi = hi + 1, next = next + 1 WHERE version = 1 AND lo = 0',
      '23503',
    ],
    [
      'makes one shorter',
      'UPDATE terrane.zone_map SET hi = hi - 1, next = next - 1 WHERE version = 1 AND lo = 0',
      '23503',
    ],
    ['lies about what comes next', 'UPDATE terrane.zone_map SET next = 0 WHERE version = 1 AND lo = 0', '23514'],
  ])('refuses a statement that %s', async (_, sql, code) => {
    const half = (CODE_MAX + 1) / 2
    await database.query('DELETE FROM terrane.zone_map WHERE version = 1')
    await insert(1, [
      { authority: 'spatial', lo: 0, hi: half - 1, zone: 'space-1' },
      { authority: 'spatial', lo: half, hi: CODE_MAX, zone: 'space-2' },
    ])
    await expect(database.query(sql)).rejects.toMatchObject({ code })
  })
})
