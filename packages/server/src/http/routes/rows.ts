import type { AnyKind, AnyWorld, Key, KindSchema, Visibility } from '@terrane/engine'
import type { FastifyInstance } from 'fastify'
import type { ZoneWork } from '../../zones/zone-work.js'
import { ApiError, ERROR_SCHEMA } from '../api-error.js'
import type { CallerOf } from '../operators-only.js'
import { orRefusal } from '../zone-refusal.js'

type Row = Readonly<Record<string, unknown>>

/** Who asks: the bearer of a token, or nobody in particular. */
export interface Caller {
  readonly player: string | undefined
  readonly isOperator: boolean
}

const SCHEMA = {
  summary: 'One row, as it is now',
  description:
    "Rows that only their owner sees need the owner's token or an operator's; rows that no client sees need an operator's. Zones of other processes are asked, too.",
  tags: ['world'],
  security: [{}, { bearer: [] }],
  params: {
    type: 'object',
    required: ['kind', 'key'],
    properties: { kind: { type: 'string' }, key: { type: 'string', maxLength: 256 } },
  },
  querystring: {
    type: 'object',
    properties: {
      zone: { type: 'string', description: 'look in this zone only; default: all that are open, in any process' },
    },
  },
  response: {
    200: {
      type: 'object',
      properties: {
        zone: { type: 'string' },
        kind: { type: 'string' },
        row: { type: 'object', additionalProperties: true, description: 'the columns by name' },
      },
    },
    403: ERROR_SCHEMA,
    404: ERROR_SCHEMA,
    503: ERROR_SCHEMA,
  },
} as const

interface RowRequest {
  Params: { kind: string; key: string }
  Querystring: { zone?: string }
}

export interface RowSource {
  readonly world: AnyWorld
  readonly zones: Pick<ZoneWork, 'row'>
  readonly callerOf: CallerOf
}

/** Reads rows from memory: the database may be a second behind. */
export function rowRoutes(app: FastifyInstance, source: RowSource): void {
  app.get<RowRequest>('/api/kinds/:kind/:key', { schema: SCHEMA }, async (request, reply) => {
    const { kind: name, key: text } = request.params
    const schema = source.world.schemas.find((each) => each.name === name)
    if (schema === undefined) throw notFound(`the world has no kind "${name}"`, 'GET /api/world lists the kinds')
    const caller = await source.callerOf(request)
    const key = keyOf(schema, text)
    const { zone } = request.query
    const found = key === undefined ? undefined : await orRefusal(source.zones.row({ kind: name, key, zone }))
    const visible = visibilityOf(source.world, name)
    const refusal = refusalOf(visible, caller, found?.row)
    if (refusal !== undefined) throw refusal
    if (found === undefined)
      throw notFound(
        `there is no ${name} with the key "${text}"`,
        'it may have been deleted, or its zone is not loaded',
      )
    const row = Object.fromEntries(schema.columns.map((column) => [column.name, found.row[column.name] ?? null]))
    return reply.header('cache-control', 'no-store').send({ zone: found.zone, kind: name, row })
  })
}

/** Undefined for a text that can be no key of this kind. */
function keyOf(schema: KindSchema, text: string): Key | undefined {
  if (schema.columns[schema.keyColumn]?.type !== 'integer') return text
  const number = Number(text)
  return text.trim() !== '' && Number.isSafeInteger(number) ? number : undefined
}

function visibilityOf(world: AnyWorld, kind: string): Visibility<Row> {
  const definition = (world.kinds as Readonly<Record<string, AnyKind>>)[kind]
  return (definition?.visible as Visibility<Row> | undefined) ?? { to: 'everyone' }
}

/** Does not tell a stranger whether a row that is not theirs exists. */
function refusalOf(visible: Visibility<Row>, caller: Caller, row: Row | undefined): ApiError | undefined {
  if (caller.isOperator || !(visible.to === 'owner' || visible.to === 'nobody')) return undefined
  const isOwner = visible.to === 'owner' && caller.player !== undefined && row?.[visible.column] === caller.player
  if (isOwner) return undefined
  const whose = visible.to === 'owner' ? "their owner's token, or an operator's" : "an operator's token"
  return new ApiError(
    403,
    'forbidden',
    'rows of this kind are not for everyone',
    `send ${whose}: Authorization: Bearer …`,
  )
}

function notFound(message: string, hint: string): ApiError {
  return new ApiError(404, 'not_found', message, hint)
}
