import { systemClock } from '@terrane/core'
import { createAuthenticator } from '@terrane/gateway'
import Fastify from 'fastify'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import counter from '../../test-process/counter-world.js'
import { AddressLimit } from '../address-limit.js'
import { answerErrors } from '../api-error.js'
import { guestRoutes } from './guest.js'
import { healthRoutes } from './health.js'
import { worldRoutes } from './world.js'

const auth = createAuthenticator({ clock: systemClock, guests: true, secret: 'x'.repeat(32) })

function app(guests: boolean, reasons: string[] = []) {
  const fastify = Fastify()
  answerErrors(fastify, pino({ level: 'silent' }))
  guestRoutes(fastify, auth, guests)
  worldRoutes(fastify, counter, guests)
  healthRoutes(fastify, () => reasons)
  fastify.get('/broken', async () => {
    throw new Error('secret detail')
  })
  return fastify
}

test('a guest gets a token that the gateway takes', async () => {
  const { token, player, expiresAt } = (await app(true).inject({ method: 'POST', url: '/api/guest' })).json()
  expect(await auth.verify(token)).toEqual({ player, role: 'player' })
  expect(expiresAt).toBeGreaterThan(Date.now())
})

test('no guests where they are not allowed', async () => {
  const answer = await app(false).inject({ method: 'POST', url: '/api/guest' })
  expect(answer.statusCode).toBe(403)
  expect(answer.json()).toEqual({ code: 'forbidden', message: expect.any(String), hint: expect.any(String) })
})

test('the world is described whole: kinds, keys, visibility, inputs with JSON schemas', async () => {
  const world = (await app(true).inject('/api/world')).json()
  expect(world).toMatchObject({ name: 'counter', zones: ['main'], guests: true })
  expect(world.kinds[1]).toEqual({
    name: 'notes',
    columns: [
      { name: 'id', type: 'text' },
      { name: 'owner', type: 'text' },
      { name: 'text', type: 'text' },
    ],
    key: 'id',
    visible: { to: 'owner', column: 'owner' },
  })
  expect(world.inputs[0]).toMatchObject({
    name: 'add',
    args: { type: 'object', properties: { by: { type: 'integer', minimum: 1, maximum: 1_000 } }, required: ['by'] },
  })
})

test('not ready is 503 with the reasons', async () => {
  const answer = await app(true, ['the database does not answer']).inject('/readyz')
  expect(answer.statusCode).toBe(503)
  expect(answer.json()).toEqual({ ready: false, reasons: ['the database does not answer'] })
})

test('every error has the one form, and a failure does not tell its details', async () => {
  const failed = await app(true).inject('/broken')
  expect(failed.statusCode).toBe(500)
  expect(failed.json()).toMatchObject({ code: 'internal', hint: expect.any(String) })
  expect(failed.body).not.toContain('secret detail')
  const lost = await app(true).inject('/nowhere?token=abc')
  expect(lost.statusCode).toBe(404)
  expect(lost.body).not.toContain('abc')
  const malformed = await app(true).inject({
    method: 'POST',
    url: '/api/guest',
    headers: { 'content-type': 'application/json' },
    payload: '{',
  })
  expect(malformed.statusCode).toBe(400)
  expect(malformed.json()).toMatchObject({ code: expect.any(String), message: expect.any(String) })
})

test('one address cannot have more than its share; others are not concerned', () => {
  const limit = new AddressLimit(1, 3)
  const takes = (address: string, nowMs: number) => limit.take(address, nowMs)
  expect([1, 2, 3, 4].map(() => takes('a', 0))).toEqual([true, true, true, false])
  expect(takes('b', 0)).toBe(true)
  expect(takes('a', 1_000)).toBe(true)
  expect(takes('a', 1_000)).toBe(false)
})
