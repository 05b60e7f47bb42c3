import { randomBytes } from 'node:crypto'
import type { GuestAuthenticator } from '@terrane/gateway'
import type { FastifyInstance } from 'fastify'
import { AddressLimit } from '../address-limit.js'
import { ApiError, ERROR_SCHEMA } from '../api-error.js'

/** Enough for the bots and a load test from one machine to begin at once. */
const TOKENS_PER_SECOND = 50
const TOKENS_BURST = 2_000

/** A guest who comes back within a month finds what they have built. */
const VALID_S = 30 * 24 * 3_600

const SCHEMA = {
  summary: 'A token for a new guest',
  description: 'In development only: with NODE_ENV=production, --no-guests or TERRANE_JWKS_URL it answers 403.',
  tags: ['players'],
  response: {
    200: {
      type: 'object',
      required: ['token', 'player', 'expiresAt'],
      properties: {
        token: { type: 'string', description: 'a JWT for the WebSocket and for Authorization: Bearer' },
        player: { type: 'string' },
        expiresAt: { type: 'integer', description: 'ms since the epoch' },
      },
    },
    403: ERROR_SCHEMA,
    429: ERROR_SCHEMA,
  },
} as const

export function guestRoutes(app: FastifyInstance, auth: GuestAuthenticator, isAllowed: boolean): void {
  const limit = new AddressLimit(TOKENS_PER_SECOND, TOKENS_BURST)
  app.post('/api/guest', { schema: SCHEMA }, async (request, reply) => {
    if (!isAllowed) {
      throw new ApiError(
        403,
        'forbidden',
        'this server gives no tokens to guests',
        "sign in with the issuer of this server's tokens",
      )
    }
    if (!limit.take(request.ip, performance.now())) {
      throw new ApiError(429, 'rate_limited', 'too many guests from this address', 'wait a few seconds')
    }
    const player = `guest-${randomBytes(6).toString('hex')}`
    const token = await auth.issueGuestToken(player, { expiresInSeconds: VALID_S })
    return reply.header('cache-control', 'no-store').send({ token, player, expiresAt: Date.now() + VALID_S * 1_000 })
  })
}
