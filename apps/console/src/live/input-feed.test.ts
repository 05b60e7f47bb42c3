import { expect, test } from 'vitest'
import { describeArgs, failureOf, InputFeed } from './input-feed.js'

test('an input shows when it was applied and when it was durable', async () => {
  const feed = new InputFeed()
  let settleDurable = () => {}
  const durable = new Promise<void>((resolve) => {
    settleDurable = resolve
  })
  expect(await feed.track('move', 'to 1, 2', { applied: Promise.resolve(), durable })).toBe(true)
  expect(feed.entries.get()[0]).toMatchObject({ name: 'move', durableMs: undefined, outcome: undefined })
  expect(feed.entries.get()[0]?.appliedMs).toBeGreaterThanOrEqual(0)
  settleDurable()
  await durable
  expect(feed.entries.get()[0]?.durableMs).toBeGreaterThanOrEqual(0)
})

test('a refusal shows its code and its reason', async () => {
  const feed = new InputFeed()
  const refused = Promise.reject(Object.assign(new Error('the ship is too far away'), { code: 'too_far' }))
  expect(await feed.track('harvest', '', { applied: refused, durable: refused })).toBe(false)
  expect(feed.entries.get()[0]?.outcome).toEqual({ code: 'too_far', message: 'the ship is too far away' })
})

test('keeps the newest entries first, and not all of them', async () => {
  const feed = new InputFeed()
  for (let i = 0; i < 100; i++) {
    await feed.track('move', String(i), { applied: Promise.resolve(), durable: Promise.resolve() })
  }
  expect(feed.entries.get().length).toBeLessThan(100)
  expect(feed.entries.get()[0]?.detail).toBe('99')
})

test('arguments are described in one line', () => {
  expect(describeArgs({ x: 1.23456, kind: 'wall', item: undefined })).toBe('x 1.23, kind wall')
})

test('whatever is thrown has a code and a message', () => {
  expect(failureOf(new Error('no'))).toEqual({ code: 'failed', message: 'no' })
  expect(failureOf('no')).toEqual({ code: 'failed', message: 'no' })
})
