import type { ServerStats } from '@terrane/protocol'
import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import { HOLDER_PROPERTIES, STALLED_BECAUSE } from './zones.js'

const number = (description?: string) => ({ type: 'number', ...(description === undefined ? {} : { description }) })
const quantiles = (description: string) => ({
  type: 'object',
  description: `${description}, ms; null when nothing happened`,
  properties: { p50: { type: ['number', 'null'] }, p99: { type: ['number', 'null'] } },
})
const object = (properties: Record<string, unknown>) => ({ type: 'object', properties })

const DATABASE_SCHEMA = object({
  state: { type: 'string', enum: ['up', 'down'] },
  production: { type: 'boolean', description: 'whether a connection without TLS is out of place' },
  user: { type: 'string', description: 'as whom the server logged in' },
  role: { type: 'string', enum: ['admin', 'writer', 'reader', 'superuser', 'other'] },
  version: { type: 'string' },
  addressFamily: { type: ['number', 'null'], description: '4, 6, or null for a Unix socket' },
  tls: {
    type: ['object', 'null'],
    description: 'null without TLS',
    properties: {
      protocol: { type: 'string' },
      cipher: { type: 'string' },
      certificateEndsAt: {
        type: ['number', 'null'],
        description: 'of the certificate that ends first, ms since the epoch',
      },
    },
  },
  pool: object({
    size: number('connections that there may be'),
    open: number(),
    idle: number(),
    waiting: number('calls that wait for one'),
  }),
  reconnects: number('times that the connection for appends was opened anew'),
})

const STATS_SCHEMA = {
  summary: 'What the server did within the last second',
  tags: ['operation'],
  response: {
    200: object({
      at: number('server time, ms since the epoch'),
      uptimeS: number(),
      connections: number('open WebSockets'),
      sessions: number('zone channels that are joined'),
      inputsPerS: number(),
      rejectsPerS: number(),
      appliedMs: quantiles('from receipt of an input to its execution'),
      durableMs: quantiles('from receipt of an input to its presence in the database'),
      log: object({ batchesPerS: number(), bytesPerS: number(), inputsPerBatch: number() }),
      checkpoints: object({
        perS: number(),
        lagMs: number('how far the SQL tables are behind, ms'),
        tailBytes: number('log behind the checkpoints'),
      }),
      zones: {
        type: 'array',
        items: object({
          id: { type: 'string' },
          state: { type: 'string' },
          stalledBecause: STALLED_BECAUSE,
          entities: number(),
          sessions: number(),
          epoch: number(),
          seq: number(),
          ops: object({ outbox: number(), oldestMs: number(), buffered: number(), deadLetters: number() }),
        }),
      },
      ops: {
        ...object({
          sent: number(),
          resent: number(),
          delivered: number(),
          duplicate: number(),
          refused: number(),
          dead: number(),
          overflowed: number(),
        }),
        description: 'messages between zones, since the server started',
      },
      figures: {
        type: 'array',
        description: 'what the world itself counts',
        items: object({
          name: { type: 'string' },
          zone: { type: 'string' },
          value: number(),
          alertAt: { type: ['number', 'null'], description: 'from this value on somebody should look' },
          alert: { type: 'boolean' },
        }),
      },
      cluster: {
        ...object({
          isBusUp: { type: 'boolean', description: 'whether there is a connection to the message bus' },
          dropped: number('messages that it could not take, since the server started'),
          holders: { type: 'array', items: object(HOLDER_PROPERTIES) },
          followed: { type: 'array', items: object({ zone: { type: 'string' }, seq: number() }) },
        }),
        description: 'where several processes serve the world',
      },
      memory: object({ rssBytes: number(), heapBytes: number() }),
      database: DATABASE_SCHEMA,
    }),
  },
} as const

/** Figures for people and pages; `metrics` the same and more, for Prometheus. */
export function statsRoutes(app: FastifyInstance, stats: () => ServerStats, metrics: () => Registry): void {
  app.get('/api/stats', { schema: STATS_SCHEMA }, async (_request, reply) =>
    reply.header('cache-control', 'no-store').send(stats()),
  )
  const schema = {
    summary: 'Counters and gauges in the Prometheus text format',
    tags: ['operation'],
    produces: ['text/plain'],
  }
  app.get('/metrics', { schema }, async (_request, reply) => {
    const registry = metrics()
    return reply.header('content-type', registry.contentType).send(await registry.metrics())
  })
}
