import type { TestDatabase } from '@terrane/store-postgres/test-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  ask,
  ended,
  eventually,
  jobsDatabase,
  newNodeApi,
  resultOf,
  startJobsServer,
  startNode,
  submit,
  type TestNode,
} from './test-jobs/jobs-server.js'

const JOB = { iterations: 600, seed: 'same', chunks: 20 }
const CLAIM = { max: 1, waitMs: 0 }

let database: TestDatabase

beforeAll(async () => {
  database = await jobsDatabase()
})

afterAll(() => database?.drop())

async function shareWithAll(url: string, user: string, publicKey: string): Promise<void> {
  const share = { friends: true, public: true, guilds: [] }
  expect((await ask(`${url}/api/nodes/${publicKey}`, user, 'PATCH', { share })).status).toBe(200)
}

async function startSharedNode(url: string, user: string, options: { lies?: boolean } = {}): Promise<TestNode> {
  const node = await startNode(url, user, 2, options)
  await shareWithAll(url, user, node.api.publicKey)
  return node
}

/** As the node's owner sees it. */
async function recordOf(url: string, user: string, publicKey: string) {
  const { body } = await ask(`${url}/api/nodes`, user)
  const nodes = body.nodes as { publicKey: string; confirmations: number; distrust?: string }[]
  return nodes.find((node) => node.publicKey === publicKey)
}

test('2 must agree: a liar is found, its results do not count, and a restart does not forget it', async () => {
  const first = await startJobsServer(database, { agreement: 2 })
  const port = Number(new URL(first.url).port)
  // Those of its owner are believed, so they say what is right.
  const own = await startNode(first.url, 'ada')
  const honestJob = await submit(first.url, 'ada', { ...JOB, access: 'own' })
  await ended(first.url, 'ada', honestJob)
  const honest = await resultOf(first.url, 'ada', honestJob)
  await own.agent.drain(0)

  // The liar has had its say before anybody can contradict it.
  const liar = await startSharedNode(first.url, 'eve', { lies: true })
  const jobId = await submit(first.url, 'ada', JOB)
  await eventually(() => ((liar.units.accepted ?? 0) > 0 ? true : undefined))
  const bob = await startSharedNode(first.url, 'bob')
  const cyn = await startSharedNode(first.url, 'cyn')
  expect(await ended(first.url, 'ada', jobId)).toMatchObject({ status: 'completed', meta: { iterations: 600 } })
  expect((await resultOf(first.url, 'ada', jobId)).equals(honest)).toBe(true)
  for (const node of [liar, bob, cyn]) await node.agent.drain(0)
  await first.stop()

  const { url } = await startJobsServer(database, { agreement: 2, port })
  expect(await recordOf(url, 'eve', liar.api.publicKey)).toMatchObject({ distrust: expect.stringContaining('agree') })
  expect((await recordOf(url, 'bob', bob.api.publicKey))?.distrust).toBeUndefined()
  expect((await recordOf(url, 'bob', bob.api.publicKey))?.confirmations).toBeGreaterThanOrEqual(10)
  const next = await submit(url, 'ada', { ...JOB, seed: 'another' })
  // Somebody new may have a chunk, and the liar may not, although it asks for one.
  const { api: stranger } = await newNodeApi(url, 'dan')
  await shareWithAll(url, 'dan', stranger.publicKey)
  await eventually(async () => ((await stranger.claim(CLAIM)).chunks.length > 0 ? true : undefined))
  expect(await liar.api.claim(CLAIM)).toEqual({ chunks: [] })
  await ask(`${url}/api/jobs/${next}/cancel`, 'ada', 'POST')
})

test('a job that only one person’s nodes may serve ends with the reason', async () => {
  const { url } = await startJobsServer(database, { agreement: 2, limits: { agreementMsMax: 1 } })
  await startSharedNode(url, 'bob')
  const jobId = await submit(url, 'ada', { ...JOB, iterations: 10, chunks: 1 })
  expect(await ended(url, 'ada', jobId)).toMatchObject({
    status: 'failed',
    error: expect.stringMatching(/^no_agreement_possible: .*nodes of more users/),
  })
})

test('a new job goes to a node that waits, in answer to the request that waits', async () => {
  // No sweep comes before the claim has ended.
  const { url } = await startJobsServer(database, { leaseMs: 600_000 })
  const { api } = await newNodeApi(url, 'fay')
  const claim = api.claim({ max: 1, waitMs: 20_000 })
  await eventually(async () => {
    const { body } = await ask(`${url}/api/nodes`, 'fay')
    return (body.nodes as { status: string }[])[0]?.status === 'online' ? true : undefined
  })
  const jobId = await submit(url, 'fay', JOB)
  expect((await claim).chunks).toMatchObject([{ jobId, first: 0 }])
  await ask(`${url}/api/jobs/${jobId}/cancel`, 'fay', 'POST')
})
