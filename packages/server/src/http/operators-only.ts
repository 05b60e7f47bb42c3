import type { FastifyRequest } from 'fastify'
import { ApiError } from './api-error.js'
import type { Caller } from './routes/rows.js'

/** Rejects with an `ApiError` when the request carries a token that is not valid. */
export type CallerOf = (request: FastifyRequest) => Promise<Caller>

/**
 * A hook for `onRequest`: it runs before the body is read, so that only operators can send large ones.
 * @param what is for operators, as the begin of a sentence: "commands are"
 */
export function operatorsOnly(callerOf: CallerOf, what: string): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const { isOperator } = await callerOf(request)
    if (isOperator) return
    const hint = 'send a token with the claim "role": "operator" as Authorization: Bearer …'
    throw new ApiError(403, 'forbidden', `${what} for operators`, hint)
  }
}
