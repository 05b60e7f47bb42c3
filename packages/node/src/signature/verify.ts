import { type Clock, TerraneError } from '@terrane/core'
import { ReplayMemory } from './replay-memory.js'
import { bytesOf, bytesToSign, type RequestToSign, SIGNATURE_HEADERS, type Signature } from './request.js'

/** How far a node's clock may be from the server's. */
export const SKEW_MS_MAX = 60_000

/** Imported keys: importing costs a third of verifying. */
const KEYS_MAX = 10_000

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * Checks signed requests. A request is good once: within `SKEW_MS_MAX` of the server's clock, and with a nonce that its
 * key has not used. Requests from before this verifier began are refused, because it cannot know their nonces.
 */
export class RequestVerifier {
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #nonces: ReplayMemory
  readonly #keys = new Map<string, CryptoKey>()

  constructor(clock: Clock, limits: { noncesPerKeyMax?: number; noncesMax?: number } = {}) {
    this.#clock = clock
    this.#startedAt = clock.now()
    this.#nonces = new ReplayMemory(2 * SKEW_MS_MAX, this.#startedAt, {
      ...(limits.noncesPerKeyMax === undefined ? {} : { perKeyMax: limits.noncesPerKeyMax }),
      ...(limits.noncesMax === undefined ? {} : { max: limits.noncesMax }),
    })
  }

  /**
   * The public key of the node that signed; says nothing about whether it is known or still good.
   * @throws TerraneError `signature_missing`, `signature_malformed`, `signature_skew`, `signature_invalid`,
   *   `signature_replayed`, `too_many_requests`
   */
  async verify(request: RequestToSign, headers: Headers): Promise<string> {
    const signature = signatureIn(headers)
    const bytes = bytesOf(signature)
    if (bytes === undefined || request.host === '') throw malformed()
    const now = this.#clock.now()
    if (Math.abs(now - signature.timestamp) > SKEW_MS_MAX || signature.timestamp < this.#startedAt) {
      throw new TerraneError('signature_skew', `the request was signed at ${signature.timestamp}, and it is ${now}`, {
        hint: `Sign by the server's clock: the header Date of this answer, or within ${SKEW_MS_MAX / 1_000} s of it.`,
        retry: 'later',
      })
    }
    if (!(await this.#isValid(request, signature, bytes))) {
      throw new TerraneError('signature_invalid', 'the signature is not of this request by this key', {
        hint: 'Sign timestamp, nonce, method, host, path, query and body as they are sent. Does a proxy change them?',
      })
    }
    // Only now, or anybody could use up somebody's nonces.
    const refusal = this.#nonces.take(signature.publicKey, signature.nonce, now)
    if (refusal === 'replayed') {
      throw new TerraneError('signature_replayed', 'this request was sent before', {
        hint: 'Sign each request anew, with a nonce of its own.',
      })
    }
    if (refusal === 'too_many') {
      throw new TerraneError('too_many_requests', 'this node sends more requests than can be remembered', {
        retry: 'later',
        hint: 'Claim and complete more chunks at a time.',
      })
    }
    return signature.publicKey
  }

  async #isValid(
    request: RequestToSign,
    signature: Signature,
    bytes: { key: Uint8Array<ArrayBuffer>; signature: Uint8Array<ArrayBuffer> },
  ): Promise<boolean> {
    if (request.target.includes('\n') || request.host.includes('\n')) return false
    const key = await this.#keyOf(signature.publicKey, bytes.key)
    if (key === undefined) return false
    return crypto.subtle.verify('Ed25519', key, bytes.signature, await bytesToSign(request, signature))
  }

  async #keyOf(publicKey: string, bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey | undefined> {
    const known = this.#keys.get(publicKey)
    if (known !== undefined) return known
    // Not every 32 bytes are a point of the curve.
    const key = await crypto.subtle.importKey('raw', bytes, 'Ed25519', false, ['verify']).catch(() => undefined)
    if (key === undefined) return undefined
    if (this.#keys.size >= KEYS_MAX) this.#keys.delete(this.#keys.keys().next().value ?? '')
    this.#keys.set(publicKey, key)
    return key
  }
}

function signatureIn(headers: Headers): Signature {
  const [publicKey, timestamp, nonce, signature] = (['publicKey', 'timestamp', 'nonce', 'signature'] as const).map(
    (part) => headers[SIGNATURE_HEADERS[part]],
  )
  if (publicKey === undefined && signature === undefined) {
    throw new TerraneError('signature_missing', 'the request is not signed', {
      hint: `Send ${Object.values(SIGNATURE_HEADERS).join(', ')}.`,
    })
  }
  const isWhole = typeof timestamp === 'string' && /^[0-9]{1,15}$/.test(timestamp)
  if (typeof publicKey !== 'string' || typeof nonce !== 'string' || typeof signature !== 'string' || !isWhole) {
    throw malformed()
  }
  return { publicKey, timestamp: Number(timestamp), nonce, signature }
}

function malformed(): TerraneError {
  return new TerraneError('signature_malformed', 'the headers of the signature are not as they must be', {
    hint: 'Key: 32 bytes, nonce: 16 bytes, signature: 64 bytes, each base64url without padding; timestamp: ms.',
  })
}
