import { messageOf, systemClock, TerraneError } from '@terrane/core'
import {
  type Assignments,
  type ChunkFailure,
  type ClaimRequest,
  COMPLETIONS_MAX,
  decodeCompletions,
  fromBase64Url,
  type HeartbeatRequest,
  NODE_PATHS,
  type NodeRegistration,
  type NodeState,
  PROTOBUF_TYPE,
  RequestVerifier,
} from '@terrane/node'
import type { NodeRecord, PostgresNodes } from '@terrane/store-postgres'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type ApiError, ERROR_SCHEMA } from '../../http/api-error.js'
import type { GameDataSource } from '../game-data-source.js'
import type { KnownNodes } from '../known-nodes.js'
import { notFound, refusalOf } from '../refusals.js'
import type { SentinelPort } from '../sentinel-port.js'
import { hashOfClaimToken } from './owner-routes.js'

/** Results of 64 chunks, with room. */
const COMPLETION_BYTES_MAX = 8 * 1024 * 1024
const CLAIM_WAIT_MS_MAX = 25_000
const CORES_MAX = 1_024
const CLAIMS_MAX = 4_096

export interface NodeRouteOptions {
  nodes(): PostgresNodes
  known(): KnownNodes
  sentinel(): SentinelPort
  readonly gameData: GameDataSource
}

const TEXT = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength }) as const
const CLAIM = {
  type: 'object',
  required: ['jobId', 'claimToken'],
  properties: { jobId: TEXT(40), claimToken: TEXT(80) },
} as const
const ASSIGNMENTS = {
  type: 'object',
  properties: {
    chunks: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          ...CLAIM.properties,
          workHash: { type: 'string' },
          variant: { type: 'integer' },
          first: { type: 'integer' },
          count: { type: 'integer' },
          leaseMs: { type: 'integer' },
        },
      },
    },
  },
} as const
const STATE = {
  type: 'object',
  properties: { publicKey: { type: 'string' }, name: { type: 'string' }, capacity: { type: 'integer' } },
} as const
const refused = {
  400: ERROR_SCHEMA,
  401: ERROR_SCHEMA,
  403: ERROR_SCHEMA,
  404: ERROR_SCHEMA,
  410: ERROR_SCHEMA,
  413: ERROR_SCHEMA,
  426: ERROR_SCHEMA,
  429: ERROR_SCHEMA,
  503: ERROR_SCHEMA,
}
const done = { type: 'object', properties: { done: { type: 'boolean' } } } as const

/** What contributor nodes do. Every request is signed; the signature is checked before anything of it is believed. */
export function nodeRoutes(app: FastifyInstance, options: NodeRouteOptions): void {
  app.register(async (scope) => {
    const verifier = new RequestVerifier(systemClock)
    const keys = new WeakMap<FastifyRequest, string>()
    scope.removeAllContentTypeParsers()
    const asBytes = (_: unknown, body: Buffer, done: (error: null, body: Buffer) => void) => done(null, body)
    for (const type of ['application/json', PROTOBUF_TYPE]) {
      scope.addContentTypeParser(type, { parseAs: 'buffer' }, asBytes)
    }
    scope.addHook('preValidation', async (request) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      const signed = { method: request.method, host: request.headers.host ?? '', target: request.originalUrl, body }
      try {
        keys.set(request, await verifier.verify(signed, request.headers))
        if (request.headers['content-type']?.startsWith('application/json')) request.body = jsonOf(body)
      } catch (error) {
        throw refusalOf(error)
      }
    })
    addRoutes(scope, options, (request) => keys.get(request) ?? '')
  })
  addGameData(app, options.gameData)
}

