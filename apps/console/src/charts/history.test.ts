import type { ServerStats } from '@terrane/protocol'
import { expect, test } from 'vitest'
import { StatsHistory } from './history.js'

function sample(at: number, inputsPerS = 1): ServerStats {
  return {
    at,
    uptimeS: 1,
    connections: 1,
    sessions: 1,
    inputsPerS,
    rejectsPerS: 0,
    appliedMs: { p50: null, p99: null },
    durableMs: { p50: 2, p99: 3 },
    log: { batchesPerS: 1, bytesPerS: 1, inputsPerBatch: 1 },
    checkpoints: { perS: 0, lagMs: 0, tailBytes: 0 },
    zones: [],
    ops: { sent: 0, resent: 0, delivered: 0, duplicate: 0, refused: 0, dead: 0, overflowed: 0 },
    memory: { rssBytes: 1, heapBytes: 1 },
    database: {
      state: 'up',
      production: false,
      user: 'gateway_writer',
      role: 'writer',
      version: 'PostgreSQL 18.4',
      addressFamily: 4,
      tls: null,
      pool: { size: 4, open: 1, idle: 1, waiting: 0 },
      reconnects: 0,
    },
  }
}

test('keeps the last samples, oldest first', () => {
  const history = new StatsHistory(3)
  for (let i = 1; i <= 5; i++) history.push(sample(i * 1000, i))
  expect(history.columns([(stats) => stats.inputsPerS])).toEqual([
    [3, 4, 5],
    [3, 4, 5],
  ])
  expect(history.last?.inputsPerS).toBe(5)
})

test('takes each sample once, and none from the past', () => {
  const history = new StatsHistory()
  expect(history.push(sample(2000))).toBe(true)
  expect(history.push(sample(2000))).toBe(false)
  expect(history.push(sample(1000))).toBe(false)
  expect(history.length).toBe(1)
})

test('an outage is a hole, not a straight line', () => {
  const history = new StatsHistory()
  history.push(sample(1000))
  history.push(sample(60_000))
  expect(history.columns([(stats) => stats.inputsPerS])[1]).toEqual([1, null, 1])
})

test('a server whose clock went back starts a history of its own', () => {
  const history = new StatsHistory()
  history.push(sample(1_000_000))
  expect(history.push(sample(5_000))).toBe(true)
  expect(history.length).toBe(1)
})

test('what was not measured is null', () => {
  const history = new StatsHistory()
  history.push(sample(1000))
  expect(history.columns([(stats) => stats.appliedMs.p50])[1]).toEqual([null])
})
