import type { Engine } from '@terrane/engine'
import type { ZoneHolderStats } from '@terrane/protocol'
import type { FastifyInstance } from 'fastify'

/** Which process has a zone. */
export const HOLDER_PROPERTIES = {
  zone: { type: 'string' },
  owner: { type: 'string', description: 'the process, by host, process id and start' },
  isLate: { type: 'boolean', description: 'its lease has ended, and nobody has taken it over yet' },
  isOwn: { type: 'boolean', description: 'it is this process' },
  epoch: { type: 'integer', description: 'counts the ownerships of this zone' },
} as const

export const STALLED_BECAUSE = {
  type: 'string',
  description: 'only while `state` is `stalled`: what the database said last',
} as const

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
              state: { type: 'string', enum: ['active', 'stalled', 'held', 'draining', 'closed'] },
              stalledBecause: STALLED_BECAUSE,
              epoch: { type: 'integer', description: 'counts the ownerships of this zone' },
              isWarm: { type: 'boolean', description: 'it was opened from a warm copy, see `followed`' },
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
                  clock: {
                    type: 'object',
                    description: "the zone's vector clock: events that it knows of, by zone",
                    additionalProperties: { type: 'integer' },
                  },
                },
              },
            },
          },
        },
        holders: {
          type: 'array',
          description: 'where several processes serve the world: which of them has which zone',
          items: {
            type: 'object',
            properties: HOLDER_PROPERTIES,
          },
        },
        followed: {
          type: 'array',
          description: 'warm copies of zones of other processes',
          items: {
            type: 'object',
            properties: {
              id: { type: 'string' },
              seq: { type: 'integer', description: 'position of the last batch that the copy has' },
              readAt: { type: 'number', description: 'when it last had all batches, ms since the epoch' },
            },
          },
        },
      },
    },
  },
} as const

/** @param cluster where several processes serve the world */
export function zoneRoutes(
  app: FastifyInstance,
  engine: () => Engine,
  cluster: { holders(): Promise<readonly ZoneHolderStats[]> } | undefined,
): void {
  app.get('/api/zones', { schema: SCHEMA }, async () => {
    const running = engine()
    // The own zones are told also when the database does not answer.
    const others = cluster && { holders: await cluster.holders().catch(() => []), followed: running.followed() }
    return { zones: running.statuses(), ...others }
  })
}
