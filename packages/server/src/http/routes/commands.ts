import { TerraneError } from '@terrane/core'
import type { Engine } from '@terrane/engine'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError, ERROR_SCHEMA } from '../api-error.js'
import type { Caller } from './rows.js'

/** A command may bring what it writes: a region of 5,000 sectors is 1.2 MB of JSON. */
const ARGUMENT_BYTES_MAX = 32 * 1024 * 1024

const SCHEMA = {
  summary: "Runs one of the world's commands in a zone",
  description:
    'One transaction, durable when it answers. The body is the arguments. The zone is opened when it is not. ' +
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
    503: ERROR_SCHEMA,
  },
} as const

interface CommandRequest {
  Params: { zone: string; command: string }
  Body: Record<string, unknown>
}

export interface CommandTarget {
  engine(): Engine
  /** Rejects with an `ApiError` when the request carries a token that is not valid. */
  callerOf(request: FastifyRequest): Promise<Caller>
}

/** What operators may do in a world, by HTTP. */
export function commandRoutes(app: FastifyInstance, target: CommandTarget): void {
  const options = {
    schema: SCHEMA,
    bodyLimit: ARGUMENT_BYTES_MAX,
    // Before the body is read: only operators may send large ones.
    onRequest: async (request: FastifyRequest) => {
      const { isOperator } = await target.callerOf(request)
      if (isOperator) return
      const hint = 'send a token with the claim "role": "operator" as Authorization: Bearer …'
      throw new ApiError(403, 'forbidden', 'commands are for operators', hint)
    },
  }
  app.post<CommandRequest>('/api/zones/:zone/commands/:command', options, async (request, reply) => {
    const { zone: id, command } = request.params
    try {
      const zone = await target.engine().zone(id)
      const result = await zone.command(command, request.body)
      return reply.header('cache-control', 'no-store').send({ zone: id, command, result: result ?? null })
    } catch (thrown) {
      if (thrown instanceof TerraneError) throw refusal(thrown)
      throw thrown
    }
  })
}

const STATUS: Readonly<Record<string, number>> = {
  unknown_topic: 404,
  unknown_command: 404,
  invalid_args: 400,
  world_error: 500,
  zone_moved: 503,
}

function refusal({ code, message, hint, retry }: TerraneError): ApiError {
  const status = STATUS[code] ?? (retry === 'later' ? 503 : 409)
  const next = retry === 'later' ? 'send it again in a moment' : 'the world refused it, and nothing has changed'
  return new ApiError(status, code, message, hint ?? next)
}
