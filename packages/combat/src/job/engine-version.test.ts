import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { encodeJobResult } from '../results/codec.js'
import { SPECS, shippedPlan } from '../test-data/shipped.js'
import { ENGINE_VERSION } from './engine-version.js'
import { CombatRunner } from './run.js'

/** Of the results of all shipped profiles, with the game data that ships. */
const RESULTS_OF_VERSION: Readonly<Record<number, string>> = {
  1: '5dd681bb553c8993957a2ff9ccd7cc30aa1f152cbdc86fd6fff345577bfe7242',
}

test('fights end as they always have in this version of the engine', () => {
  const hash = createHash('sha256')
  for (const spec of SPECS) {
    const result = new CombatRunner(shippedPlan(spec, 60, 3)).run({ seed: 'version', first: 0, count: 40 })
    // The fingerprint names data and configuration: it is what results are of, not what they are.
    hash.update(encodeJobResult({ ...result, fingerprint: 'any' }))
  }
  expect(hash.digest('hex'), 'results have changed: raise ENGINE_VERSION, unless it is only the game data').toBe(
    RESULTS_OF_VERSION[ENGINE_VERSION],
  )
})
