import { TerraneError } from '@terrane/core'
import type { FastifyRequest } from 'fastify'
import { ApiError } from '../http/api-error.js'

/** By the code of a refusal; what is not here is 400, or 503 when it passes. */
const STATUS: Readonly<Record<string, number>> = {
  signature_missing: 401,
  signature_malformed: 401,
  signature_skew: 401,
  signature_invalid: 401,
  signature_replayed: 401,
  too_many_requests: 429,
  unknown_node: 403,
  node_revoked: 403,
  forbidden: 403,
  not_found: 404,
  already_ended: 409,
  conflict: 409,
  stale: 410,
  too_many_jobs: 429,
  oversize: 413,
  node_outdated: 426,
}

/** A refusal as an answer; anything else is not for the client. */
export function refusalOf(thrown: unknown): unknown {
  if (!(thrown instanceof TerraneError)) return thrown
  const { code, message, hint, retry } = thrown
  const status = STATUS[code] ?? (retry === 'later' ? 503 : 400)
  return new ApiError(status, code, message, hint ?? (retry === 'later' ? 'send it again in a moment' : HINT))
}

/** A route's handler whose refusals become answers. */
export const answering =
  <R extends FastifyRequest, T>(work: (request: R) => Promise<T>) =>
  async (request: R): Promise<T> => {
    try {
      return await work(request)
    } catch (error) {
      throw refusalOf(error)
    }
  }

const HINT = 'GET /openapi.json describes the request'

export function notFound(what: string): TerraneError {
  return new TerraneError('not_found', `there is no such ${what}`, { hint: 'It may be somebody else’s.' })
}
