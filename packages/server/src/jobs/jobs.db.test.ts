import { decodeComparison, decodeTimeline, iterationsOf } from '@terrane/combat'
import type { TestDatabase } from '@terrane/store-postgres/test-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  ask,
  ended,
  eventually,
  jobsDatabase,
  resultOf,
  startJobsServer,
  startNode,
  submit,
  type TestNode,
  timelineOf,
} from './test-jobs/jobs-server.js'

let database: TestDatabase
/** What `SEEDED` comes to, whoever computes it and however it is cut. */
let expected: Buffer

const ITERATIONS = 1_000
const SEEDED = { iterations: ITERATIONS, seed: 'same' }
/** A job that takes a while: each chunk is a few round trips. */
const SLOW = { ...SEEDED, chunks: 150 }

beforeAll(async () => {
  database = await jobsDatabase()
})

afterAll(() => database?.drop())

const accepted = (nodes: readonly TestNode[]) => nodes.reduce((sum, { units }) => sum + (units.accepted ?? 0), 0)

/** Resolves when the nodes have delivered so many iterations. */
const delivered = (nodes: readonly TestNode[], units: number) =>
  eventually(() => (accepted(nodes) >= units ? true : undefined))

test('one node, one chunk: a result with its summary and the story of a fight', async () => {
  const { url } = await startJobsServer(database)
  const node = await startNode(url, 'ada')
  const jobId = await submit(url, 'ada', { ...SEEDED, chunks: 1 })
  const job = await ended(url, 'ada', jobId)
  expect(job).toMatchObject({ status: 'completed', meta: { iterations: ITERATIONS, iterationsLost: 0, ranking: [0] } })
  expect(node.outcomes).toEqual(['accepted'])
  expected = await resultOf(url, 'ada', jobId)
  expect(decodeTimeline(await timelineOf(url, 'ada', jobId))).toMatchObject({ seed: 'same', durationMs: 20_000 })
})

test.each([
  [7, 1],
  [1_000, 3],
])('%i chunks on %i nodes: the same bytes', async (chunks, count) => {
  const { url } = await startJobsServer(database)
  const nodes = await Promise.all(Array.from({ length: count }, () => startNode(url, 'ada', 16)))
  const jobId = await submit(url, 'ada', { ...SEEDED, chunks })
  await ended(url, 'ada', jobId)
  expect((await resultOf(url, 'ada', jobId)).equals(expected)).toBe(true)
  expect(accepted(nodes)).toBe(ITERATIONS)
  expect(nodes.every(({ units }) => (units.accepted ?? 0) > 0)).toBe(true)
})

test('a node that is killed: its chunks are given to another when their leases are over', async () => {
  const { url } = await startJobsServer(database, { limits: { leaseMsMin: 500, leaseFactor: 1 } })
  const nodes = [await startNode(url, 'ada', 2, { diesAtDelivery: 3 })]
  const jobId = await submit(url, 'ada', SLOW)
  await eventually(() => (nodes[0]?.isDead() ? true : undefined))
  nodes.push(await startNode(url, 'ada'))
  await ended(url, 'ada', jobId)
  expect((await resultOf(url, 'ada', jobId)).equals(expected)).toBe(true)
  await eventually(async () => {
    const { body } = await ask(`${url}/api/jobs/${jobId}/events`, 'ada')
    return (body.events as { eventType: string }[]).some(({ eventType }) => eventType === 'expired') || undefined
  })
})

test('a sentinel that crashes: the next goes on from what was accepted, and nothing is computed twice', async () => {
  const server = await startJobsServer(database)
  const nodes = await Promise.all([startNode(server.url, 'ada'), startNode(server.url, 'ada')])
  const jobId = await submit(server.url, 'ada', SLOW)
  await delivered(nodes, ITERATIONS / 10)
  await server.crash()
  const before = accepted(nodes)
  expect(before).toBeLessThan(ITERATIONS)
  const next = await startJobsServer(database, { port: Number(new URL(server.url).port) })
  await ended(next.url, 'ada', jobId)
  expect((await resultOf(next.url, 'ada', jobId)).equals(expected)).toBe(true)
  // What was kept before the crash and could not be answered any more is accepted, too.
  const unanswered = ITERATIONS - accepted(nodes)
  expect(unanswered).toBeGreaterThanOrEqual(0)
  expect(unanswered).toBeLessThanOrEqual((ITERATIONS / SLOW.chunks) * 4 + 4)
})

test('volatile: a restart fails what was running, and says so', async () => {
  const server = await startJobsServer(database, { volatility: 'volatile' })
  const node = await startNode(server.url, 'ada')
  const jobId = await submit(server.url, 'ada', SLOW)
  await delivered([node], ITERATIONS / 20)
  await server.stop()
  const { url } = await startJobsServer(database, {
    volatility: 'volatile',
    port: Number(new URL(server.url).port),
  })
  expect(await ended(url, 'ada', jobId)).toMatchObject({
    status: 'failed',
    error: expect.stringContaining('restart_dropped'),
  })
  const { body } = await ask(`${url}/api/jobs/${jobId}/events`, 'ada')
  expect(body.events).toContainEqual(expect.objectContaining({ eventType: 'restart_dropped' }))
})

