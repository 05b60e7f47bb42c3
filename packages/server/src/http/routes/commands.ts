import type { FastifyInstance } from 'fastify'
import type { ZoneWork } from '../../zones/zone-work.js'
import { ERROR_SCHEMA } from '../api-error.js'
import { type CallerOf, operatorsOnly } from '../operators-only.js'
import { orRefusal } from '../zone-refusal.js'

/** A command may bring what it writes: a region of 5,000 sectors is 1.2 MB of JSON. */
const ARGUMENT_BYTES_MAX = 32 * 1024 * 1024

const SCHEMA = {
  summary: "Runs one of the world's commands in a zone",
  description:
    'One transaction, durable when it answers. The body is the arguments. The zone is opened when it is not. ' +
    'When another process has it, the command goes there, with 8 MiB of arguments at most. ' +
    'After a 503 it may have had its effect: send it again, commands are made for that, or look.',
  tags: ['operation'],
  security: [{ bearer: [] }],
  params: {
    type: 'object',
    required: ['zone', 'command'],
    properties: { zone: { type: 'string', maxLength: 80 }, command: { type: 'string', maxLength: 80 } },
  },
  body: { type: 'object', additionalProperties: true },
  response: {
    200: {
      type: 'object',
      properties: {
        zone: { type: 'string' },
        command: { type: 'string' },
        result: { description: 'what the command returned' },
      },
    },
    400: ERROR_SCHEMA,
    403: ERROR_SCHEMA,
    404: ERROR_SCHEMA,
    409: ERROR_SCHEMA,
    413: ERROR_SCHEMA,
    503: ERROR_SCHEMA,
  },
} as const

interface CommandRequest {
  Params: { zone: string; command: string }
  Body: Record<string, unknown>
}

export interface CommandTarget {
  readonly zones: Pick<ZoneWork, 'command'>
  readonly callerOf: CallerOf
}

/** What operators may do in a world, by HTTP. */
export function commandRoutes(app: FastifyInstance, { zones, callerOf }: CommandTarget): void {
  const options = {
    schema: SCHEMA,
    bodyLimit: ARGUMENT_BYTES_MAX,
    onRequest: operatorsOnly(callerOf, 'commands are'),
  }
  app.post<CommandRequest>('/api/zones/:zone/commands/:command', options, async (request, reply) => {
    const { zone, command } = request.params
    const result = await orRefusal(zones.command({ zone, command, args: request.body }))
    return reply.header('cache-control', 'no-store').send({ zone, command, result: result ?? null })
  })
}