function addRoutes(
  scope: FastifyInstance,
  options: NodeRouteOptions,
  keyOf: (request: FastifyRequest) => string,
): void {
  /** Adds a route for nodes that are registered. */
  const add = <R extends { Params?: unknown; Body?: unknown; Querystring?: unknown }>(
    method: 'GET' | 'POST' | 'PUT',
    url: string,
    route: { schema: object; bodyLimit?: number },
    work: (node: NodeRecord, request: FastifyRequest<R>, reply: FastifyReply) => Promise<unknown>,
  ): void => {
    scope.route({
      method,
      url,
      ...route,
      schema: { tags: ['nodes'], ...route.schema },
      handler: async (request, reply) => {
        void reply.header('cache-control', 'no-store')
        try {
          const node = await options.known().require(keyOf(request))
          return await work(node, request as unknown as FastifyRequest<R>, reply)
        } catch (error) {
          throw refusalOf(error)
        }
      },
    })
  }

  scope.put<{ Body: NodeRegistration }>(
    NODE_PATHS.me,
    {
      schema: {
        tags: ['nodes'],
        summary: 'Registers the node that signs, or tells anew what it is',
        body: {
          type: 'object',
          required: ['claimToken', 'name', 'totalCores', 'maxParallel', 'platform', 'version'],
          properties: {
            claimToken: TEXT(100),
            name: TEXT(80),
            totalCores: { type: 'integer', minimum: 1, maximum: CORES_MAX },
            maxParallel: { type: 'integer', minimum: 1, maximum: CORES_MAX },
            platform: TEXT(80),
            version: TEXT(40),
          },
        },
        response: { 200: STATE, ...refused },
      },
    },
    async (request) => {
      try {
        return await register(options, keyOf(request), request.body)
      } catch (error) {
        throw refusalOf(error)
      }
    },
  )
  add(
    'GET',
    NODE_PATHS.me,
    { schema: { summary: 'How the server knows this node', response: { 200: STATE, ...refused } } },
    async (node) => stateOf(node),
  )
  add<{ Body: { publicKey: string } }>(
    'POST',
    NODE_PATHS.rotate,
    {
      schema: {
        summary: 'Gives this node another key; the one that signs is revoked',
        body: {
          type: 'object',
          required: ['publicKey'],
          properties: { publicKey: { type: 'string', pattern: '^[A-Za-z0-9_-]{43}$' } },
        },
        response: { 200: done, ...refused },
      },
    },
    async (node, { body }) => {
      const isKey = fromBase64Url(body.publicKey, 32) !== undefined
      if (!isKey || !(await options.nodes().rotate(node.publicKey, body.publicKey))) {
        throw new TerraneError('forbidden', 'this key cannot be the next one', { hint: 'Make a new key.' })
      }
      options.known().forget(node.publicKey)
      return { done: true }
    },
  )
  add(
    'GET',
    NODE_PATHS.work,
    {
      schema: { summary: 'What the server holds for claimed by this node', response: { 200: ASSIGNMENTS, ...refused } },
    },
    async (node): Promise<Assignments> => options.sentinel().workOf(node.publicKey),
  )
  add<{ Body: ClaimRequest }>(
    'POST',
    NODE_PATHS.claim,
    {
      schema: {
        summary: 'Claims chunks; waits a while when there are none',
        description: '426: the node computes by another version of the engine than the server, and must be updated.',
        body: {
          type: 'object',
          required: ['max', 'waitMs'],
          properties: {
            max: { type: 'integer', minimum: 1, maximum: CORES_MAX },
            waitMs: { type: 'integer', minimum: 0, maximum: CLAIM_WAIT_MS_MAX },
            software: {
              type: 'object',
              required: ['engine', 'version'],
              properties: { engine: { type: 'integer', minimum: 0 }, version: TEXT(40) },
            },
          },
        },
        response: { 200: ASSIGNMENTS, ...refused },
      },
    },
    async (node, request, reply) => {
      const gone = new AbortController()
      // Chunks for who has hung up would wait for their leases to run out.
      reply.raw.once('close', () => gone.abort())
      return options.sentinel().claim(node, request.body, gone.signal)
    },
  )
  add<{ Body: HeartbeatRequest }>(
    'POST',
    NODE_PATHS.heartbeat,
    {
      schema: {
        summary: 'Extends claims',
        body: {
          type: 'object',
          required: ['claims'],
          properties: { claims: { type: 'array', maxItems: CLAIMS_MAX, items: CLAIM } },
        },
        response: { 200: { type: 'object', properties: { lost: { type: 'array', items: CLAIM } } }, ...refused },
      },
      bodyLimit: 512 * 1024,
    },
    async (node, { body }) => options.sentinel().heartbeat(node.publicKey, body.claims),
  )
  add(
    'POST',
    NODE_PATHS.leave,
    { schema: { summary: 'This node goes', response: { 200: done, ...refused } } },
    async (node) => {
      options.sentinel().left(node.publicKey)
      await options.known().left(node.publicKey)
      return { done: true }
    },
  )
  add<{ Body: Buffer }>(
    'POST',
    NODE_PATHS.complete,
    {
      schema: {
        summary: 'Delivers what chunks came to',
        description:
          'Body: terrane.jobs.v1.BatchChunkCompletion. 200 when every chunk was accepted, now or before; 409 when one was ' +
          'accepted with another result; 410 when one was not claimed by this node any more. The body tells of each.',
        consumes: [PROTOBUF_TYPE],
        response: { 200: COMPLETED, 409: COMPLETED, ...refused, 410: COMPLETED },
      },
      bodyLimit: COMPLETION_BYTES_MAX,
    },
    async (node, { body }, reply) => {
      const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0)
      const answer = await options.sentinel().complete(node.publicKey, decodeCompletions(bytes, COMPLETIONS_MAX))
      const outcomes = new Set(answer.outcomes.map(({ outcome }) => outcome))
      void reply.code(outcomes.has('conflict') ? 409 : outcomes.has('stale') ? 410 : 200)
      return answer
    },
  )
  add<{ Body: ChunkFailure }>(
    'POST',
    NODE_PATHS.fail,
    {
      schema: {
        summary: 'Says that a chunk cannot be computed, or will not be',
        body: {
          type: 'object',
          required: ['jobId', 'claimToken', 'kind', 'code', 'message'],
          properties: {
            ...CLAIM.properties,
            kind: { type: 'string', enum: ['failed', 'leaving'] },
            code: TEXT(80),
            message: { type: 'string', maxLength: 4_000 },
          },
        },
        response: { 200: done, ...refused },
      },
    },
    async (node, { body }) => {
      await options.sentinel().fail(node.publicKey, body)
      return { done: true }
    },
  )
  add<{ Params: { id: string }; Querystring: { hash: string; claim: string } }>(
    'GET',
    '/api/jobs/:id/context',
    {
      schema: {
        summary: 'What all chunks of a job share, for who has claimed one',
        params: { type: 'object', properties: { id: TEXT(40) } },
        querystring: {
          type: 'object',
          required: ['hash', 'claim'],
          properties: { hash: TEXT(64), claim: TEXT(80) },
        },
        response: { 200: { type: 'string' }, ...refused },
      },
    },
    async (node, { params, query }, reply) => {
      const claim = { jobId: params.id, claimToken: query.claim }
      void reply.type('application/json')
      return options.sentinel().contextOf(node.publicKey, claim, query.hash)
    },
  )
}

