import type { TestDatabase } from '@terrane/store-postgres/test-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  ask,
  ended,
  eventually,
  jobsDatabase,
  newNodeApi,
  OPERATOR,
  startJobsServer,
  startNode,
  submit,
} from './test-jobs/jobs-server.js'

const NOW = { max: 1, waitMs: 0 }

let database: TestDatabase
let url: string
let stop: () => Promise<void>

beforeAll(async () => {
  database = await jobsDatabase()
  const server = await startJobsServer(database, { isForAll: true })
  url = server.url
  stop = server.stop
})

afterAll(async () => {
  await stop?.()
  await database?.drop()
})

const setPaused = (key: string, user: string, paused: boolean) =>
  ask(`${url}/api/nodes/${key}`, user, 'PATCH', { paused })
const setPausedByOperator = (key: string, paused: boolean) =>
  ask(`${url}/api/fleet/${key}`, OPERATOR, 'PATCH', { paused })

test('a node that is paused finishes what it has, and gets nothing more until it is resumed', async () => {
  const { api } = await newNodeApi(url, 'ada', 2)
  const jobId = await submit(url, 'ada', { iterations: 20, chunks: 2, access: 'own' })
  const [chunk] = (await api.claim({ max: 1, waitMs: 10_000 })).chunks
  expect(await setPaused(api.publicKey, 'ada', true)).toMatchObject({ status: 200, body: { pausedBy: 'owner' } })
  expect(await api.claim(NOW)).toEqual({ chunks: [] })
  expect((await api.work()).chunks).toMatchObject([{ claimToken: chunk?.claimToken }])
  expect((await api.heartbeat({ claims: [{ jobId, claimToken: chunk?.claimToken ?? '' }] })).lost).toEqual([])
  // A request that waits is answered as soon as its node is resumed.
  const waiting = api.claim({ max: 1, waitMs: 20_000 })
  const resumed = await setPaused(api.publicKey, 'ada', false)
  expect(resumed.status).toBe(200)
  expect(resumed.body.pausedBy).toBeUndefined()
  expect((await waiting).chunks).toMatchObject([{ jobId }])
  await api.leave()
  await startNode(url, 'ada')
  expect(await ended(url, 'ada', jobId)).toMatchObject({ status: 'completed' })
})

test('a job waits when the only node that may compute it is paused', async () => {
  const { api } = await newNodeApi(url, 'bob')
  await setPaused(api.publicKey, 'bob', true)
  expect(await api.claim(NOW)).toEqual({ chunks: [] })
  const jobId = await submit(url, 'bob', { iterations: 10, access: 'own' })
  expect(await api.claim({ max: 1, waitMs: 1_500 })).toEqual({ chunks: [] })
  expect((await ask(`${url}/api/jobs/${jobId}`, 'bob')).body.status).toBe('pending')
  await setPaused(api.publicKey, 'bob', false)
  expect((await api.claim({ max: 1, waitMs: 10_000 })).chunks).toMatchObject([{ jobId }])
})

test('what an operator has paused only an operator resumes', async () => {
  const { api } = await newNodeApi(url, 'cyn')
  const key = api.publicKey
  expect(await setPausedByOperator(key, true)).toMatchObject({
    status: 200,
    body: { pausedBy: 'operator', userId: 'cyn' },
  })
  expect(await setPaused(key, 'cyn', false)).toMatchObject({
    status: 403,
    body: { message: expect.stringContaining('operator') },
  })
  await setPaused(key, 'cyn', true)
  expect((await setPausedByOperator(key, false)).body.pausedBy).toBeUndefined()
  await setPaused(key, 'cyn', true)
  expect((await setPausedByOperator(key, false)).body.pausedBy).toBeUndefined()
})

test('operators see all nodes and what they have; nobody else does', async () => {
  const node = await startNode(url, 'dan', 2)
  const jobId = await submit(url, 'dan', { iterations: 200, chunks: 20, access: 'own' })
  await ended(url, 'dan', jobId)
  const { api } = await newNodeApi(url, 'eve', 4)
  const held = await submit(url, 'eve', { iterations: 40, chunks: 4, access: 'own' })
  await eventually(async () => ((await api.claim({ max: 3, waitMs: 5_000 })).chunks.length === 3 ? true : undefined))
  const { body, status } = await ask(`${url}/api/fleet`, OPERATOR)
  expect(status).toBe(200)
  const find = (key: string) => (body.nodes as { publicKey: string }[]).find(({ publicKey }) => publicKey === key)
  expect(find(api.publicKey)).toMatchObject({
    userId: 'eve',
    version: 'unknown',
    confirmations: 0,
    activity: { chunks: [{ jobId: held, count: 3 }] },
  })
  expect(find(node.api.publicKey)).toMatchObject({
    userId: 'dan',
    activity: { chunks: [], unitsPerSecond: expect.any(Number) },
  })
  for (const user of ['dan', undefined]) {
    expect((await ask(`${url}/api/fleet`, user)).status).toBe(403)
    expect((await ask(`${url}/api/fleet/${api.publicKey}`, user, 'PATCH', { paused: true })).status).toBe(403)
  }
  expect((await setPausedByOperator('A'.repeat(43), true)).status).toBe(404)
})
