import type { JobRecord, PostgresJobs } from '@terrane/store-postgres'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError, ERROR_SCHEMA } from '../../http/api-error.js'
import type { Caller } from '../../http/routes/rows.js'
import type { GameDataSource } from '../game-data-source.js'
import { answering, notFound } from '../refusals.js'
import type { SentinelPort } from '../sentinel-port.js'
import { type Submission, submitJob } from '../submit.js'

/** A tournament's candidates and a long rotation take some room. */
const JOB_BYTES_MAX = 256 * 1024
const JOBS_LISTED_MAX = 100
const EVENTS_LISTED_MAX = 100
const PROTOBUF = 'application/x-protobuf'

export interface JobRouteOptions {
  jobs(): PostgresJobs
  sentinel(): SentinelPort
  readonly gameData: GameDataSource
  /** Rejects with an `ApiError` when the request carries a token that is not valid. */
  callerOf(request: FastifyRequest): Promise<Caller>
}

const ID = {
  type: 'object',
  required: ['id'],
  properties: {
    id: { type: 'string', pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' },
  },
} as const

const JOB = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    status: { type: 'string', enum: ['pending', 'running', 'completed', 'failed', 'cancelled'] },
    meta: { type: 'object', additionalProperties: true },
    priority: { type: 'integer' },
    revision: { type: 'string', description: 'hash of the game data' },
    error: { type: 'string', description: 'why it failed' },
    createdAt: { type: 'integer', description: 'ms since the epoch' },
    finishedAt: { type: 'integer', description: 'ms since the epoch' },
    progress: { type: 'object', additionalProperties: true, description: 'while it runs in the process that answers' },
  },
} as const

const CREATED = { type: 'object', properties: { jobId: { type: 'string' } } } as const
const CONFIG = { description: 'JSON, or its text' } as const
const common = { tags: ['jobs'], security: [{ bearer: [] }] }
const refused = { 400: ERROR_SCHEMA, 401: ERROR_SCHEMA, 404: ERROR_SCHEMA, 429: ERROR_SCHEMA, 503: ERROR_SCHEMA }

interface WithId {
  Params: { id: string }
}