test('two sentinels: when one crashes, the other takes its jobs over and ends them', async () => {
  const [first, second] = await Promise.all([
    startJobsServer(database, { isShared: true, leaseMs: 1_000 }),
    startJobsServer(database, { isShared: true, leaseMs: 1_000 }),
  ])
  const nodes = [await startNode(first.url, 'ada')]
  const jobId = await submit(second.url, 'ada', SLOW)
  await delivered(nodes, ITERATIONS / 10)
  nodes.push(await startNode(second.url, 'ada'))
  await first.crash()
  expect(await ended(second.url, 'ada', jobId)).toMatchObject({ status: 'completed' })
  expect((await resultOf(second.url, 'ada', jobId)).equals(expected)).toBe(true)
})

test('a cancelled job ends at once, and its nodes drop it', async () => {
  const { url } = await startJobsServer(database)
  const node = await startNode(url, 'ada')
  const jobId = await submit(url, 'ada', { iterations: 10_000_000 })
  await eventually(() => (node.agent.inFlight > 0 ? true : undefined))
  expect((await ask(`${url}/api/jobs/${jobId}/cancel`, 'ada', 'POST')).body).toEqual({ status: 'cancelled' })
  expect(await ended(url, 'ada', jobId)).toMatchObject({ status: 'cancelled' })
  // It can do other work now.
  await ended(url, 'ada', await submit(url, 'ada', { iterations: 10 }))
})

test('a node that drains gives its chunks back, and the job goes on at once', async () => {
  const { url } = await startJobsServer(database, { limits: { leaseMsMin: 600_000, leaseMsMax: 600_000 } })
  const nodes = await Promise.all([startNode(url, 'ada'), startNode(url, 'ada')])
  const jobId = await submit(url, 'ada', SLOW)
  await delivered(nodes, ITERATIONS / 10)
  await nodes[0]?.agent.drain(0)
  await ended(url, 'ada', jobId)
  expect((await resultOf(url, 'ada', jobId)).equals(expected)).toBe(true)
  const { body } = await ask(`${url}/api/nodes`, 'ada')
  const left = (body.nodes as { publicKey: string; status: string }[]).find(
    ({ publicKey }) => publicKey === nodes[0]?.api.publicKey,
  )
  expect(left?.status).toBe('offline')
})

test('chunks whose claim was not answered are asked for, long before their leases end', async () => {
  const { url } = await startJobsServer(database, { limits: { leaseMsMin: 600_000, leaseMsMax: 600_000 } })
  await startNode(url, 'ada', 2, { losesClaims: true })
  const jobId = await submit(url, 'ada', { ...SEEDED, chunks: 8 })
  await ended(url, 'ada', jobId)
  expect((await resultOf(url, 'ada', jobId)).equals(expected)).toBe(true)
})

test('who watches a job hears how it goes, and strangers hear nothing', async () => {
  const { url, feeds } = await startJobsServer(database)
  await startNode(url, 'ada')
  const jobId = await submit(url, 'ada', SLOW)
  const heard: Record<string, unknown>[] = []
  const listener = (player: string) => ({
    player,
    role: 'player' as const,
    push: (_: string, payload: unknown) => heard.push(payload as Record<string, unknown>),
  })
  await expect(feeds.open(`jobs:${jobId}`, listener('eve'))).rejects.toMatchObject({ code: 'not_found' })
  await expect(feeds.open('jobs:all', listener('ada'))).rejects.toMatchObject({ code: 'not_found' })
  const subscription = await feeds.open(`jobs:${jobId}`, listener('ada'))
  await eventually(() => (heard.at(-1)?.status === 'completed' ? true : undefined))
  expect(heard.at(-1)).toMatchObject({ meta: { iterations: ITERATIONS } })
  expect(heard.some(({ progress }) => progress !== undefined)).toBe(true)
  subscription.close()
})

test('stat weights and tournaments: variants compared on equal luck', async () => {
  const { url } = await startJobsServer(database)
  await Promise.all([startNode(url, 'ada'), startNode(url, 'ada')])
  const weights = await submit(url, 'ada', {
    strategy: 'stat_weights',
    iterations: 200,
    seed: 'same',
    statWeights: { stats: ['primary', 'crit'], points: 2_000 },
  })
  const tournament = await submit(url, 'ada', {
    strategy: 'tournament',
    // Few fights: with other luck the second best may seem better.
    seed: 'same',
    tournament: {
      phases: [
        { iterations: 50, keep: 0.5 },
        { iterations: 100, keep: 1 },
      ],
      candidates: { head: [{ item: 'kilnworn_hood' }], neck: [{ item: 'kilnworn_torc' }] },
    },
  })
  await ended(url, 'ada', weights)
  const compared = decodeComparison(await resultOf(url, 'ada', weights))
  const [base, primary] = [0, 1].map((variant) => compared.get(variant))
  expect(compared.size).toBe(3)
  expect(primary?.damageSum).toBeGreaterThan(base?.damageSum ?? 0n)
  const { meta } = (await ended(url, 'ada', tournament)) as { meta: { ranking: number[] } }
  const ladder = decodeComparison(await resultOf(url, 'ada', tournament))
  expect([...ladder.values()].map(iterationsOf).sort((a, b) => a - b)).toEqual([50, 50, 100, 100])
  // The better gear wins: variant 0 wears it all.
  expect(meta.ranking).toEqual([0, expect.any(Number)])
})
