import type { ZoneOpStats } from '@terrane/protocol'
import { expect, test } from 'vitest'
import { opsLevel } from './ops-health.js'

const QUIET: ZoneOpStats = { outbox: 0, oldestMs: 0, buffered: 0, deadLetters: 0 }

test.each([
  [undefined, {}],
  [undefined, { outbox: 5, oldestMs: 9_000, buffered: 3 }],
  // The age of what is no more says nothing.
  [undefined, { outbox: 0, oldestMs: 60_000 }],
  ['warn', { outbox: 1, oldestMs: 11_000 }],
  ['bad', { deadLetters: 1, outbox: 1, oldestMs: 11_000 }],
])('ops are %s when a zone has %j', (level, ops) => {
  const zone = (id: string, of: Partial<ZoneOpStats>) => ({
    id,
    state: 'active',
    entities: 0,
    sessions: 0,
    epoch: 1,
    seq: 1,
    ops: { ...QUIET, ...of },
  })
  expect(opsLevel({ zones: [zone('a', {}), zone('b', ops)] })).toBe(level)
})
