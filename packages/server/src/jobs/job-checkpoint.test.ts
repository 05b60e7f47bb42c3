import { CombatRunner, compileCombat, parseCombatConfig } from '@terrane/combat'
import { expect, test } from 'vitest'
import { shippedGameData } from './game-data-source.js'
import { decodeCheckpoint, encodeCheckpoint } from './job-checkpoint.js'
import { profile } from './test-jobs/jobs-server.js'

test('keeps what was accepted; what was computed by other rules is not gone on from', async () => {
  const { data } = await shippedGameData().current()
  const plan = compileCombat(data, parseCombatConfig(profile()))
  const result = new CombatRunner(plan).run({ seed: 'same', first: 0, count: 5 })
  const ranges = [{ from: 0, to: 5 }]
  const snapshot = {
    phase: { index: 0, variants: [] },
    parts: [{ node: 'n', variant: 0, ranges, result }],
    reviews: [{ variant: 0, from: 5, to: 10, votes: [{ node: 'm', owner: 'o', digest: 'd', result }] }],
    lost: [],
  }
  const bytes = encodeCheckpoint(snapshot)
  expect(decodeCheckpoint(bytes, () => plan.fingerprint)).toEqual(snapshot)
  expect(() => decodeCheckpoint(bytes, () => 'of another engine')).toThrow(/cannot be read/)
})
