import { expect, test } from 'vitest'
import { scheduleOf } from './schedule.js'

test('a seed decides the kills; a longer schedule begins with the shorter one', () => {
  expect(scheduleOf('a', 30)).toEqual(scheduleOf('a', 30))
  expect(scheduleOf('a', 30)).not.toEqual(scheduleOf('b', 30))
  expect(scheduleOf('a', 30).slice(0, 3)).toEqual(scheduleOf('a', 3))
})

test('every third kill takes PostgreSQL along, never before the server was started', () => {
  const kills = ['1', '2', '3', '4', '5'].flatMap((seed) => scheduleOf(seed, 30))
  expect(kills.filter(({ postgresOffsetMs }) => postgresOffsetMs !== undefined)).toHaveLength(50)
  for (const { afterMs, postgresOffsetMs = 0 } of kills) expect(afterMs + postgresOffsetMs).toBeGreaterThanOrEqual(0)
  for (const seed of ['1', '2', '3']) expect(scheduleOf(seed, 1)[0]?.during).toBe('serving')
  expect(new Set(kills.map(({ during }) => during))).toEqual(new Set(['serving', 'starting']))
})
