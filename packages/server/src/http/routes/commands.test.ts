import { systemClock } from '@terrane/core'
import { defineWorld, kind } from '@terrane/engine'
import { createAuthenticator } from '@terrane/gateway'
import { openTestZone } from '@terrane/testing'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import Fastify from 'fastify'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { LocalZones } from '../../zones/zone-work.js'
import { answerErrors } from '../api-error.js'
import { commandRoutes } from './commands.js'

const wares = pgTable('route_wares', { id: text().primaryKey(), count: integer().notNull() })

const world = defineWorld({
  name: 'shop',
  kinds: { wares: kind(wares) },
  commands: {
    stock: {
      args: z.object({ ids: z.array(z.string()) }),
      apply(tx, { ids }) {
        for (const id of ids) tx.wares.insert({ id, count: 1 })
        return { count: tx.wares.count }
      },
    },
    close: { args: z.object({}), apply: (tx) => tx.reject('closed', 'the shop is closed') },
    fail: {
      args: z.object({}),
      apply() {
        throw new Error('a secret detail')
      },
    },
  },
})

const auth = createAuthenticator({ clock: systemClock, guests: true, secret: 'x'.repeat(32) })

async function shop() {
  const zone = await openTestZone(world)
  const fastify = Fastify()
  answerErrors(fastify, pino({ level: 'silent' }))
  commandRoutes(fastify, {
    zones: new LocalZones(() => zone.engine, 'here'),
    async callerOf({ headers: { authorization } }) {
      if (authorization === undefined) return { player: undefined, isOperator: false }
      const { player, role } = await auth.verify(authorization.replace('Bearer ', ''))
      return { player, isOperator: role === 'operator' }
    },
  })
  const token = await auth.issueGuestToken('ann', { role: 'operator' })
  const post = async (path: string, payload: object, authorization: string | undefined = `Bearer ${token}`) => {
    let answer: { status: number; body: unknown } | undefined
    const headers = authorization === '' ? {} : { authorization }
    void fastify.inject({ method: 'POST', url: `/api/zones/${path}`, headers, payload }).then((response) => {
      answer = { status: response.statusCode, body: response.json() }
    })
    // Time stands still between requests: a commit needs some.
    while (answer === undefined) await zone.time.advance(1)
    return answer
  }
  return { zone, post }
}

test('an operator runs a command, which is durable when it answers, however large it is', async () => {
  const { zone, post } = await shop()
  const ids = Array.from({ length: 20_000 }, (_, i) => `ware-${i}`)
  expect(JSON.stringify(ids).length).toBeGreaterThan(200_000)
  expect(await post('main/commands/stock', { ids })).toEqual({
    status: 200,
    body: { zone: 'main', command: 'stock', result: { count: 20_000 } },
  })
  const again = await zone.crash()
  expect(again.zone.tables.wares?.count).toBe(20_000)
})

test.each([
  ['main/commands/stock', { ids: 1 }, 400, 'invalid_args'],
  ['main/commands/unknown', {}, 404, 'unknown_command'],
  ['nowhere/commands/close', {}, 404, 'unknown_topic'],
  ['main/commands/close', {}, 409, 'closed'],
  ['main/commands/fail', {}, 500, 'world_error'],
])('%s with %j is refused with %i %s', async (path, args, status, code) => {
  const answer = await (await shop()).post(path, args)
  expect(answer).toMatchObject({ status, body: { code, message: expect.any(String), hint: expect.any(String) } })
  expect(JSON.stringify(answer)).not.toContain('secret')
})

test('nobody but operators runs commands', async () => {
  const { zone, post } = await shop()
  const player = await auth.issueGuestToken('bob')
  for (const authorization of ['', `Bearer ${player}`]) {
    expect(await post('main/commands/stock', { ids: ['a'] }, authorization)).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    })
  }
  expect(zone.zone.tables.wares?.count).toBe(0)
})

test('a server that goes down says to come again', async () => {
  const { zone, post } = await shop()
  zone.engine.stop()
  expect(await post('main/commands/stock', { ids: ['a'] })).toMatchObject({ status: 503 })
})
