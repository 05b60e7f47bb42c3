import type { NodeRecord, PostgresNodes } from '@terrane/store-postgres'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ERROR_SCHEMA } from '../../http/api-error.js'
import { type CallerOf, operatorsOnly } from '../../http/operators-only.js'
import { answering, notFound } from '../refusals.js'
import type { SentinelPort } from '../sentinel-port.js'
import { KEY, NODE } from './owner-routes.js'

/** The page that shows them does so at a glance. */
const NODES_LISTED_MAX = 1_000

export interface FleetRouteOptions {
  nodes(): PostgresNodes
  sentinel(): SentinelPort
  readonly callerOf: CallerOf
  /** Settings of a node have changed. */
  changed(publicKey: string): Promise<void>
}

const FLEET_NODE = {
  type: 'object',
  properties: {
    ...NODE.properties,
    userId: { type: 'string', description: 'whose it is' },
    activity: {
      type: 'object',
      description: 'what it does for the server that answers; absent when it has not spoken to it',
      properties: {
        chunks: {
          type: 'array',
          description: 'what it has',
          items: { type: 'object', properties: { jobId: { type: 'string' }, count: { type: 'integer' } } },
        },
        unitsPerSecond: { type: 'number', description: 'fights of one of its cores, over its latest chunks' },
        outdated: { type: 'string', description: 'why it gets no work until it is updated' },
      },
    },
  },
} as const

interface PauseRequest {
  Params: { key: string }
  Body: { paused: boolean }
}

/** What operators see and do of everybody's nodes. */
export function fleetRoutes(app: FastifyInstance, { nodes, sentinel, callerOf, changed }: FleetRouteOptions): void {
  const common = { tags: ['nodes'], security: [{ bearer: [] }] }
  const refused = { 401: ERROR_SCHEMA, 403: ERROR_SCHEMA, 404: ERROR_SCHEMA, 503: ERROR_SCHEMA }
  const onRequest = operatorsOnly(callerOf, 'nodes of others are')
  const shown = (node: NodeRecord) => ({ ...node, activity: sentinel().statusOf(node.publicKey) })

  app.get(
    '/api/fleet',
    {
      onRequest,
      schema: {
        ...common,
        summary: "Everybody's nodes, for operators; those that spoke last go first",
        description: `At most ${NODES_LISTED_MAX}; revoked ones are left out.`,
        response: { 200: { type: 'object', properties: { nodes: { type: 'array', items: FLEET_NODE } } }, ...refused },
      },
    },
    answering(async () => ({ nodes: (await nodes().all(NODES_LISTED_MAX)).map(shown) })),
  )
  app.patch<PauseRequest>(
    '/api/fleet/:key',
    {
      onRequest,
      schema: {
        ...common,
        summary: 'Pauses or resumes any node, for operators',
        description:
          'Its owner cannot resume what an operator has paused; an operator resumes also what its owner has.',
        params: { type: 'object', required: ['key'], properties: { key: KEY } },
        body: {
          type: 'object',
          additionalProperties: false,
          required: ['paused'],
          properties: { paused: { type: 'boolean' } },
        },
        response: { 200: FLEET_NODE, 400: ERROR_SCHEMA, ...refused },
      },
    },
    answering(async ({ params: { key }, body: { paused } }: FastifyRequest<PauseRequest>) => {
      if ((await nodes().pause(key, undefined, paused)) === undefined) throw notFound('node')
      await changed(key)
      return shown((await nodes().find(key)) as NodeRecord)
    }),
  )
}
