import { expect, test } from 'vitest'
import { CombatRunner } from '../job/run.js'
import { shippedPlan } from '../test-data/shipped.js'
import { decodeComparison, encodeComparison } from './comparison.js'

const runs = [10, 20, 30].map((seconds) => {
  const runner = new CombatRunner(shippedPlan('cinderwright', seconds))
  return runner.run({ seed: 'job', first: 0, count: 3 })
})

test('a comparison has the same bytes in whatever order its results come, and gives them back', () => {
  const bytes = encodeComparison(new Map(runs.map((run, variant) => [variant, run])))
  const reversed = encodeComparison(new Map(runs.map((run, variant) => [variant, run] as const).reverse()))
  expect(reversed).toEqual(bytes)
  expect([...decodeComparison(bytes)].map(([variant, { durationMs }]) => [variant, durationMs])).toEqual([
    [0, 10_000],
    [1, 20_000],
    [2, 30_000],
  ])
})

test.each(['', '0a02ffff', '0a020801'])('bytes %s are no comparison', (hex) => {
  expect(() => decodeComparison(Uint8Array.from(Buffer.from(hex, 'hex')))).toThrow(
    expect.objectContaining({ code: 'bad_encoding' }),
  )
})
