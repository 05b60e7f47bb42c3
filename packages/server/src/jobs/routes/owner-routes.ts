import { createHash, randomBytes } from 'node:crypto'
import { TerraneError } from '@terrane/core'
import type { NodeRecord, NodeShare, PostgresNodes } from '@terrane/store-postgres'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError, ERROR_SCHEMA } from '../../http/api-error.js'
import type { Caller } from '../../http/routes/rows.js'
import { notFound, refusalOf } from '../refusals.js'

/** A token pairs machines for a day; nodes that are registered do not need it any more. */
const CLAIM_TOKEN_VALID_MS = 24 * 3_600_000
const GUILDS_MAX = 20

export interface OwnerRouteOptions {
  nodes(): PostgresNodes
  callerOf(request: FastifyRequest): Promise<Caller>
  /** Settings or the key of a node have changed. */
  changed(publicKey: string): Promise<void>
}

export const KEY = { type: 'string', pattern: '^[A-Za-z0-9_-]{43}$' } as const
const SHARE = {
  type: 'object',
  additionalProperties: false,
  required: ['friends', 'public', 'guilds'],
  properties: {
    friends: { type: 'boolean', description: 'those on your list of friends' },
    public: { type: 'boolean', description: 'everybody' },
    guilds: { type: 'array', maxItems: GUILDS_MAX, items: { type: 'string', pattern: '^[0-9A-Za-z_-]{1,40}$' } },
  },
} as const
export const NODE = {
  type: 'object',
  properties: {
    publicKey: { type: 'string' },
    name: { type: 'string' },
    totalCores: { type: 'integer' },
    maxParallel: { type: 'integer' },
    platform: { type: 'string' },
    version: { type: 'string' },
    status: { type: 'string', enum: ['online', 'offline', 'revoked'] },
    createdAt: { type: 'integer' },
    lastSeenAt: { type: 'integer' },
    share: SHARE,
    confirmations: { type: 'integer', description: 'chunks of it that nodes of other users have confirmed' },
    distrust: { type: 'string', description: 'why it gets no more work: it gave wrong results' },
    pausedBy: { type: 'string', enum: ['owner', 'operator'], description: 'who wants it to get no work for now' },
  },
} as const
const common = { tags: ['nodes'], security: [{ bearer: [] }] }
const refused = { 400: ERROR_SCHEMA, 401: ERROR_SCHEMA, 404: ERROR_SCHEMA }
const done = { type: 'object', properties: { done: { type: 'boolean' } } } as const

interface WithKey {
  Params: { key: string }
}

