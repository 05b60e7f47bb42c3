import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import type { ServerStats } from '../../stats/server-stats.js'

const number = (description?: string) => ({ type: 'number', ...(description === undefined ? {} : { description }) })
const quantiles = (description: string) => ({
  type: 'object',
  description: `${description}, ms; null when nothing happened`,
  properties: { p50: { type: ['number', 'null'] }, p99: { type: ['number', 'null'] } },
})
const object = (properties: Record<string, unknown>) => ({ type: 'object', properties })

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
          entities: number(),
          sessions: number(),
          epoch: number(),
          seq: number(),
        }),
      },
      memory: object({ rssBytes: number(), heapBytes: number() }),
      database: object({ state: { type: 'string', enum: ['up', 'down'] } }),
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
