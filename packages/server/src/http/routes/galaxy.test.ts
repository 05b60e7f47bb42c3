import { gunzipSync } from 'node:zlib'
import { defineWorld } from '@terrane/engine'
import Fastify from 'fastify'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { answerErrors } from '../api-error.js'
import { galaxyRoutes } from './galaxy.js'

function app(galaxy?: () => object | undefined) {
  const fastify = Fastify()
  answerErrors(fastify, pino({ level: 'silent' }))
  galaxyRoutes(fastify, defineWorld({ name: 'skies', kinds: {}, ...(galaxy === undefined ? {} : { galaxy }) }))
  return fastify
}

const get = (server: ReturnType<typeof app>, headers: Record<string, string> = {}) =>
  server.inject({ url: '/api/galaxy', headers })

test('the galaxy comes gzipped to who takes that, plain to who does not, and only once to who has it', async () => {
  const galaxy = { regions: ['Ægir'] }
  const server = app(() => galaxy)
  const zipped = await get(server, { 'accept-encoding': 'br, gzip' })
  expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' })
  expect(JSON.parse(gunzipSync(zipped.rawPayload).toString())).toEqual(galaxy)
  for (const headers of [{}, { 'accept-encoding': 'br' }, { 'accept-encoding': 'gzip;q=0' }]) {
    const plain = await get(server, headers)
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(plain.json()).toEqual(galaxy)
  }
  const again = await get(server, { 'if-none-match': String(zipped.headers.etag) })
  expect([again.statusCode, again.payload]).toEqual([304, ''])
})

test('another object is another galaxy', async () => {
  let galaxy: object | undefined = { regions: 1 }
  const server = app(() => galaxy)
  const before = await get(server)
  galaxy = { regions: 2 }
  const after = await get(server, { 'if-none-match': String(before.headers.etag) })
  expect(after.json()).toEqual({ regions: 2 })
  galaxy = undefined
  expect((await get(server)).statusCode).toBe(404)
})

test('a world without a galaxy says so', async () => {
  const answer = await get(app())
  expect(answer.statusCode).toBe(404)
  expect(answer.json()).toMatchObject({ code: 'not_found', hint: expect.stringContaining('galaxy()') })
})
