import { assert } from '@terrane/core'
import { fromBase64Url } from './base64url.js'
import { hexOfDigest } from './digest.js'

/** What a node signs of a request: all that decides what it does. */
export interface RequestToSign {
  /** Upper case. */
  readonly method: string
  /** As in the header Host: with the port, when it is not the scheme's own. */
  readonly host: string
  /** The path and the query as they travel: `/api/x?a=1`. */
  readonly target: string
  readonly body: Uint8Array
}

/** What travels beside a request: who signs, when, under which number used once, and the signature. */
export interface Signature {
  /** Ed25519, base64url, 43 characters. */
  readonly publicKey: string
  /** ms since the epoch, by the node's clock. */
  readonly timestamp: number
  /** 16 random bytes, base64url. */
  readonly nonce: string
  /** 64 bytes, base64url. */
  readonly signature: string
}

export const SIGNATURE_HEADERS = {
  publicKey: 'x-node-key',
  timestamp: 'x-node-timestamp',
  nonce: 'x-node-nonce',
  signature: 'x-node-signature',
} as const

export const NONCE_BYTES = 16
const PUBLIC_KEY_BYTES = 32
const SIGNATURE_BYTES = 64

/** Names the format, so that a signature for it is never one for anything else. */
const FORMAT = 'terrane-node-request-v1'

/** The bytes that are signed. Parts stand on lines of their own and hold no line feed, so no two requests share them. */
export async function bytesToSign(
  request: RequestToSign,
  { publicKey, timestamp, nonce }: Omit<Signature, 'signature'>,
): Promise<Uint8Array<ArrayBuffer>> {
  const [path, query] = splitTarget(request.target)
  const parts = [FORMAT, publicKey, String(timestamp), nonce, request.method, request.host.toLowerCase(), path, query]
  assert(!parts.some((part) => part.includes('\n')), 'a part of a request to sign holds a line feed')
  parts.push(await hexOfDigest(request.body))
  return new Uint8Array(new TextEncoder().encode(parts.join('\n')))
}

/** The path, and the query with its question mark: a query that is empty is not one that is absent. */
function splitTarget(target: string): [string, string] {
  const at = target.indexOf('?')
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at)]
}

/** A signature as headers of a request. */
export function headersOf(signature: Signature): Record<string, string> {
  return {
    [SIGNATURE_HEADERS.publicKey]: signature.publicKey,
    [SIGNATURE_HEADERS.timestamp]: String(signature.timestamp),
    [SIGNATURE_HEADERS.nonce]: signature.nonce,
    [SIGNATURE_HEADERS.signature]: signature.signature,
  }
}

/** The bytes of a signature's parts; undefined when one of them is malformed. */
export function bytesOf(
  signature: Signature,
): { readonly key: Uint8Array<ArrayBuffer>; readonly signature: Uint8Array<ArrayBuffer> } | undefined {
  const key = fromBase64Url(signature.publicKey, PUBLIC_KEY_BYTES)
  const bytes = fromBase64Url(signature.signature, SIGNATURE_BYTES)
  if (key === undefined || bytes === undefined) return undefined
  if (fromBase64Url(signature.nonce, NONCE_BYTES) === undefined) return undefined
  return { key, signature: bytes }
}
