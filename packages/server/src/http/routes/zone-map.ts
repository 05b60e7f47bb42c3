import { CODE_MAX } from '@terrane/causality'
import type { FastifyInstance } from 'fastify'
import type { ZoneMapView } from '../../zones/zone-map-view.js'
import type { Merge, Move, Split, ZoneTaker, ZoneWork } from '../../zones/zone-work.js'
import { ERROR_SCHEMA } from '../api-error.js'
import { type CallerOf, operatorsOnly } from '../operators-only.js'
import { orRefusal } from '../zone-refusal.js'

const ZONE = { type: 'string', minLength: 1, maxLength: 80 } as const
const AUTHORITY = { type: 'string', enum: ['spatial', 'persona'] } as const
const CODE = { type: 'integer', minimum: 0, maximum: CODE_MAX } as const
const NULLABLE_INTEGER = ['integer', 'null'] as const

const MAP_SCHEMA = {
  summary: 'Which zone has authority over which codes, and which process has the zone',
  description: 'Zones by name are in no map: a world with no others has version 0 and no ranges.',
  tags: ['operation'],
  response: {
    200: {
      type: 'object',
      properties: {
        version: { type: 'integer', description: 'counts the changes of the map' },
        ranges: {
          type: 'array',
          description: 'of space first, by ascending codes; together all codes from 0',
          items: {
            type: 'object',
            properties: {
              authority: AUTHORITY,
              lo: { ...CODE, description: 'the first code' },
              hi: { ...CODE, description: 'the last code' },
              zone: ZONE,
            },
          },
        },
        zones: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              zone: ZONE,
              authority: AUTHORITY,
              share: { type: 'number', description: 'part of all codes of its authority, from 0 to 1' },
              owner: { type: ['string', 'null'], description: 'the process that has it; null when it is not open' },
              isOwn: { type: 'boolean', description: 'that is the process that answers' },
              isLate: { type: 'boolean', description: 'its lease has ended, and nobody has taken the zone over yet' },
              epoch: { type: NULLABLE_INTEGER, description: 'counts the ownerships of this zone' },
              entities: { type: NULLABLE_INTEGER, description: 'rows; null for zones of other processes' },
              sessions: { type: NULLABLE_INTEGER, description: 'null for zones of other processes' },
            },
          },
        },
      },
    },
    503: ERROR_SCHEMA,
  },
} as const

/** Of `zone_held` both zones and their processes are told: asking again does not help. */
const STATUSES = { zone_held: 409, map_changed: 409 }

function changeSchema<Body extends object>(summary: string, description: string, body: Body) {
  return {
    summary,
    description:
      `${description} Clients of the zones are sent away for a moment and come back. It happens whole or not at all; ` +
      'after a 503 look which. Asked of any process: it is done by the one that has the zones.',
    tags: ['operation'],
    security: [{ bearer: [] }],
    body: { type: 'object', additionalProperties: false, ...body },
    response: {
      200: {
        type: 'object',
        properties: {
          version: { type: 'integer', description: 'of the map, with this change' },
          from: { type: 'string', description: 'the zone that had the codes' },
          into: { type: 'string', description: 'the zone that has them now' },
          rows: { type: 'integer', description: 'rows that went' },
        },
      },
      400: ERROR_SCHEMA,
      403: ERROR_SCHEMA,
      404: ERROR_SCHEMA,
      409: ERROR_SCHEMA,
      503: ERROR_SCHEMA,
    },
  } as const
}

const SPLIT_SCHEMA = changeSchema('Splits a zone', 'A new zone gets the upper part of the codes, and their rows.', {
  required: ['zone'],
  properties: { zone: ZONE, code: { ...CODE, description: 'the first code that goes; default: half of the rows go' } },
})

const MERGE_SCHEMA = changeSchema('Merges two zones', 'All codes and rows of a zone go to a neighbour.', {
  required: ['zone', 'into'],
  properties: { zone: { ...ZONE, description: 'the one that goes' }, into: ZONE },
})

const MOVE_SCHEMA = changeSchema('Moves codes', 'Codes of one zone, and their rows, go to another.', {
  required: ['authority', 'lo', 'hi', 'into'],
  properties: { authority: AUTHORITY, lo: CODE, hi: CODE, into: ZONE },
})

const TAKE_SCHEMA = {
  summary: 'Brings a zone to the process that is asked',
  description:
    'Whichever process has the zone makes it durable and lets go of it; this one opens it. Its clients are sent away ' +
    'for a moment and come back, wherever they are connected. After a 503 look who has it.',
  tags: ['operation'],
  security: [{ bearer: [] }],
  params: { type: 'object', required: ['zone'], properties: { zone: ZONE } },
  response: {
    200: {
      type: 'object',
      properties: {
        zone: ZONE,
        epoch: { type: 'integer', description: 'of the new ownership' },
        from: { type: ['string', 'null'], description: 'the process that had it; null when it was free' },
      },
    },
    403: ERROR_SCHEMA,
    404: ERROR_SCHEMA,
    503: ERROR_SCHEMA,
  },
} as const

export interface ZoneMapTarget {
  readonly zones: Pick<ZoneWork, 'split' | 'merge' | 'move'> & ZoneTaker
  readonly view: ZoneMapView
  readonly callerOf: CallerOf
}

/** The zone map, and what operators may do to it and to its zones. */
export function zoneMapRoutes(app: FastifyInstance, { zones, view, callerOf }: ZoneMapTarget): void {
  const onRequest = operatorsOnly(callerOf, 'changes of the zone map are')
  app.get('/api/zone-map', { schema: MAP_SCHEMA }, async (_request, reply) =>
    reply.header('cache-control', 'no-store').send(await orRefusal(view.read())),
  )
  app.post<{ Body: Split }>('/api/zone-map/split', { schema: SPLIT_SCHEMA, onRequest }, ({ body }) =>
    orRefusal(zones.split(body), STATUSES),
  )
  app.post<{ Body: Merge }>('/api/zone-map/merge', { schema: MERGE_SCHEMA, onRequest }, ({ body }) =>
    orRefusal(zones.merge(body), STATUSES),
  )
  app.post<{ Body: Move }>('/api/zone-map/move', { schema: MOVE_SCHEMA, onRequest }, ({ body }) =>
    orRefusal(zones.move(body), STATUSES),
  )
  const forTaking = { schema: TAKE_SCHEMA, onRequest: operatorsOnly(callerOf, 'places of zones are') }
  app.post<{ Params: { zone: string } }>('/api/zones/:zone/take', forTaking, ({ params }) =>
    orRefusal(zones.take(params.zone)),
  )
}
