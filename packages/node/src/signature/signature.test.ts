import { TerraneError } from '@terrane/core'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { fromBase64Url, toBase64Url } from './base64url.js'
import { createIdentity, exportIdentity, importIdentity, type NodeIdentity, signRequest } from './identity.js'
import { type RequestToSign, SIGNATURE_HEADERS } from './request.js'
import { RequestVerifier, SKEW_MS_MAX } from './verify.js'

const START = 1_700_000_000_000
const REQUEST: RequestToSign = {
  method: 'POST',
  host: 'terrane.example:4000',
  target: '/api/chunks/complete?job=1',
  body: Uint8Array.of(1, 2, 3),
}

let identity: NodeIdentity
let now = START

beforeAll(async () => {
  identity = await createIdentity(true)
})

function newVerifier(limits = {}): RequestVerifier {
  now = START
  return new RequestVerifier({ now: () => now }, limits)
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'accepted'
  } catch (error) {
    if (error instanceof TerraneError) return error.code
    throw error
  }
}

test('a signed request names its node, once', async () => {
  const verifier = newVerifier()
  const headers = await signRequest(identity, REQUEST, now)
  expect(await verifier.verify(REQUEST, headers)).toBe(identity.publicKey)
  expect(await codeOf(verifier.verify(REQUEST, headers))).toBe('signature_replayed')
})

test('of the same request that comes many times at once, one is accepted', async () => {
  const verifier = newVerifier()
  const headers = await signRequest(identity, REQUEST, now)
  const codes = await Promise.all(Array.from({ length: 20 }, () => codeOf(verifier.verify(REQUEST, headers))))
  expect(codes.filter((code) => code === 'accepted')).toHaveLength(1)
})

test('a replay is refused for as long as its timestamp is good', async () => {
  for (const step of [1_000, 40_000, SKEW_MS_MAX]) {
    const verifier = newVerifier()
    // Signed by the fastest clock that is allowed: good for the longest time.
    const headers = await signRequest(identity, REQUEST, START + SKEW_MS_MAX)
    await verifier.verify(REQUEST, headers)
    for (; now <= START + 3 * SKEW_MS_MAX; now += step) {
      const expected = now <= START + 2 * SKEW_MS_MAX ? 'signature_replayed' : 'signature_skew'
      expect(await codeOf(verifier.verify(REQUEST, headers))).toBe(expected)
    }
  }
})

test.each([
  [0, 'accepted'],
  [SKEW_MS_MAX, 'accepted'],
  [SKEW_MS_MAX + 1, 'signature_skew'],
  // Before the verifier began.
  [-1, 'signature_skew'],
])('signed %i ms from the beginning: %s', async (offset, expected) => {
  const verifier = newVerifier()
  expect(await codeOf(verifier.verify(REQUEST, await signRequest(identity, REQUEST, START + offset)))).toBe(expected)
})

test('a clock that is behind is tolerated within the limit', async () => {
  const verifier = newVerifier()
  now = START + 10 * SKEW_MS_MAX
  expect(await codeOf(verifier.verify(REQUEST, await signRequest(identity, REQUEST, now - SKEW_MS_MAX)))).toBe(
    'accepted',
  )
  const late = await signRequest(identity, REQUEST, now - SKEW_MS_MAX - 1)
  expect(await codeOf(verifier.verify(REQUEST, late))).toBe('signature_skew')
})

