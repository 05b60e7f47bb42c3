import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from '../process/log.js'

/** A refusal with its HTTP status. Its parts are the body of the answer. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly hint: string

  constructor(status: number, code: string, message: string, hint: string) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.hint = hint
  }
}

export const ERROR_SCHEMA = {
  type: 'object',
  description: 'a refusal or a failure',
  required: ['code', 'message', 'hint'],
  properties: {
    code: { type: 'string', description: 'stable, for programs' },
    message: { type: 'string', description: 'what happened' },
    hint: { type: 'string', description: 'what to do next' },
  },
} as const

/** Answers every error, ours or Fastify's, in the one form. */
export function answerErrors(app: FastifyInstance, log: Logger): void {
  app.setNotFoundHandler((request, reply) => {
    send(
      reply,
      new ApiError(
        404,
        'not_found',
        `there is no ${request.method} ${pathOf(request)}`,
        'GET /openapi.json lists what there is',
      ),
    )
  })
  app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, request, reply) => {
    if (error instanceof ApiError) {
      send(reply, error)
      return
    }
    const status = error.statusCode ?? 500
    if (status < 500) {
      const code = error.code?.toLowerCase() ?? 'invalid_request'
      send(reply, new ApiError(status, code, error.message, 'GET /openapi.json describes the request'))
      return
    }
    log.error({ err: error, path: pathOf(request) }, 'a request failed')
    send(reply, new ApiError(500, 'internal', 'the server failed to answer', 'ask again; its log says what happened'))
  })
}

function send(reply: FastifyReply, { status, code, message, hint }: ApiError): void {
  void reply.status(status).header('cache-control', 'no-store').send({ code, message, hint })
}

/** Without the query, which may hold a token. */
function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? ''
}
