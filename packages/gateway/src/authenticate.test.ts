import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock, type TerraneError } from '@terrane/core'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { createAuthenticator, tokenOf } from './authenticate.js'
import { RawClient } from './test-support/raw-client.js'
import { SECRET, startTestServer } from './test-support/test-server.js'

const clock = systemClock
const key = new TextEncoder().encode(SECRET)

function hs256(claims: JWTPayload, expires: string | undefined = '1h', secret = key): Promise<string> {
  const token = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' })
  if (expires !== '') token.setExpirationTime(expires ?? '1h')
  return token.sign(secret)
}

async function refusalOf(verified: Promise<unknown>): Promise<string> {
  const error = await verified.then(
    () => undefined,
    (thrown: TerraneError) => thrown,
  )
  return error === undefined ? 'accepted' : `${error.code}/${error.retry}: ${error.message}`
}

describe('HS256', () => {
  const auth = createAuthenticator({ clock, secret: SECRET })

  test('takes the player and the role from the claims', async () => {
    expect(await auth.verify(await hs256({ sub: 'ada' }))).toEqual({ player: 'ada', role: 'player' })
    expect(await auth.verify(await hs256({ sub: 'auth0|7', role: 'operator' }))).toEqual({
      player: 'auth0|7',
      role: 'operator',
    })
  })

  test('refuses with the reason', async () => {
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"ada"}').toString('base64url')}.`
    const other = new TextEncoder().encode('another secret of thirty-two bytes!!')
    const tokens = [
      undefined,
      '',
      'garbage',
      unsigned,
      await hs256({ sub: 'ada' }, '1h', other),
      await hs256({ sub: 'ada' }, '-1h'),
      await hs256({ sub: 'ada' }, ''),
      await hs256({}),
      await hs256({ sub: 'no spaces' }),
      await hs256({ sub: 'ada', role: 'god' }),
    ]
    expect(await Promise.all(tokens.map((token) => refusalOf(auth.verify(token))))).toEqual([
      'unauthorized/never: no token was given',
      'unauthorized/never: no token was given',
      'unauthorized/never: the token is not a JWT',
      'unauthorized/never: the signature of the token is not valid',
      'unauthorized/never: the signature of the token is not valid',
      'unauthorized/never: the token has expired',
      'unauthorized/never: the claim "exp" is missing or not valid',
      'unauthorized/never: the claim "sub" is missing or not valid',
      'unauthorized/never: the claim "sub" cannot be a player\'s id',
      'unauthorized/never: the claim "role" is neither player nor operator',
    ])
  })

  test('checks issuer and audience where they are set', async () => {
    const strict = createAuthenticator({ clock, secret: SECRET, issuer: 'https://id.example', audience: 'terrane' })
    expect(await refusalOf(strict.verify(await hs256({ sub: 'ada' })))).toContain('the claim "iss"')
    const good = await hs256({ sub: 'ada', iss: 'https://id.example', aud: 'terrane' })
    expect(await strict.verify(good)).toMatchObject({ player: 'ada' })
  })

  test('guest tokens exist in development only', async () => {
    await expect(auth.issueGuestToken('ada')).rejects.toMatchObject({ code: 'forbidden' })
    const development = createAuthenticator({ clock, secret: SECRET, guests: true, issuer: 'dev', audience: 'dev' })
    expect(await development.verify(await development.issueGuestToken('ada', { role: 'operator' }))).toEqual({
      player: 'ada',
      role: 'operator',
    })
    await expect(development.issueGuestToken('no spaces')).rejects.toMatchObject({ code: 'invalid_args' })
  })
})

describe('JWKS', () => {
  test('verifies with a local set, and never takes a public key for a secret', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }
    const auth = createAuthenticator({ clock, jwks: { keys: [jwk] } })
    const signed = new SignJWT({ sub: 'ada' }).setProtectedHeader({ alg: 'ES256', kid: 'k1' }).setExpirationTime('1h')
    expect(await auth.verify(await signed.sign(privateKey))).toEqual({ player: 'ada', role: 'player' })
    expect(await refusalOf(auth.verify(await hs256({ sub: 'ada' })))).toContain('signature')
  })

  test('fetches a published set; when it cannot, the client is told to come again', async () => {
    const { publicKey, privateKey } = await generateKeyPair('EdDSA')
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'EdDSA' }
    let status = 503
    const server = createServer((_, response) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [jwk] })),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
    const token = await new SignJWT({ sub: 'ada' })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'k1' })
      .setExpirationTime('1h')
      .sign(privateKey)
    const broken = createAuthenticator({ clock, jwksUrl })
    expect(await refusalOf(broken.verify(token))).toBe('auth_unavailable/later: tokens cannot be checked now')
    status = 200
    expect(await broken.verify(token)).toEqual({ player: 'ada', role: 'player' })
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
})

describe('configuration', () => {
  test.each([
    ['nothing', {}],
    ['two sources', { secret: SECRET, jwks: { keys: [] } }],
    ['a short secret', { secret: 'short' }],
  ])('%s is refused', (_, options) => {
    expect(() => createAuthenticator({ clock, ...options })).toThrow(
      expect.objectContaining({ code: 'invalid_config' }),
    )
  })
})

test('the token comes from the sub-protocol or the query', () => {
  const none = new URLSearchParams()
  const asProtocol = `phoenix, base64url.bearer.phx.${Buffer.from('a.b.c').toString('base64url')}`
  expect(tokenOf(asProtocol, none)).toBe('a.b.c')
  expect(tokenOf('phoenix', new URLSearchParams('token=a.b.c'))).toBe('a.b.c')
  expect(tokenOf(undefined, none)).toBeUndefined()
})

describe('a refused connection', () => {
  test.each([
    ['without a token', async () => '', 'unauthorized: no token was given'],
    ['with a forged token', async () => '&token=a.b.c', 'unauthorized: the token is not a JWT'],
    [
      'with an expired token',
      async () => `&token=${await hs256({ sub: 'ada' }, '-1h')}`,
      'unauthorized: the token has expired',
    ],
  ])('%s is opened and closed with 4001 and the reason, which browsers can see', async (_, query, reason) => {
    const { url, gateway } = await startTestServer()
    const client = new RawClient(`${url}/websocket?vsn=2.0.0${await query()}`)
    expect(await client.ending('phoenix')).toMatchObject({ code: 'unauthorized', closeCode: 4001, reason })
    expect(gateway.stats()).toMatchObject({ sessions: 0, closes: { unauthorized: 1 } })
  })

  test('with another version of the serializer', async () => {
    const { url } = await startTestServer()
    const client = new RawClient(`${url}/websocket?vsn=1.0.0`)
    expect(await client.ending()).toMatchObject({ closeCode: 4000, message: expect.stringContaining('vsn=2.0.0') })
  })
})
