import type { FastifyInstance } from 'fastify'

const HEALTH_SCHEMA = {
  type: 'object',
  required: ['status'],
  properties: { status: { type: 'string', enum: ['ok'] } },
} as const

const READY_SCHEMA = {
  type: 'object',
  required: ['ready', 'reasons'],
  properties: {
    ready: { type: 'boolean' },
    reasons: { type: 'array', items: { type: 'string' }, description: 'why it is not ready; empty when it is' },
  },
} as const

/** For whatever watches over the process. @param reasons why the server cannot take inputs now */
export function healthRoutes(app: FastifyInstance, reasons: () => readonly string[]): void {
  app.get(
    '/healthz',
    { schema: { summary: 'Whether the process is alive', tags: ['operation'], response: { 200: HEALTH_SCHEMA } } },
    async () => ({ status: 'ok' }),
  )
  app.get(
    '/readyz',
    {
      schema: {
        summary: 'Whether inputs are taken and made durable',
        tags: ['operation'],
        response: { 200: READY_SCHEMA, 503: READY_SCHEMA },
      },
    },
    async (_request, reply) => {
      const found = reasons()
      return reply.status(found.length === 0 ? 200 : 503).send({ ready: found.length === 0, reasons: found })
    },
  )
}
