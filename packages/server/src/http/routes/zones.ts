import type { ZoneStatus } from '@terrane/engine'
import type { FastifyInstance } from 'fastify'

const SCHEMA = {
  summary: 'The zones that this server runs',
  tags: ['operation'],
  response: {
    200: {
      type: 'object',
      properties: {
        zones: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              id: { type: 'string' },
              state: { type: 'string', enum: ['active', 'stalled', 'draining', 'closed'] },
              epoch: { type: 'integer', description: 'counts the ownerships of this zone' },
              seq: { type: 'integer', description: 'position of the last durable batch in the commit log' },
              checkpoint: { type: 'integer', description: 'position that the SQL tables have reached' },
              entities: { type: 'integer' },
              sessions: { type: 'integer' },
              tailBytes: { type: 'integer', description: 'log behind the checkpoint, bytes' },
              checkpointLagMs: { type: 'number', description: 'how far the SQL tables are behind, ms' },
              ops: {
                type: 'object',
                description: 'messages between zones',
                properties: {
                  outbox: { type: 'integer', description: 'ops that no receiver has acknowledged' },
                  outboxBytes: { type: 'integer', description: 'bytes of their arguments' },
                  oldestMs: { type: 'number', description: 'age of the oldest of them, ms' },
                  buffered: { type: 'integer', description: 'ops received that wait for others to come first' },
                  bufferedBytes: { type: 'integer' },
                  deadLetters: { type: 'integer', description: 'ops that could not be applied' },
                },
              },
            },
          },
        },
      },
    },
  },
} as const

export function zoneRoutes(app: FastifyInstance, statuses: () => readonly ZoneStatus[]): void {
  app.get('/api/zones', { schema: SCHEMA }, async () => ({ zones: statuses() }))
}