/** What users do with their jobs. */
export function jobRoutes(app: FastifyInstance, options: JobRouteOptions): void {
  const userOf = async (request: FastifyRequest): Promise<string> => {
    const { player } = await options.callerOf(request)
    if (player !== undefined) return player
    throw new ApiError(401, 'unauthorized', 'jobs have owners', 'send your token: Authorization: Bearer …')
  }
  const own = async (request: FastifyRequest<WithId>): Promise<JobRecord> => {
    const userId = await userOf(request)
    const job = await options.jobs().find(request.params.id)
    // Does not tell a stranger whether a job that is not theirs exists.
    if (job === undefined || job.userId !== userId) throw notFound('job')
    return job
  }
  const submit = async (request: FastifyRequest, simConfig: unknown, sentinelConfig: unknown) => {
    const submission: Submission = { userId: await userOf(request), simConfig, sentinelConfig }
    return { jobId: await submitJob({ jobs: options.jobs(), gameData: options.gameData }, submission) }
  }

  app.post(
    '/api/jobs',
    {
      bodyLimit: JOB_BYTES_MAX,
      schema: {
        ...common,
        summary: 'Submits a simulation',
        body: { type: 'object', required: ['simConfig'], properties: { simConfig: CONFIG, sentinelConfig: CONFIG } },
        response: { 201: CREATED, ...refused },
      },
    },
    async (request: FastifyRequest<{ Body: { simConfig: unknown; sentinelConfig?: unknown } }>, reply) => {
      const { simConfig, sentinelConfig } = request.body
      const created = await answering(() => submit(request, simConfig, sentinelConfig))(request)
      return reply.code(201).send(created)
    },
  )
  app.post(
    '/rest/v1/rpc/create_job',
    {
      bodyLimit: JOB_BYTES_MAX,
      schema: {
        ...common,
        summary: 'Submits a simulation, as a remote procedure',
        body: {
          type: 'object',
          required: ['p_sim_config'],
          properties: { p_sim_config: CONFIG, p_sentinel_config: CONFIG },
        },
        response: { 200: CREATED, ...refused },
      },
    },
    answering((request: FastifyRequest<{ Body: { p_sim_config: unknown; p_sentinel_config?: unknown } }>) =>
      submit(request, request.body.p_sim_config, request.body.p_sentinel_config),
    ),
  )
  app.get(
    '/api/jobs',
    {
      schema: {
        ...common,
        summary: 'Your jobs, the newest first',
        response: { 200: { type: 'object', properties: { jobs: { type: 'array', items: JOB } } }, ...refused },
      },
    },
    answering(async (request) => ({ jobs: await options.jobs().ofUser(await userOf(request), JOBS_LISTED_MAX) })),
  )
  app.get(
    '/api/jobs/:id',
    { schema: { ...common, summary: 'Where a job stands', params: ID, response: { 200: JOB, ...refused } } },
    answering(async (request: FastifyRequest<WithId>) => {
      const job = await own(request)
      return { ...job, progress: options.sentinel().progressOf(job.id) }
    }),
  )
  app.get(
    '/api/jobs/:id/config',
    {
      schema: {
        ...common,
        summary: 'What a job was asked to compute, with the defaults filled in',
        params: ID,
        response: {
          200: {
            type: 'object',
            properties: {
              simConfig: { type: 'object', additionalProperties: true },
              sentinelConfig: { type: 'object', additionalProperties: true },
            },
          },
          ...refused,
        },
      },
    },
    answering(async (request: FastifyRequest<WithId>) => {
      const config = await options.jobs().configOf((await own(request)).id)
      if (config === undefined) throw notFound('job')
      return { simConfig: JSON.parse(config.simConfig), sentinelConfig: JSON.parse(config.sentinelConfig) }
    }),
  )
  app.get(
    '/api/jobs/:id/events',
    {
      schema: {
        ...common,
        summary: 'What went wrong with chunks of a job',
        params: ID,
        response: {
          200: {
            type: 'object',
            properties: { events: { type: 'array', items: { type: 'object', additionalProperties: true } } },
          },
          ...refused,
        },
      },
    },
    answering(async (request: FastifyRequest<WithId>) => ({
      events: await options.jobs().eventsOf((await own(request)).id, EVENTS_LISTED_MAX),
    })),
  )
  for (const part of ['result', 'timeline'] as const) {
    app.get(
      `/api/jobs/:id/${part}`,
      {
        schema: {
          ...common,
          summary: `The ${part} of a completed job`,
          description: `Protobuf: ${part === 'result' ? 'terrane.combat.v1.JobResult, or Comparison when there are variants' : 'terrane.combat.v1.Timeline'}.`,
          params: ID,
          produces: [PROTOBUF],
          response: { ...refused },
        },
      },
      async (request: FastifyRequest<WithId>, reply) => {
        const bytes = await answering(async (asked: FastifyRequest<WithId>) => {
          const found = await options.jobs().resultOf((await own(asked)).id)
          const pb = part === 'result' ? found?.resultPb : found?.timelinePb
          if (pb === undefined) throw notFound(`${part} yet`)
          return pb
        })(request)
        // A completed job never changes.
        return reply.type(PROTOBUF).header('cache-control', 'private, max-age=31536000, immutable').send(bytes)
      },
    )
  }
  app.post(
    '/api/jobs/:id/cancel',
    {
      schema: {
        ...common,
        summary: 'Cancels a job; says where it stands when it has ended already',
        params: ID,
        response: { 200: { type: 'object', properties: { status: JOB.properties.status } }, ...refused },
      },
    },
    answering(async (request: FastifyRequest<WithId>) => {
      const job = await own(request)
      const status = await options.jobs().cancel(job.id, job.userId)
      options.sentinel().dropped(job.id)
      return { status: status ?? job.status }
    }),
  )
}
