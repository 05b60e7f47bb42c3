/**
 * Game data in PostgREST's dialect, so that its clients work unchanged. Each answer is of one revision as a whole: the
 * current one, unless the request filters by `revision`.
 */
import { parseRequest, RestError } from '@terrane/gamedata'
import type { CurrentRevision, GameReader } from '@terrane/store-postgres'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { answerOf } from './answer.js'
import { checkProfile, matches, mediaTypeOf, rangeOf, wantsCount } from './preferences.js'

const ERROR = {
  type: 'object',
  description: "a refusal, in PostgREST's form",
  properties: {
    code: { type: 'string', description: "PostgREST's code, or the SQLSTATE" },
    message: { type: 'string' },
    details: { type: 'string', nullable: true },
    hint: { type: 'string', nullable: true },
  },
} as const

const ROWS = { type: 'array', items: { type: 'object', additionalProperties: true } } as const

const SCHEMA = {
  summary: 'Rows of a table of game data',
  description:
    "PostgREST's dialect: `select` (columns, aliases, casts, embedded tables), `column=operator.value` (eq, neq, gt, gte, " +
    'lt, lte, like, ilike, in, is, not), `and`, `or`, `order`, `limit`, `offset`, `Range`, `Prefer: count=exact`. ' +
    'Rows are those of the current revision, unless the request filters by `revision`.',
  tags: ['game data'],
  params: { type: 'object', required: ['table'], properties: { table: { type: 'string' } } },
  response: { 200: ROWS, 206: ROWS, 304: { type: 'null' }, '4xx': ERROR, 503: ERROR },
} as const

const PATH = '/rest/v1'

/** @param reader throws an `ApiError` while the server starts */
export function gameDataRoutes(app: FastifyInstance, reader: () => GameReader): void {
  const answerErrors = (error: Error, _request: FastifyRequest, reply: FastifyReply) => {
    // Others are everybody's: the server's own form.
    if (!(error instanceof RestError)) throw error
    return reply
      .status(error.status)
      .headers({ 'cache-control': 'no-store', 'content-profile': 'game' })
      .type('application/json; charset=utf-8')
      .send(JSON.stringify(error))
  }
  app.get<{ Params: { table: string } }>(
    `${PATH}/:table`,
    { schema: SCHEMA, errorHandler: answerErrors },
    async (request, reply) => read(reader(), request, reply),
  )
  // Before a body is read, whatever it is.
  const onRequest = async (request: FastifyRequest) => {
    throw new RestError(405, 'PGRST117', `Unsupported HTTP method: ${request.method}`, {
      hint: 'Game data can be read only, with GET and HEAD. terrane gamedata import changes it.',
    })
  }
  const hidden = { schema: { hide: true }, errorHandler: answerErrors }
  app.route({
    method: ['POST', 'PUT', 'PATCH', 'DELETE'],
    url: `${PATH}/:table`,
    ...hidden,
    onRequest,
    handler: async () => {},
  })
  app.get(`${PATH}/rpc/:name`, hidden, async (request) => noFunction(request))
  app.post(`${PATH}/rpc/:name`, hidden, async (request) => noFunction(request))
}

function noFunction({ params }: FastifyRequest): never {
  const { name } = params as { name: string }
  throw new RestError(404, 'PGRST202', `Could not find the function game.${name} in the schema cache`, {
    hint: 'Game data has tables only.',
  })
}

async function read(
  reader: GameReader,
  request: FastifyRequest<{ Params: { table: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { headers, params, url } = request
  checkProfile(headers)
  const media = mediaTypeOf(headers)
  const at = url.indexOf('?')
  const plan = parseRequest(params.table, new URLSearchParams(at < 0 ? '' : url.slice(at + 1)), rangeOf(headers))
  const current = await reader.current()
  if (current === undefined && !plan.namesRevision) throw nothingLoaded()
  reply.headers({
    'content-profile': 'game',
    'cache-control': 'no-cache',
    vary: 'accept, accept-profile, prefer, range',
  })
  // What a filter by revision finds can change without the current one changing.
  if (current !== undefined && !plan.namesRevision) {
    const etag = etagOf(current)
    reply.headers({ etag, 'game-revision': current.revision })
    if (matches(headers, etag)) return reply.code(304).send()
  }
  const revision = plan.namesRevision ? undefined : current?.revision
  const answer = answerOf(plan, await reader.read(plan, { revision, hasCount: wantsCount(headers) }), media)
  return reply
    .code(answer.status)
    .header('content-range', answer.contentRange)
    .type(answer.contentType)
    .send(answer.body)
}

/** Weak: what a proxy compresses goes by the same tag. */
function etagOf({ revision, checksum }: CurrentRevision): string {
  return `W/"${revision}-${checksum.slice(0, 16)}"`
}

function nothingLoaded(): RestError {
  return new RestError(503, 'PGRST002', 'no game data is loaded yet', { hint: 'Load some: terrane gamedata import' })
}