const COMPLETED = {
  type: 'object',
  properties: {
    outcomes: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          ...CLAIM.properties,
          outcome: { type: 'string', enum: ['accepted', 'idempotent', 'conflict', 'stale'] },
          message: { type: 'string' },
        },
      },
    },
    code: { type: 'string' },
    message: { type: 'string' },
    hint: { type: 'string' },
  },
} as const

/** Public: it is no secret, named by its hash, and never changes. */
function addGameData(app: FastifyInstance, gameData: GameDataSource): void {
  app.get<{ Params: { hash: string } }>(
    '/api/game-data/:hash',
    {
      schema: {
        tags: ['nodes'],
        summary: 'The game data that a work context names',
        params: { type: 'object', properties: { hash: { type: 'string', pattern: '^[0-9a-f]{64}$' } } },
        response: { 404: ERROR_SCHEMA },
      },
    },
    async ({ params: { hash } }, reply) => {
      const bundle = await gameData.find(hash)
      if (bundle === undefined) throw refusalOf(notFound('game data')) as ApiError
      return reply
        .type('application/json')
        .header('cache-control', 'public, max-age=31536000, immutable')
        .send(bundle.text)
    },
  )
}

async function register(
  options: NodeRouteOptions,
  publicKey: string,
  { claimToken, ...node }: NodeRegistration,
): Promise<NodeState> {
  const registered = await options.nodes().register(publicKey, hashOfClaimToken(claimToken), node)
  options.known().forget(publicKey)
  if (registered === undefined) {
    throw new TerraneError('forbidden', 'this claim token is not good, or this key was revoked', {
      hint: 'Ask for a new token: POST /api/nodes/claim-tokens. A revoked node needs a new key, too.',
    })
  }
  return stateOf(await options.known().require(publicKey))
}

function stateOf({ publicKey, name, totalCores, maxParallel }: NodeRecord): NodeState {
  return { publicKey, name, capacity: Math.min(totalCores, maxParallel) }
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch (error) {
    throw new TerraneError('bad_json', `the body is no JSON: ${messageOf(error)}`, { hint: 'Send JSON.' })
  }
}
