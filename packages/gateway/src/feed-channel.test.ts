import { TerraneError } from '@terrane/core'
import { expect, test } from 'vitest'
import type { FeedSubscriber, Feeds } from './feed-channel.js'
import { startTestServer } from './test-support/test-server.js'

const TOPIC = 'jobs:1'

/** Feeds for ada; `open` tells who listens. */
function feedsOfAda() {
  const open = new Set<FeedSubscriber>()
  const feeds: Feeds = {
    async open(topic, subscriber) {
      if (subscriber.player !== 'ada') throw new TerraneError('not_found', 'there is no such job')
      open.add(subscriber)
      return { hasRoster: topic === 'nodes:online', close: () => open.delete(subscriber) }
    },
  }
  return { open, feeds }
}

test('who may listen hears what the source tells, until they leave', async () => {
  const { open, feeds } = feedsOfAda()
  const server = await startTestServer({ feeds })
  const ada = await server.connect('ada')
  expect(await ada.join({}, TOPIC)).toMatchObject({ status: 'ok' })
  for (const subscriber of open) subscriber.push('updated', { status: 'running' })
  expect((await ada.event('updated', TOPIC)).payload).toEqual({ status: 'running' })
  expect(await ada.push(TOPIC, 'anything', {})).toMatchObject({ status: 'error', response: { code: 'unknown_event' } })
  expect(await ada.push(TOPIC, 'phx_leave', {})).toMatchObject({ status: 'ok' })
  expect(open.size).toBe(0)
})

test('a subscription ends with its connection', async () => {
  const { open, feeds } = feedsOfAda()
  const server = await startTestServer({ feeds })
  const ada = await server.connect('ada')
  await ada.join({}, TOPIC)
  expect(open.size).toBe(1)
  ada.socket.terminate()
  await expect.poll(() => open.size).toBe(0)
})

test('who may not is told why, and can join other topics', async () => {
  const server = await startTestServer({ feeds: feedsOfAda().feeds })
  const eve = await server.connect('eve')
  expect(await eve.join({}, TOPIC)).toMatchObject({ status: 'error', response: { code: 'not_found' } })
  expect(await eve.join()).toMatchObject({ status: 'ok' })
})

test('without a source there is no such topic', async () => {
  const server = await startTestServer()
  const ada = await server.connect('ada')
  expect(await ada.join({}, TOPIC)).toMatchObject({ status: 'error', response: { code: 'unknown_topic' } })
})

test('a roster lists who is there without a session, and not those who look at it', async () => {
  const server = await startTestServer({ feeds: feedsOfAda().feeds })
  const leave = server.gateway.list('nodes:online', 'node-1', 'node')
  const ada = await server.connect('ada')
  await ada.join({}, 'nodes:online')
  const { payload } = await ada.event('presence_state', 'nodes:online')
  expect(Object.keys(payload as object)).toEqual(['node-1'])
  leave()
  expect((await ada.event('presence_diff', 'nodes:online')).payload).toMatchObject({ leaves: { 'node-1': {} } })
})
