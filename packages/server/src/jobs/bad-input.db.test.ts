import { decodeJobResult, ENGINE_VERSION, encodeJobResult } from '@terrane/combat'
import {
  type Assignment,
  type Completion,
  Computation,
  encodeCompletions,
  NODE_PATHS,
  type NodeApi,
  type NodeIdentity,
  PROTOBUF_TYPE,
  signRequest,
} from '@terrane/node'
import type { TestDatabase } from '@terrane/store-postgres/test-server'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  ask,
  ended,
  eventually,
  type JobsServer,
  jobsDatabase,
  newNodeApi,
  profile,
  startJobsServer,
  submit,
} from './test-jobs/jobs-server.js'

let database: TestDatabase
let server: JobsServer
let url: string

beforeAll(async () => {
  database = await jobsDatabase()
  server = await startJobsServer(database, { isForAll: true })
  url = server.url
})

/** A job that is cancelled when the test ends: what it leaves would be the next one's work. */
async function submitted(user: string, sentinelConfig: object): Promise<string> {
  const jobId = await submit(url, user, sentinelConfig)
  onTestFinished(async () => {
    await ask(`${url}/api/jobs/${jobId}/cancel`, user, 'POST')
  })
  return jobId
}

afterAll(async () => {
  await server?.stop()
  await database?.drop()
})

const IN_ONE = { iterations: 20, seed: 's', chunks: 1, access: 'public' }
const NOW = { max: 4, waitMs: 0 }
const WAITING = { max: 4, waitMs: 10_000 }

describe('a job that makes no sense is refused, and its field is named', () => {
  const head = (item: string) => [{ slot: 'head', item }]
  test.each([
    ['unknown spec', { ...profile(), spec: 'pastrywright' }, {}, 'bad_combat_config', 'there is no spec'],
    [
      'unknown spell',
      { ...profile(), rotation: { actions: [{ cast: 'ember_dance' }] } },
      {},
      'bad_combat_config',
      'cast',
    ],
    ['no JSON', '{', {}, 'bad_json', 'no JSON'],
    ['a number', 7, {}, 'bad_combat_config', 'the config'],
    ['nothing', null, {}, 'bad_combat_config', 'the config'],
    ['negative iterations', profile(), { iterations: -5 }, 'bad_sentinel_config', 'iterations'],
    ['too many iterations', profile(), { iterations: 1e15 }, 'bad_sentinel_config', 'iterations'],
    ['negative target', profile(), { targetError: -1 }, 'bad_sentinel_config', 'targetError'],
    ['unknown field', profile(), { sead: 'x' }, 'bad_sentinel_config', 'sead'],
    [
      'a candidate that nobody can wear',
      { ...profile(), gear: head('kilnforged_hood') },
      {
        strategy: 'tournament',
        tournament: { phases: [{ iterations: 1, keep: 1 }], candidates: { neck: [{ item: 'kilnforged_hood' }] } },
      },
      'bad_combat_config',
      'variant 1: gear',
    ],
  ])('%s', async (_, simConfig, sentinelConfig, code, message) => {
    const answer = await ask(`${url}/api/jobs`, 'ada', 'POST', { simConfig, sentinelConfig })
    expect(answer).toMatchObject({ status: 400, body: { code, message: expect.stringContaining(message) } })
    const asProcedure = await ask(`${url}/rest/v1/rpc/create_job`, 'ada', 'POST', {
      p_sim_config: JSON.stringify(simConfig),
      p_sentinel_config: JSON.stringify(sentinelConfig),
    })
    expect(asProcedure.status).toBe(400)
  })

  test('too large, or of nobody', async () => {
    const simConfig = { ...profile(), padding: 'x'.repeat(300_000) }
    expect((await ask(`${url}/api/jobs`, 'ada', 'POST', { simConfig })).status).toBe(413)
    expect((await ask(`${url}/api/jobs`, undefined, 'POST', { simConfig: profile() })).status).toBe(401)
  })
})

test('a job, its result and its cancelling are its owner’s', async () => {
  const jobId = await submitted('ada', IN_ONE)
  for (const part of ['', '/result', '/timeline', '/events']) {
    expect((await ask(`${url}/api/jobs/${jobId}${part}`, 'eve')).status).toBe(404)
  }
  expect((await ask(`${url}/api/jobs/${jobId}/cancel`, 'eve', 'POST')).status).toBe(404)
  expect((await ask(`${url}/api/jobs/${jobId}`, 'ada')).body.status).not.toBe('cancelled')
  expect((await ask(`${url}/api/jobs/x' OR true --`, 'ada')).status).toBe(400)
})

