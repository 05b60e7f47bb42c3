import { TerraneError } from '@terrane/core'
import { toBase64Url } from './base64url.js'
import { bytesToSign, headersOf, NONCE_BYTES, type RequestToSign } from './request.js'

/**
 * A node's key pair. The public half is the node's name everywhere; the private half never leaves `CryptoKey`, which a
 * browser can keep in IndexedDB as it is.
 */
export interface NodeIdentity {
  /** Ed25519, base64url. */
  readonly publicKey: string
  readonly privateKey: CryptoKey
}

/** @param extractable whether the private key can be written to a file; a browser keeps it without */
export async function createIdentity(extractable: boolean): Promise<NodeIdentity> {
  const { publicKey, privateKey } = (await subtle().generateKey('Ed25519', extractable, [
    'sign',
    'verify',
  ])) as CryptoKeyPair
  return { publicKey: toBase64Url(new Uint8Array(await subtle().exportKey('raw', publicKey))), privateKey }
}

/** For a file that only its owner can read: the private key as a JWK. */
export async function exportIdentity({ privateKey }: NodeIdentity): Promise<string> {
  const { kty, crv, x, d } = await subtle().exportKey('jwk', privateKey)
  return JSON.stringify({ kty, crv, x, d })
}

/** Throws `damaged_identity` for a text that `exportIdentity` did not write. */
export async function importIdentity(text: string): Promise<NodeIdentity> {
  try {
    const jwk = JSON.parse(text) as JsonWebKey
    const privateKey = await subtle().importKey('jwk', jwk, 'Ed25519', true, ['sign'])
    if (typeof jwk.x !== 'string') throw new Error('it holds no public key')
    return { publicKey: jwk.x, privateKey }
  } catch (error) {
    throw new TerraneError('damaged_identity', 'the key of this node cannot be read', {
      hint: 'Restore the file from a backup, or delete it: the node then gets a new key and must be claimed again.',
      cause: error,
    })
  }
}

/** Headers that sign a request. @param now ms since the epoch, by the server's clock as far as it is known */
export async function signRequest(
  identity: NodeIdentity,
  request: RequestToSign,
  now: number,
): Promise<Record<string, string>> {
  const { publicKey, privateKey } = identity
  const nonce = toBase64Url(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)))
  const unsigned = { publicKey, timestamp: Math.round(now), nonce }
  const signature = await subtle().sign('Ed25519', privateKey, await bytesToSign(request, unsigned))
  return headersOf({ ...unsigned, signature: toBase64Url(new Uint8Array(signature)) })
}

function subtle(): SubtleCrypto {
  if (globalThis.crypto?.subtle !== undefined) return crypto.subtle
  throw new TerraneError('no_web_crypto', 'this page may not use keys: it was not loaded securely', {
    hint: 'Open it by https, or at localhost.',
  })
}
