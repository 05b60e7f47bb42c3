import { TerraneError } from '@terrane/core'
import { TransientStoreError } from '@terrane/engine'
import { noDatabase } from '../zones/zone-work.js'
import { ApiError } from './api-error.js'

/** Other codes: 503 when asking again can help, else 409. */
const STATUS: Readonly<Record<string, number>> = {
  unknown_topic: 404,
  unknown_command: 404,
  not_in_map: 404,
  invalid_args: 400,
  invalid_codes: 400,
  too_large_for_bus: 413,
  world_error: 500,
  internal: 500,
  result_too_large: 500,
}

/**
 * What was asked of a zone, with its failure as an HTTP answer.
 * @param statuses of codes that mean something else for this request
 */
export async function orRefusal<T>(work: Promise<T>, statuses: Readonly<Record<string, number>> = {}): Promise<T> {
  try {
    return await work
  } catch (thrown) {
    const failure = thrown instanceof TransientStoreError ? noDatabase(thrown) : thrown
    if (!(failure instanceof TerraneError)) throw thrown
    const { code, message, hint, retry } = failure
    const status = statuses[code] ?? STATUS[code] ?? (retry === 'later' ? 503 : 409)
    const next = retry === 'later' ? 'send it again in a moment' : 'the world refused it, and nothing has changed'
    throw new ApiError(status, code, message, hint ?? next)
  }
}