/** What the owners of nodes do, and their friends. */
export function ownerRoutes(app: FastifyInstance, { nodes, callerOf, changed }: OwnerRouteOptions): void {
  const userOf = async (request: FastifyRequest): Promise<string> => {
    const { player } = await callerOf(request)
    if (player !== undefined) return player
    throw new ApiError(401, 'unauthorized', 'nodes have owners', 'send your token: Authorization: Bearer …')
  }
  /** Adds a route that is given its user. */
  const add = <R extends { Params?: unknown; Body?: unknown }>(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    schema: object,
    work: (user: string, request: FastifyRequest<R>) => Promise<unknown>,
  ): void => {
    app.route({
      method,
      url,
      schema: { ...common, ...schema },
      handler: async (request, reply) => {
        void reply.header('cache-control', 'no-store')
        try {
          return await work(await userOf(request), request as unknown as FastifyRequest<R>)
        } catch (error) {
          throw refusalOf(error)
        }
      },
    })
  }

  add(
    'POST',
    '/api/nodes/claim-tokens',
    {
      summary: 'A token by which machines become nodes of yours; valid for a day',
      response: {
        200: { type: 'object', properties: { claimToken: { type: 'string' }, expiresAt: { type: 'integer' } } },
        ...refused,
      },
    },
    async (user) => {
      const claimToken = `ct_${randomBytes(24).toString('base64url')}`
      await nodes().addClaimToken(user, hashOfClaimToken(claimToken), CLAIM_TOKEN_VALID_MS)
      return { claimToken, expiresAt: Date.now() + CLAIM_TOKEN_VALID_MS }
    },
  )
  add(
    'DELETE',
    '/api/nodes/claim-tokens',
    { summary: 'Makes all of your tokens worthless; your nodes stay', response: { 200: done, ...refused } },
    async (user) => {
      await nodes().removeClaimTokens(user)
      return { done: true }
    },
  )
  add(
    'GET',
    '/api/nodes',
    {
      summary: 'Your nodes',
      response: { 200: { type: 'object', properties: { nodes: { type: 'array', items: NODE } } }, ...refused },
    },
    async (user) => ({ nodes: await nodes().ofUser(user) }),
  )
  const params = { type: 'object', required: ['key'], properties: { key: KEY } }
  add<WithKey & { Body: { name?: string; maxParallel?: number; share?: NodeShare; paused?: boolean } }>(
    'PATCH',
    '/api/nodes/:key',
    {
      summary:
        'Changes a node of yours: its name, how many chunks it computes at a time, for whom, and whether it rests',
      description:
        'A node that is paused gets no claims, and finishes what it has. What an operator has paused only they resume.',
      params,
      body: {
        type: 'object',
        additionalProperties: false,
        properties: {
          name: { type: 'string', minLength: 1, maxLength: 80 },
          maxParallel: { type: 'integer', minimum: 1, maximum: 1_024 },
          share: SHARE,
          paused: { type: 'boolean' },
        },
      },
      response: { 200: NODE, ...refused, 403: ERROR_SCHEMA },
    },
    async (user, { params: { key }, body: { paused, ...settings } }) => {
      if (!(await nodes().change(key, user, settings))) throw notFound('node')
      const pause = paused === undefined ? undefined : await nodes().pause(key, user, paused)
      await changed(key)
      if (paused === false && pause?.pausedBy === 'operator') {
        throw new TerraneError('forbidden', 'an operator has paused this node', { hint: 'Ask them to resume it.' })
      }
      return (await nodes().find(key)) as NodeRecord
    },
  )
  add<WithKey>(
    'DELETE',
    '/api/nodes/:key',
    {
      summary: 'Revokes a node of yours: its key is never good again',
      params,
      response: { 200: done, ...refused },
    },
    async (user, { params: { key } }) => {
      if (!(await nodes().revoke(key, user))) throw notFound('node')
      await changed(key)
      return { done: true }
    },
  )
  add(
    'GET',
    '/api/friends',
    {
      summary: 'Who may use the nodes that you share with friends, and the code by which others join them',
      response: {
        200: {
          type: 'object',
          properties: { inviteCode: { type: 'string' }, friends: { type: 'array', items: { type: 'string' } } },
        },
        ...refused,
      },
    },
    async (user) => ({
      inviteCode: await nodes().inviteCode(user, randomBytes(12).toString('base64url')),
      friends: await nodes().friendsOf(user),
    }),
  )
  add<{ Body: { inviteCode: string } }>(
    'POST',
    '/api/friends',
    {
      summary: 'Puts you on the list of friends of whoever gave you the code',
      body: {
        type: 'object',
        required: ['inviteCode'],
        properties: { inviteCode: { type: 'string', minLength: 1, maxLength: 64 } },
      },
      response: { 200: { type: 'object', properties: { friendOf: { type: 'string' } } }, ...refused },
    },
    async (user, { body }) => {
      const friendOf = await nodes().befriend(body.inviteCode, user)
      if (friendOf === undefined) throw notFound('invite code')
      return { friendOf }
    },
  )
  add<{ Params: { user: string } }>(
    'DELETE',
    '/api/friends/:user',
    {
      summary: 'Takes somebody off your list of friends',
      params: { type: 'object', required: ['user'], properties: { user: { type: 'string', maxLength: 64 } } },
      response: { 200: done, ...refused },
    },
    async (user, { params: { user: friend } }) => {
      await nodes().unfriend(user, friend)
      return { done: true }
    },
  )
}

/** What the database knows of a token. */
export function hashOfClaimToken(claimToken: string): string {
  return createHash('sha256').update(claimToken).digest('hex')
}