describe('requests of nodes', () => {
  async function signed(identity: NodeIdentity, change: { target?: string; body?: string; skewMs?: number }) {
    const { host } = new URL(url)
    const body = JSON.stringify({ ...NOW, software: { engine: ENGINE_VERSION, version: '0' } })
    const request = { method: 'POST', host, target: NODE_PATHS.claim, body: new TextEncoder().encode(body) }
    const headers = await signRequest(identity, request, Date.now() + (change.skewMs ?? 0))
    const send = () =>
      fetch(`${url}${change.target ?? NODE_PATHS.claim}`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: change.body ?? body,
      })
    return { headers, send }
  }

  test('are refused when anything of them was changed, when they are late, and when they come twice', async () => {
    const { identity } = await newNodeApi(url, 'ada')
    const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code?: string }).code]
    const good = await signed(identity, {})
    expect((await good.send()).status).toBe(200)
    expect(await codeOf(await good.send())).toEqual([401, 'signature_replayed'])
    for (const change of [{ target: `${NODE_PATHS.claim}?a=1` }, { body: '{"max":5,"waitMs":0}' }]) {
      expect(await codeOf(await (await signed(identity, change)).send())).toEqual([401, 'signature_invalid'])
    }
    const late = await signed(identity, { skewMs: -120_000 })
    expect(await codeOf(await late.send())).toEqual([401, 'signature_skew'])
    expect(await codeOf(await fetch(`${url}${NODE_PATHS.work}`))).toEqual([401, 'signature_missing'])
  })

  test('of strangers, and of those that were revoked, are refused', async () => {
    const { api } = await newNodeApi(url, 'ada')
    expect((await ask(`${url}/api/nodes/${api.publicKey}`, 'eve', 'DELETE')).status).toBe(404)
    expect((await ask(`${url}/api/nodes/${api.publicKey}`, 'ada', 'DELETE')).status).toBe(200)
    await expect(api.claim(NOW)).rejects.toMatchObject({ code: 'node_revoked' })
    const wrong = { claimToken: 'ct_x', name: 'n', totalCores: 1, maxParallel: 1, platform: 'p', version: '0' }
    await expect(api.register(wrong)).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('that are too large, or not what they must be, are refused before they are believed', async () => {
    const { api, identity } = await newNodeApi(url, 'ada')
    await expect(api.claim({ max: -1, waitMs: 0 })).rejects.toMatchObject({ code: 'fst_err_validation' })
    await expect(api.complete([])).rejects.toMatchObject({ code: 'bad_encoding' })
    const body = new Uint8Array(9 * 1024 * 1024)
    const { host } = new URL(url)
    const headers = await signRequest(identity, { method: 'POST', host, target: NODE_PATHS.complete, body }, Date.now())
    const answer = await fetch(`${url}${NODE_PATHS.complete}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': PROTOBUF_TYPE },
      body,
    })
    expect(answer.status).toBe(413)
  })
})

describe('completions', () => {
  async function computed(api: NodeApi, chunk: Assignment): Promise<Completion> {
    const { jobId, claimToken, workHash, variant, first, count } = chunk
    const context = JSON.parse(await api.context(jobId, workHash, claimToken))
    const result = new Computation(context, await api.gameData(context.gameData)).run({ variant, first, count })
    return { jobId, claimToken, workHash: Buffer.from(workHash, 'hex'), result, elapsedMs: 1 }
  }

  /** A chunk that a node has claimed, and what it comes to. */
  async function oneChunk(change: object = {}) {
    const { api } = await newNodeApi(url, 'ada')
    const jobId = await submitted('ada', { ...IN_ONE, ...change })
    const [chunk] = (await api.claim({ ...WAITING, max: 1 })).chunks
    if (chunk === undefined) throw new Error('there was nothing to claim')
    return { api, jobId, chunk, completion: await computed(api, chunk) }
  }

  const outcomeOf = async (api: NodeApi, completion: Completion) =>
    (await api.complete([completion])).outcomes.map(({ outcome }) => outcome)[0]

  test('the same again is idempotent, another result for it is a conflict', async () => {
    const { api, completion } = await oneChunk({ chunks: 2 })
    expect(await outcomeOf(api, completion)).toBe('accepted')
    expect(await outcomeOf(api, completion)).toBe('idempotent')
    const other = { ...decodeJobResult(completion.result), events: 7n }
    expect(await outcomeOf(api, { ...completion, result: encodeJobResult(other) })).toBe('conflict')
    expect(await outcomeOf(api, { ...completion, claimToken: '1.99999.0' })).toBe('stale')
  })

  test('that come when the chunk is another’s are stale, and the chunk counts once', async () => {
    const { api, jobId, chunk, completion } = await oneChunk()
    const { api: other } = await newNodeApi(url, 'ada')
    await api.fail({ ...chunk, kind: 'leaving', code: 'x', message: 'x' })
    const [again] = (await other.claim(WAITING)).chunks
    expect(await outcomeOf(api, completion)).toBe('stale')
    expect(await outcomeOf(other, await computed(other, again as Assignment))).toBe('accepted')
    expect(await outcomeOf(api, completion)).toBe('stale')
    expect(await ended(url, 'ada', jobId)).toMatchObject({ status: 'completed', meta: { iterations: 20 } })
  })

  test('of another work context are a conflict, and the chunk is given again', async () => {
    const { api, jobId, completion } = await oneChunk()
    expect(await outcomeOf(api, { ...completion, workHash: new Uint8Array(32) })).toBe('conflict')
    const [chunk] = (await api.claim(WAITING)).chunks
    expect(await outcomeOf(api, await computed(api, chunk as Assignment))).toBe('accepted')
    expect(await ended(url, 'ada', jobId)).toMatchObject({ status: 'completed' })
    const isLogged = await eventually(async () => {
      const { body } = await ask(`${url}/api/jobs/${jobId}/events`, 'ada')
      return (body.events as { eventType: string }[]).some(({ eventType }) => eventType === 'wrong_hash') || undefined
    })
    expect(isLogged).toBe(true)
  })

  const lies: [string, (honest: ReturnType<typeof decodeJobResult>) => object][] = [
    ['more damage than its spells', ({ damageSum }) => ({ damageSum: damageSum + 1n })],
    ['a sum of squares that fits no damages', () => ({ damageSquaresHigh: 0n, damageSquaresLow: 1n })],
    ['other iterations', ({ ranges }) => ({ ranges: ranges.map((range) => ({ ...range, first: 5 })) })],
    ['another seed', () => ({ seed: 'other' })],
    ['a histogram of other fights', () => ({ histogram: [] })],
    ['a histogram in another order', ({ histogram }) => ({ histogram: histogram.toReversed() })],
    ['rows that are missing', ({ auras }) => ({ auras: auras.slice(1) })],
    ['rows in another order', ({ spells }) => ({ spells: spells.toReversed() })],
    ['extremes the wrong way around', ({ damageMax }) => ({ damageMin: damageMax + 1n })],
  ]

  test.each(lies)('that cannot be true are found, and the node gets no more work: %s', async (_, lie) => {
    const { api, jobId, completion } = await oneChunk()
    const honest = decodeJobResult(completion.result)
    const result = encodeJobResult({ ...honest, ...lie(honest) } as typeof honest)
    expect(await outcomeOf(api, { ...completion, result })).toBe('conflict')
    expect((await api.claim(NOW)).chunks).toEqual([])
    const { api: honestNode } = await newNodeApi(url, 'ada')
    const [chunk] = (await honestNode.claim(WAITING)).chunks
    await outcomeOf(honestNode, await computed(honestNode, chunk as Assignment))
    expect(await ended(url, 'ada', jobId)).toMatchObject({ status: 'completed' })
  })

  test('NaN for a time, and bytes that are no result, are refused', async () => {
    const { api, completion, chunk } = await oneChunk()
    await expect(api.complete([{ ...completion, elapsedMs: Number.NaN }])).rejects.toMatchObject({
      code: 'bad_encoding',
    })
    expect((await api.work()).chunks).toMatchObject([{ claimToken: chunk.claimToken }])
    expect(encodeCompletions([completion]).length).toBeGreaterThan(0)
    expect(await outcomeOf(api, { ...completion, result: Uint8Array.of(1, 2, 3) })).toBe('conflict')
    expect((await api.work()).chunks).toEqual([])
  })

  test('of a claim that is another node’s are stale, and its context is not told', async () => {
    const { api, chunk, completion } = await oneChunk()
    const { api: thief } = await newNodeApi(url, 'ada')
    expect(await outcomeOf(thief, completion)).toBe('stale')
    await expect(thief.context(chunk.jobId, chunk.workHash, chunk.claimToken)).rejects.toMatchObject({ code: 'stale' })
    expect(await outcomeOf(api, completion)).toBe('accepted')
  })
})

describe('whose jobs a node computes is its owner’s to say', () => {
  test.each([
    ['nobody else’s', {}, 'eve', 'public', false],
    ['its owner’s', {}, 'ada', 'own', true],
    ['everybody’s', { public: true }, 'eve', 'public', true],
    ['a friend’s', { friends: true }, 'bob', 'public', true],
    ['not a stranger’s among friends', { friends: true }, 'eve', 'public', false],
    ['a guild member’s', { guilds: ['g1'] }, 'bob', 'guild', true],
    ['not of a job that wants its owner’s nodes', { public: true }, 'eve', 'own', false],
    ['not of a job that wants friends’ nodes', { public: true }, 'eve', 'friends', false],
  ])('%s', async (_, share, user, access, isComputed) => {
    await database.query(
      "INSERT INTO auth.identities VALUES ('discord', 'd-bob', 'bob') ON CONFLICT (provider, provider_id) DO NOTHING",
    )
    await database.query("INSERT INTO guild_members VALUES ('g1', 'd-bob') ON CONFLICT DO NOTHING")
    const { inviteCode } = (await ask(`${url}/api/friends`, 'ada')).body
    await ask(`${url}/api/friends`, 'bob', 'POST', { inviteCode })
    const { api } = await newNodeApi(url, 'ada')
    const settings = { share: { friends: false, public: false, guilds: [], ...share } }
    expect((await ask(`${url}/api/nodes/${api.publicKey}`, 'ada', 'PATCH', settings)).status).toBe(200)
    const jobId = await submitted(user, { ...IN_ONE, access })
    const { chunks } = await api.claim({ max: 1, waitMs: isComputed ? 10_000 : 1_500 })
    expect(chunks.map((chunk) => chunk.jobId)).toEqual(isComputed ? [jobId] : [])
  })
})