describe('whatever is changed, the request is refused', () => {
  const other = (text: string) => fc.string({ minLength: 0, maxLength: 60 }).filter((changed) => changed !== text)
  const flips = (bytes: number) => fc.tuple(fc.nat(bytes - 1), fc.integer({ min: 1, max: 255 }))
  const flipped = (bytes: Uint8Array, [at, bits]: [number, number]) =>
    bytes.map((byte, index) => (index === at ? byte ^ bits : byte))

  const changes = fc.oneof(
    fc.record({ method: fc.constantFrom('GET', 'PUT', 'DELETE', 'post') }),
    fc.record({ host: other(REQUEST.host).filter((host) => host.toLowerCase() !== REQUEST.host) }),
    fc.record({ target: other(REQUEST.target) }),
    fc.record({ target: fc.constantFrom(`${REQUEST.target}&`, '/api/chunks/complete', '/api/chunks/complete?job=2') }),
    fc.record({ body: fc.uint8Array({ maxLength: 8 }).filter((body) => toBase64Url(body) !== 'AQID') }),
    fc.record({ body: flips(3).map((flip) => flipped(REQUEST.body, flip)) }),
  )

  test('of the request', async () => {
    await fc.assert(
      fc.asyncProperty(changes, async (change) => {
        const verifier = newVerifier()
        const headers = await signRequest(identity, REQUEST, now)
        const changed = { ...REQUEST, ...change } as RequestToSign
        expect(await codeOf(verifier.verify(changed, headers))).toMatch(/^signature_(invalid|malformed)$/)
        // And it has not used up the nonce.
        expect(await codeOf(verifier.verify(REQUEST, headers))).toBe('accepted')
      }),
      { numRuns: 200 },
    )
  })

  const lengths = {
    [SIGNATURE_HEADERS.publicKey]: 32,
    [SIGNATURE_HEADERS.nonce]: 16,
    [SIGNATURE_HEADERS.signature]: 64,
  }

  test('of the signature’s headers', async () => {
    const flippedHeader = fc
      .constantFrom(...Object.entries(lengths))
      .chain(([name, length]) => fc.tuple(fc.constant(name), fc.constant(length), flips(length)))
    await fc.assert(
      fc.asyncProperty(flippedHeader, async ([name, length, flip]) => {
        const headers = await signRequest(identity, REQUEST, now)
        const bytes = fromBase64Url(headers[name] ?? '', length)
        const changed = { ...headers, [name]: toBase64Url(flipped(bytes as Uint8Array, flip)) }
        expect(await codeOf(newVerifier().verify(REQUEST, changed))).toBe('signature_invalid')
      }),
      { numRuns: 200 },
    )
  })

  test('of the timestamp', async () => {
    const headers = await signRequest(identity, REQUEST, START)
    const changed = { ...headers, [SIGNATURE_HEADERS.timestamp]: String(START + 1) }
    expect(await codeOf(newVerifier().verify(REQUEST, changed))).toBe('signature_invalid')
  })

  test('headers that are missing, doubled or nonsense have a code of their own', async () => {
    const headers = await signRequest(identity, REQUEST, START)
    expect(await codeOf(newVerifier().verify(REQUEST, {}))).toBe('signature_missing')
    const nonsense = fc.oneof(
      fc.constant(undefined),
      fc.constant(['a', 'b']),
      fc.string({ maxLength: 100 }).filter((text) => !/^[0-9]{1,15}$/.test(text)),
      fc.constantFrom('-1', '1e9', '0x10', ' 1', `${headers[SIGNATURE_HEADERS.publicKey]}=`),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.values(SIGNATURE_HEADERS)), nonsense, async (name, value) => {
        expect(await codeOf(newVerifier().verify(REQUEST, { ...headers, [name]: value }))).toBe('signature_malformed')
      }),
    )
  })
})

test('a key of another node signs nothing for this one', async () => {
  const eve = await createIdentity(false)
  const headers = await signRequest({ ...eve, publicKey: identity.publicKey }, REQUEST, START)
  expect(await codeOf(newVerifier().verify(REQUEST, headers))).toBe('signature_invalid')
})

test('nonces beyond the limits are refused, not forgotten', async () => {
  const perKey = newVerifier({ noncesPerKeyMax: 2 })
  const first = await signRequest(identity, REQUEST, now)
  await perKey.verify(REQUEST, first)
  await perKey.verify(REQUEST, await signRequest(identity, REQUEST, now))
  expect(await codeOf(perKey.verify(REQUEST, await signRequest(identity, REQUEST, now)))).toBe('too_many_requests')
  expect(await codeOf(perKey.verify(REQUEST, first))).toBe('signature_replayed')
  expect(await codeOf(perKey.verify(REQUEST, await signRequest(await createIdentity(false), REQUEST, now)))).toBe(
    'accepted',
  )
  now += 2 * SKEW_MS_MAX
  expect(await codeOf(perKey.verify(REQUEST, await signRequest(identity, REQUEST, now)))).toBe('accepted')
  const inAll = newVerifier({ noncesMax: 1 })
  await inAll.verify(REQUEST, await signRequest(identity, REQUEST, now))
  const stranger = await signRequest(await createIdentity(false), REQUEST, now)
  expect(await codeOf(inAll.verify(REQUEST, stranger))).toBe('too_many_requests')
})

test('a key is the same after it was written and read', async () => {
  const text = await exportIdentity(identity)
  const read = await importIdentity(text)
  expect(read.publicKey).toBe(identity.publicKey)
  expect(await newVerifier().verify(REQUEST, await signRequest(read, REQUEST, START))).toBe(identity.publicKey)
  for (const damaged of ['', '{}', text.slice(0, -10), text.replace('Ed25519', 'P-256')]) {
    expect(await codeOf(importIdentity(damaged))).toBe('damaged_identity')
  }
})

test('bytes have one spelling', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      expect([...(fromBase64Url(toBase64Url(bytes), bytes.length) ?? [])]).toEqual([...bytes])
    }),
  )
  // The last character carries bits that belong to nothing.
  expect(fromBase64Url('AR', 1)).toBeUndefined()
  expect(fromBase64Url('AQ==', 1)).toBeUndefined()
})
