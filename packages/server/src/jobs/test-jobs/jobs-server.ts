/** The jobs of a server, in this process, on a database of its own; and nodes that speak to it by HTTP. */
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { type CombatConfigInput, decodeJobResult, encodeJobResult } from '@terrane/combat'
import { systemClock, systemTimers } from '@terrane/core'
import type { JobLimits } from '@terrane/jobs'
import {
  type CompletionOutcome,
  createIdentity,
  createWorker,
  NODE_PATHS,
  NodeAgent,
  NodeApi,
  type NodeApiOptions,
  type StartWorker,
  WorkerPool,
  type Workers,
} from '@terrane/node'
import { openPostgresStore } from '@terrane/store-postgres'
import { createTestDatabase, type TestDatabase } from '@terrane/store-postgres/test-server'
import Fastify from 'fastify'
import { onTestFinished } from 'vitest'
import { answerErrors } from '../../http/api-error.js'
import { createLogger } from '../../process/log.js'
import { JobsService } from '../../services/jobs.js'
import type { JobFeeds } from '../feeds.js'
import { shippedGameData } from '../game-data-source.js'
import type { Volatility } from '../sentinel.js'

const DEADLINE_MS = 60_000

/** The user who is one. */
export const OPERATOR = 'the operator'

export async function jobsDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase()
  const store = await openPostgresStore({ url: database.url })
  await store.migrate()
  await store.close()
  return database
}

export interface JobsServer {
  readonly url: string
  readonly feeds: JobFeeds
  /** Lets others have its jobs, as a process that ends in order does. */
  stop(): Promise<void>
  /** Ends without that, as a process does that crashes. */
  crash(): Promise<void>
}

interface JobsServerOptions {
  /** For all tests of a file: who starts it stops it. Default: it ends with the test. */
  readonly isForAll?: boolean
  readonly volatility?: Volatility
  /** Of an earlier one, whose place it takes. */
  readonly port?: number
  /** Others may have jobs of the same database, and live. */
  readonly isShared?: boolean
  readonly agreement?: number
  readonly limits?: Partial<JobLimits>
  readonly leaseMs?: number
}

let servers = 0

export async function startJobsServer(database: TestDatabase, options: JobsServerOptions = {}): Promise<JobsServer> {
  const log = createLogger('silent', false, () => {})
  const service = new JobsService({
    gameData: shippedGameData(),
    access: () => ({ url: database.url }),
    volatility: options.volatility ?? 'checkpointed',
    owner: `test:${process.pid}:${++servers}`,
    isDatabaseOurs: options.isShared !== true,
    agreement: options.agreement ?? 1,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.leaseMs === undefined ? {} : { leaseMs: options.leaseMs }),
    log,
  })
  await service.run()
  const app = Fastify({ forceCloseConnections: true })
  answerErrors(app, log)
  // A user is known by their name here: how tokens are verified is the gateway's.
  service.addRoutes(app, async ({ headers: { authorization } }) => ({
    player: authorization,
    isOperator: authorization === OPERATOR,
  }))
  await app.listen({ port: options.port ?? 0, host: '127.0.0.1' })
  let stopped: Promise<void> | undefined
  const stop = (isInOrder = true) => {
    stopped ??= (async () => {
      if (isInOrder) await service.drain()
      await app.close()
      await service.stop()
    })()
    return stopped
  }
  if (options.isForAll !== true) onTestFinished(() => stop())
  return {
    feeds: service.feeds,
    url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    stop: () => stop(),
    crash: () => stop(false),
  }
}

export async function ask(
  url: string,
  user: string | undefined,
  method = 'GET',
  body?: unknown,
): Promise<{ status: number; body: Record<string, unknown> & { code?: string; message?: string } }> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(user === undefined ? {} : { authorization: user }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: await response.json() }
}

export function profile(spec = 'cinderwright', seconds = 20): CombatConfigInput {
  const url = new URL(`../../../../combat/profiles/${spec}.json`, import.meta.url)
  return { ...(JSON.parse(readFileSync(url, 'utf8')) as CombatConfigInput), encounter: { seconds } }
}

export async function submit(url: string, user: string, sentinelConfig: unknown, simConfig: unknown = profile()) {
  const { status, body } = await ask(`${url}/api/jobs`, user, 'POST', { simConfig, sentinelConfig })
  if (status !== 201) throw new Error(JSON.stringify(body))
  return body.jobId as string
}

export async function ended(url: string, user: string, jobId: string): Promise<Record<string, unknown>> {
  return eventually(async () => {
    const { body } = await ask(`${url}/api/jobs/${jobId}`, user)
    return body.status === 'pending' || body.status === 'running' ? undefined : body
  })
}

