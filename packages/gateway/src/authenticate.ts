import { type Clock, messageOf, TerraneError } from '@terrane/core'
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
  SignJWT,
} from 'jose'

export type Role = 'player' | 'operator'

/** Who a session belongs to. */
export interface Identity {
  readonly player: string
  readonly role: Role
}

export interface Authenticator {
  /** Rejects with a TerraneError: `unauthorized` with the reason, or `auth_unavailable`. */
  verify(token: string | undefined): Promise<Identity>
}

/** An authenticator that also hands out tokens, for development. */
export interface GuestAuthenticator extends Authenticator {
  /** A token for `player`, valid for an hour unless said otherwise. Throws `forbidden` outside development. */
  issueGuestToken(player: string, options?: { role?: Role; expiresInSeconds?: number }): Promise<string>
}

export interface AuthenticatorOptions {
  readonly clock: Clock
  /** HS256: 32 bytes or more. Exactly one of `secret`, `jwksUrl` and `jwks` is given. */
  readonly secret?: string | Uint8Array | undefined
  /** Where the issuer publishes its keys; fetched when first needed and when an unknown key turns up. */
  readonly jwksUrl?: string | URL | undefined
  readonly jwks?: JSONWebKeySet | undefined
  /** Required values of `iss` and `aud`. */
  readonly issuer?: string | undefined
  readonly audience?: string | undefined
  /** Allows `issueGuestToken`, which needs `secret`. Never in production: anybody becomes anybody. */
  readonly guests?: boolean | undefined
}

/** Only asymmetric ones, so that a published key can never be taken for a shared secret. */
const JWKS_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

const SECRET_BYTES_MIN = 32

/** Player ids are keys of rows and of presence, and stand in logs. */
const PLAYER = /^[A-Za-z0-9_.:@|-]{1,64}$/

/** Clocks of issuer and server differ a little. */
const CLOCK_TOLERANCE_SECONDS = 5

const JWKS_TIMEOUT_MS = 5_000

export function createAuthenticator(options: AuthenticatorOptions): GuestAuthenticator {
  const given = [options.secret, options.jwksUrl, options.jwks].filter((each) => each !== undefined)
  if (given.length !== 1) {
    throw new TerraneError('invalid_config', 'tokens need exactly one of: secret, jwksUrl, jwks')
  }
  const secret = typeof options.secret === 'string' ? new TextEncoder().encode(options.secret) : options.secret
  if (secret !== undefined && secret.length < SECRET_BYTES_MIN) {
    throw new TerraneError('invalid_config', `the token secret has ${secret.length} bytes`, {
      hint: `Use ${SECRET_BYTES_MIN} random bytes or more.`,
    })
  }
  const getKey = keySource(options, secret)
  const { clock } = options

  return {
    async verify(token) {
      if (token === undefined || token === '') throw unauthorized('no token was given')
      let claims: JWTPayload
      try {
        const verified = await jwtVerify(token, getKey, {
          algorithms: secret === undefined ? JWKS_ALGORITHMS : ['HS256'],
          requiredClaims: ['sub', 'exp'],
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
          currentDate: new Date(clock.now()),
          ...(options.issuer === undefined ? {} : { issuer: options.issuer }),
          ...(options.audience === undefined ? {} : { audience: options.audience }),
        })
        claims = verified.payload
      } catch (thrown) {
        throw refusalOf(thrown)
      }
      return identityOf(claims)
    },

    async issueGuestToken(player, { role = 'player', expiresInSeconds = 3600 } = {}) {
      if (options.guests !== true || secret === undefined) {
        throw new TerraneError('forbidden', 'this server hands out no guest tokens', {
          hint: 'They exist in development only; sign in with the issuer of your tokens.',
        })
      }
      if (!PLAYER.test(player)) throw new TerraneError('invalid_args', `"${player}" cannot be a player's id`)
      const seconds = Math.floor(clock.now() / 1000)
      const token = new SignJWT(role === 'player' ? {} : { role })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(player)
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + expiresInSeconds)
      if (options.issuer !== undefined) token.setIssuer(options.issuer)
      if (options.audience !== undefined) token.setAudience(options.audience)
      return token.sign(secret)
    },
  }
}

function keySource(options: AuthenticatorOptions, secret: Uint8Array | undefined): JWTVerifyGetKey {
  if (secret !== undefined) {
    // Imported once: given the bytes, jose would import them for every token, a third of the whole check.
    const key = crypto.subtle.importKey('raw', new Uint8Array(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
      'verify',
    ])
    return () => key
  }
  if (options.jwks !== undefined) return createLocalJWKSet(options.jwks)
  return createRemoteJWKSet(new URL(String(options.jwksUrl)), { timeoutDuration: JWKS_TIMEOUT_MS })
}

function identityOf(claims: JWTPayload): Identity {
  const { sub, role = 'player' } = claims
  if (typeof sub !== 'string' || !PLAYER.test(sub)) throw unauthorized('the claim "sub" cannot be a player\'s id')
  if (role !== 'player' && role !== 'operator') throw unauthorized('the claim "role" is neither player nor operator')
  return { player: sub, role }
}

/** jose's failures in our words. What is not about the token is about the source of keys. */
function refusalOf(thrown: unknown): TerraneError {
  if (thrown instanceof errors.JWTExpired) return unauthorized('the token has expired')
  if (thrown instanceof errors.JWTClaimValidationFailed) {
    return unauthorized(`the claim "${thrown.claim}" is missing or not valid`)
  }
  if (
    thrown instanceof errors.JWSSignatureVerificationFailed ||
    thrown instanceof errors.JWKSNoMatchingKey ||
    thrown instanceof errors.JWKSMultipleMatchingKeys ||
    thrown instanceof errors.JOSEAlgNotAllowed ||
    thrown instanceof errors.JOSENotSupported
  ) {
    return unauthorized('the signature of the token is not valid')
  }
  if (thrown instanceof errors.JWSInvalid || thrown instanceof errors.JWTInvalid) {
    return unauthorized('the token is not a JWT')
  }
  return new TerraneError('auth_unavailable', 'tokens cannot be checked now', {
    retry: 'later',
    cause: messageOf(thrown),
  })
}

function unauthorized(reason: string): TerraneError {
  return new TerraneError('unauthorized', reason)
}

const TOKEN_PROTOCOL = 'base64url.bearer.phx.'

/**
 * The token of an upgrade request: from the sub-protocol in which phoenix ≥ 1.8 sends its `authToken`, or
 * from the query.
 */
export function tokenOf(protocols: string | undefined, query: URLSearchParams): string | undefined {
  for (const each of protocols?.split(',') ?? []) {
    const protocol = each.trim()
    if (protocol.startsWith(TOKEN_PROTOCOL)) {
      return Buffer.from(protocol.slice(TOKEN_PROTOCOL.length), 'base64url').toString()
    }
  }
  return query.get('token') ?? undefined
}
