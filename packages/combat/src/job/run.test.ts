import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeJobResult, encodeJobResult } from '../results/codec.js'
import { bucketFloor } from '../results/histogram.js'
import { iterationsOf, mergeResults, momentsOf } from '../results/merge.js'
import { representativeIteration, summarize } from '../results/summary.js'
import { SPECS, shippedPlan } from '../test-data/shipped.js'
import { CombatRunner } from './run.js'
import { recordTimeline } from './timeline.js'

const ITERATIONS = 60

/** Random places to cut [0, ITERATIONS), and an order in which the parts come back. */
const split = fc.uniqueArray(fc.integer({ min: 1, max: ITERATIONS - 1 }), { maxLength: 12 }).chain((cuts) => {
  const bounds = [0, ...cuts.sort((a, b) => a - b), ITERATIONS]
  const parts = bounds.slice(1).map((end, i) => ({ first: bounds[i] as number, count: end - (bounds[i] as number) }))
  return fc.shuffledSubarray(parts, { minLength: parts.length })
})

describe.each(SPECS)('%s', (spec) => {
  const plan = shippedPlan(spec, 60, 3)
  const runner = new CombatRunner(plan)
  const whole = encodeJobResult(runner.run({ seed: 'job', first: 0, count: ITERATIONS }))

  test('any split, merged in any order and grouping, gives the same bytes', () => {
    fc.assert(
      fc.property(split, fc.nat(), (parts, pick) => {
        // Each part by memory of its own, as on another node, and through its encoding.
        const results = parts.map((part) =>
          decodeJobResult(encodeJobResult(new CombatRunner(plan).run({ seed: 'job', ...part }))),
        )
        while (results.length > 1) {
          const [left] = results.splice(pick % results.length, 1)
          const [right] = results.splice(pick % results.length, 1)
          if (left !== undefined && right !== undefined) results.push(mergeResults(left, right))
        }
        expect(encodeJobResult(results[0] as never)).toEqual(whole)
      }),
      { numRuns: 15 },
    )
  })

  test('the seed decides everything', () => {
    expect(encodeJobResult(runner.run({ seed: 'job', first: 0, count: ITERATIONS }))).toEqual(whole)
    const other = runner.run({ seed: 'another', first: 0, count: ITERATIONS })
    expect(other.damageSum).not.toBe(decodeJobResult(whole).damageSum)
  })

  test('the damage is that of the spells, and moments, histogram and extremes tell of the same fights', () => {
    const result = decodeJobResult(whole)
    expect(result.spells.reduce((sum, { damage }) => sum + damage, 0n)).toBe(result.damageSum)
    expect(iterationsOf(result)).toBe(ITERATIONS)
    const damages = Array.from({ length: ITERATIONS }, (_, i) => recordTimeline(plan, 'job', i).damage)
    expect(momentsOf(result)).toEqual({
      count: ITERATIONS,
      sum: damages.reduce((sum, damage) => sum + damage, 0n),
      squares: damages.reduce((sum, damage) => sum + damage * damage, 0n),
    })
    const sorted = damages.map(Number).sort((a, b) => a - b)
    expect([result.damageMin, result.damageMax].map(Number)).toEqual([sorted[0], sorted.at(-1)])
    for (const { index, count } of result.histogram) {
      const inside = sorted.filter((damage) => damage >= bucketFloor(index) && damage < bucketFloor(index + 1))
      expect(Number(count)).toBe(inside.length)
    }
    const median = sorted[ITERATIONS / 2 - 1] as number
    const chosen = Number(damages[representativeIteration(result)])
    expect(Math.abs(chosen / median - 1)).toBeLessThan(0.001)
    expect(summarize(result).median / (median / 60)).toBeCloseTo(1, 3)
  })

  test('counts fit together', () => {
    const result = decodeJobResult(whole)
    for (const row of result.spells) {
      expect(row.crits).toBeLessThanOrEqual(row.hits)
      expect(row.tickCrits).toBeLessThanOrEqual(row.ticks)
    }
    const duration = BigInt(plan.durationMs * ITERATIONS)
    for (const { uptimeMs, holders, applications, token } of result.auras) {
      expect(uptimeMs, token).toBeLessThanOrEqual(duration * BigInt(holders))
      expect(uptimeMs > 0n, token).toBe(applications > 0n)
    }
    for (const { cappedMs } of result.powers) expect(cappedMs).toBeLessThanOrEqual(duration)
  })
})

describe('merging refuses', () => {
  const plan = shippedPlan('cinderwright', 10)
  const runner = new CombatRunner(plan)
  const part = runner.run({ seed: 'job', first: 10, count: 5 })

  test.each([
    [10, 5],
    [8, 3],
    [14, 1],
    [0, 100],
  ])('iterations from %i, %i of them, that overlap', (first, count) => {
    const other = runner.run({ seed: 'job', first, count })
    expect(() => mergeResults(part, other)).toThrow(expect.objectContaining({ code: 'overlapping_iterations' }))
  })

  test('results of another seed or configuration', () => {
    const seed = runner.run({ seed: 'other', first: 0, count: 5 })
    const config = new CombatRunner(shippedPlan('cinderwright', 10, 2)).run({ seed: 'job', first: 0, count: 5 })
    for (const other of [seed, config]) {
      expect(() => mergeResults(part, other)).toThrow(expect.objectContaining({ code: 'other_job' }))
    }
  })
})

test.each([
  [{ seed: 's', first: 0, count: -1 }, 'count is -1'],
  [{ seed: 's', first: 0, count: 0 }, 'count is 0'],
  [{ seed: 's', first: 0, count: Number.NaN }, 'count is NaN'],
  [{ seed: 's', first: -1, count: 1 }, 'first is -1'],
  [{ seed: 's', first: 0.5, count: 1 }, 'first is 0.5'],
  [{ seed: '', first: 0, count: 1 }, 'seed is '],
  [{ seed: 's', first: 2 ** 32 - 1, count: 2 }, 'count is 2'],
])('%j is refused by name', (request, message) => {
  const runner = new CombatRunner(shippedPlan('cinderwright', 10))
  expect(() => runner.run(request)).toThrow(expect.objectContaining({ code: 'bad_iterations', message }))
})

test.each([
  ['', 'holds no iterations'],
  ['ff'.repeat(20), ''],
  ['0a', ''],
])('bytes %s are no result', (hex, why) => {
  const bytes = Uint8Array.from(Buffer.from(hex, 'hex'))
  expect(() => decodeJobResult(bytes)).toThrow(
    expect.objectContaining({ code: 'bad_encoding', message: expect.stringContaining(why) }),
  )
})
