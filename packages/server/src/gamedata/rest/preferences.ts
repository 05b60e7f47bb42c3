import { RestError, type WantedRange } from '@terrane/gamedata'
import type { FastifyRequest } from 'fastify'

export type Headers = FastifyRequest['headers']

/** How an answer is to be written. */
export type MediaType = 'json' | 'object' | 'csv'

const SCHEMA = 'game'

/** @throws RestError PGRST106 for another schema than that of game data */
export function checkProfile(headers: Headers): void {
  const profile = headers['accept-profile']
  if (profile === undefined || profile === SCHEMA) return
  throw new RestError(406, 'PGRST106', `Invalid schema: ${String(profile)}`, {
    hint: `Only the following schemas are exposed: ${SCHEMA}`,
  })
}

/** @throws RestError PGRST107 when nothing that is accepted can be written */
export function mediaTypeOf({ accept }: Headers): MediaType {
  const accepted = (accept ?? '*/*').split(',').map((each) => each.trim().toLowerCase())
  for (const each of accepted) {
    const [type = '', ...parameters] = each.split(';').map((part) => part.trim())
    if (type === 'application/vnd.pgrst.object+json' || type === 'application/vnd.pgrst.object') return 'object'
    if (type === 'text/csv') return 'csv'
    if (/^(application\/vnd\.pgrst\.array(\+json)?|application\/json|application\/\*|\*\/\*)$/.test(type)) {
      if (!parameters.includes('nulls=stripped')) return 'json'
    }
  }
  throw new RestError(406, 'PGRST107', `None of these media types are available: ${accept}`, {
    hint: 'Available are application/json, application/vnd.pgrst.object+json and text/csv.',
  })
}

/** Whether all rows are to be counted. Estimates are not cheaper here, so that each kind of count is exact. */
export function wantsCount({ prefer }: Headers): boolean {
  return /\bcount=(exact|planned|estimated)\b/.test([prefer ?? []].flat().join(','))
}

/** @throws RestError PGRST103 for a range that ends before it begins; one that cannot be read is left out, as HTTP says */
export function rangeOf(headers: Headers): WantedRange | undefined {
  const [, first, last] = /^(?:items=)?(\d{1,15})-(\d{0,15})$/.exec(headers.range ?? '') ?? []
  if (first === undefined) return undefined
  const range = { first: Number(first), last: last ? Number(last) : undefined }
  if (range.last === undefined || range.last >= range.first) return range
  throw new RestError(416, 'PGRST103', 'Requested range not satisfiable', {
    details: 'The lower boundary must be lower than or equal to the upper boundary in the Range header.',
  })
}

/** Whether the client has this very state already. */
export function matches(headers: Headers, etag: string): boolean {
  const tags = (headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes(etag.replace(/^W\//, '')) || tags.includes('*')
}