export function resultOf(url: string, user: string, jobId: string): Promise<Buffer> {
  return bytesAt(`${url}/api/jobs/${jobId}/result`, user)
}

export function timelineOf(url: string, user: string, jobId: string): Promise<Buffer> {
  return bytesAt(`${url}/api/jobs/${jobId}/timeline`, user)
}

async function bytesAt(url: string, user: string): Promise<Buffer> {
  const response = await fetch(url, { headers: { authorization: user } })
  if (!response.ok) throw new Error(await response.text())
  return Buffer.from(await response.arrayBuffer())
}

/** Waits until `probe` gives something other than undefined. */
export async function eventually<T>(probe: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + DEADLINE_MS
  for (;;) {
    const found = await probe()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error(`did not come true: ${probe}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** A worker on this thread: tasks take turns with everything else. */
const localWorker: StartWorker = (onAnswer) => {
  const work = createWorker(() => performance.now())
  let isTerminated = false
  return {
    post: (task) => {
      setImmediate(async () => {
        const answer = await work(task)
        if (!isTerminated) onAnswer(answer)
      })
    },
    terminate: () => {
      isTerminated = true
    },
  }
}

export interface TestNode {
  readonly agent: NodeAgent
  readonly api: NodeApi
  /** Of its completions, in order. */
  readonly outcomes: CompletionOutcome[]
  /** Iterations by the outcome of their completion. */
  readonly units: Partial<Record<CompletionOutcome, number>>
  isDead(): boolean
}

/** Fights as many fights, but not those that were asked for. */
function lying(workers: WorkerPool): Workers {
  return {
    size: workers.size,
    async run(task) {
      const { piece } = task
      const other = await workers.run({ ...task, piece: { ...piece, first: piece.first + 1_000_000 } })
      const result = decodeJobResult(other.result)
      for (const range of result.ranges) range.first = piece.first
      return { ...other, result: encodeJobResult(result) }
    },
  }
}

/** A registered node of a user. */
export async function newNodeApi(
  url: string,
  user: string,
  cores = 2,
  options: Pick<NodeApiOptions, 'fetch' | 'software'> = {},
) {
  const identity = await createIdentity(false)
  const api = new NodeApi({ server: url, identity, clock: systemClock, ...options })
  const { body } = await ask(`${url}/api/nodes/claim-tokens`, user, 'POST')
  const state = await api.register({
    claimToken: body.claimToken as string,
    name: 'test',
    totalCores: cores,
    maxParallel: cores,
    platform: 'test',
    version: '0',
  })
  return { api, state, identity }
}

/**
 * @param options.diesAtDelivery ends without a word, as a process that is killed does, when it is about to deliver
 *   for the so-manieth time: it holds a claim then
 * @param options.losesClaims every second answer to a claim is lost on its way
 * @param options.lies what it brings is plausible, and of other fights than it says
 */
export async function startNode(
  url: string,
  user: string,
  cores = 2,
  options: { diesAtDelivery?: number; losesClaims?: boolean; lies?: boolean } = {},
): Promise<TestNode> {
  let isDead = false
  let claims = 0
  let deliveries = 0
  const dying: typeof fetch = async (input, init) => {
    if (String(input).endsWith(NODE_PATHS.complete) && ++deliveries === options.diesAtDelivery) isDead = true
    if (isDead) throw new Error('killed')
    const answer = await fetch(input, init)
    if (isDead) throw new Error('killed')
    const isClaim = String(input).endsWith(NODE_PATHS.claim)
    if (options.losesClaims === true && isClaim && ++claims % 2 === 1) throw new Error('lost')
    return answer
  }
  const { api, state } = await newNodeApi(url, user, cores, { fetch: dying })
  const outcomes: CompletionOutcome[] = []
  const units: Partial<Record<CompletionOutcome, number>> = {}
  const workers = new WorkerPool(cores, localWorker)
  const agent = new NodeAgent({
    api,
    workers: options.lies === true ? lying(workers) : workers,
    clock: systemClock,
    timers: systemTimers,
    random: Math.random,
    onEvent: (event) => {
      if (event.type !== 'completed') return
      outcomes.push(event.outcome)
      units[event.outcome] = (units[event.outcome] ?? 0) + event.units
    },
  })
  const running = agent.run(state)
  onTestFinished(async () => {
    await agent.drain(0)
    await running.catch(() => {})
    workers.close()
  })
  return {
    agent,
    api,
    outcomes,
    units,
    isDead: () => isDead,
  }
}
