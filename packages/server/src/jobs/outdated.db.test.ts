import { decodeJobResult, ENGINE_VERSION, encodeJobResult } from '@terrane/combat'
import { systemClock, systemTimers } from '@terrane/core'
import { type Assignment, type Completion, Computation, NodeAgent, NodeApi } from '@terrane/node'
import type { TestDatabase } from '@terrane/store-postgres/test-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { version } from '../process/version.js'
import {
  ask,
  ended,
  eventually,
  jobsDatabase,
  newNodeApi,
  startJobsServer,
  startNode,
  submit,
} from './test-jobs/jobs-server.js'

const CLAIM = { max: 4, waitMs: 10_000 }

let database: TestDatabase

beforeAll(async () => {
  database = await jobsDatabase()
})

afterAll(() => database?.drop())

async function recordOf(url: string, user: string, publicKey: string) {
  const { body } = await ask(`${url}/api/nodes`, user)
  const nodes = body.nodes as { publicKey: string; version: string; distrust?: string }[]
  return nodes.find((node) => node.publicKey === publicKey)
}

async function computed(api: NodeApi, chunk: Assignment): Promise<Completion> {
  const { jobId, claimToken, workHash, variant, first, count } = chunk
  const context = JSON.parse(await api.context(jobId, workHash, claimToken))
  const result = new Computation(context, await api.gameData(context.gameData)).run({ variant, first, count })
  return { jobId, claimToken, workHash: Buffer.from(workHash, 'hex'), result, elapsedMs: 1 }
}

/** As an engine of another version would come to it. */
function byOtherRules(completion: Completion): Completion {
  const result = decodeJobResult(completion.result)
  return { ...completion, result: encodeJobResult({ ...result, fingerprint: '0123456789abcdef' }) }
}

test('a node of another engine gets no work, ends, and is told what to do', async () => {
  const { url } = await startJobsServer(database)
  const { api, state } = await newNodeApi(url, 'ada', 2, { software: { engine: ENGINE_VERSION + 1 } })
  const jobId = await submit(url, 'ada', { iterations: 10 })
  const workers = { size: 2, run: () => Promise.reject(new Error('there is nothing to compute')) }
  const agent = new NodeAgent({ api, workers, clock: systemClock, timers: systemTimers, random: Math.random })
  await expect(agent.run(state)).rejects.toMatchObject({
    code: 'node_outdated',
    retry: 'never',
    message: expect.stringContaining(`version ${ENGINE_VERSION + 1} of the engine, the server by ${ENGINE_VERSION}`),
    hint: expect.stringContaining(`Install Terrane ${version()}`),
  })
  await startNode(url, 'ada')
  expect(await ended(url, 'ada', jobId)).toMatchObject({ status: 'completed' })
})

test('results by other rules go to another node, which is no lie; after its update the node has work again', async () => {
  const { url } = await startJobsServer(database)
  const { api, identity } = await newNodeApi(url, 'bob', 4, { software: { version: '0.0.1' } })
  const jobId = await submit(url, 'bob', { iterations: 40, chunks: 4 })
  const [right, wrong, ...held] = (await api.claim(CLAIM)).chunks as [Assignment, Assignment, Assignment]
  const before = await computed(api, right)
  const outcomeOf = async (completion: Completion) =>
    (await api.complete([completion])).outcomes.map(({ outcome, message }) => ({ outcome, message }))[0]
  expect(await outcomeOf(before)).toMatchObject({ outcome: 'accepted' })
  expect(await outcomeOf(byOtherRules(await computed(api, wrong)))).toMatchObject({
    outcome: 'conflict',
    message: expect.stringContaining('fingerprint'),
  })
  // The rest of what it has would be as wrong.
  expect(held.length).toBeGreaterThan(0)
  expect((await api.work()).chunks).toEqual([])
  await expect(api.claim(CLAIM)).rejects.toMatchObject({ code: 'node_outdated' })
  expect(await recordOf(url, 'bob', api.publicKey)).toMatchObject({ version: '0.0.1' })
  expect((await recordOf(url, 'bob', api.publicKey))?.distrust).toBeUndefined()
  const { body } = await eventually(async () => {
    const answer = await ask(`${url}/api/jobs/${jobId}/events`, 'bob')
    return (answer.body.events as { eventType: string }[]).length === 3 ? answer : undefined
  })
  expect((body.events as { eventType: string }[]).map(({ eventType }) => eventType)).toEqual(
    Array.from({ length: 3 }, () => 'outdated'),
  )

  const updated = new NodeApi({ server: url, identity, clock: systemClock, software: { version: '0.0.2' } })
  const { chunks } = await updated.claim(CLAIM)
  expect(chunks).toHaveLength(3)
  const answers = await updated.complete(await Promise.all(chunks.map((chunk) => computed(updated, chunk))))
  expect(answers.outcomes.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted', 'accepted'])
  expect(await ended(url, 'bob', jobId)).toMatchObject({ status: 'completed', meta: { iterations: 40 } })
  expect(await recordOf(url, 'bob', api.publicKey)).toMatchObject({ version: '0.0.2' })
})
