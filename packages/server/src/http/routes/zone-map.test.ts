import { CODE_MAX, personaCode } from '@terrane/causality'
import { systemClock } from '@terrane/core'
import { defineWorld, kind, TransientStoreError } from '@terrane/engine'
import { createAuthenticator } from '@terrane/gateway'
import { openTestZone } from '@terrane/testing'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import Fastify from 'fastify'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { ZoneMapView } from '../../zones/zone-map-view.js'
import { LocalZones } from '../../zones/zone-work.js'
import { answerErrors } from '../api-error.js'
import { orRefusal } from '../zone-refusal.js'
import { zoneMapRoutes } from './zone-map.js'

const purses = pgTable('map_purses', { player: text().primaryKey(), coins: integer().notNull() })
const tags = pgTable('map_tags', { id: integer().primaryKey(), player: text().notNull() })

const world = defineWorld({
  name: 'map',
  zones: { spatial: ['hall'], persona: { count: 1 } },
  kinds: {
    purses: kind(purses, { placed: { by: 'player', column: 'player' } }),
    tags: kind(tags, { placed: { by: 'player', column: 'player' }, indexes: { id: { on: ['id'], unique: true } } }),
  },
  inputs: {
    enter: { args: z.object({}), apply: (tx) => void tx.purses.insert({ player: tx.player, coins: 1 }) },
    tag: { args: z.object({ id: z.int() }), apply: (tx, { id }) => void tx.tags.insert({ id, player: tx.player }) },
  },
})

const PLAYERS = Array.from({ length: 8 }, (_, i) => `p${i}`).sort((a, b) => personaCode(a) - personaCode(b))
const [FIRST, LAST] = [PLAYERS[0] as string, PLAYERS.at(-1) as string]
const auth = createAuthenticator({ clock: systemClock, guests: true, secret: 'x'.repeat(32) })

async function server() {
  const zone = await openTestZone(world, { zone: 'persona-1' })
  for (const player of PLAYERS) zone.send(player, 'enter')
  await zone.durable()
  const fastify = Fastify()
  answerErrors(fastify, pino({ level: 'silent' }))
  const engine = () => zone.engine
  zoneMapRoutes(fastify, {
    zones: new LocalZones(engine, 'here'),
    view: new ZoneMapView({ engine, owner: 'here', cluster: undefined }),
    async callerOf({ headers: { authorization } }) {
      if (authorization === undefined) return { player: undefined, isOperator: false }
      const { player, role } = await auth.verify(authorization.replace('Bearer ', ''))
      return { player, isOperator: role === 'operator' }
    },
  })
  const operator = await auth.issueGuestToken('ann', { role: 'operator' })
  const ask = async (path: string, payload?: object, token: string | undefined = operator) => {
    let answer: { status: number; body: unknown } | undefined
    void fastify
      .inject({
        method: payload === undefined ? 'GET' : 'POST',
        url: `/api/zone-map${path}`,
        headers: token === '' ? {} : { authorization: `Bearer ${token}` },
        ...(payload === undefined ? {} : { payload }),
      })
      .then((response) => {
        answer = { status: response.statusCode, body: response.json() }
      })
    // Time stands still between requests: a commit needs some.
    await zone.time.until(() => answer !== undefined)
    return answer as { status: number; body: Record<string, unknown> }
  }
  return { zone, ask }
}

test('a zone is split and merged again, and the map shows it', async () => {
  const { zone, ask } = await server()
  expect((await ask('', undefined, '')).body).toMatchObject({
    version: 1,
    ranges: [{ authority: 'persona', lo: 0, hi: CODE_MAX, zone: 'persona-1' }],
    zones: [{ zone: 'persona-1', share: 1, owner: 'here', isOwn: true, isLate: false, epoch: 1, entities: 8 }],
  })
  expect(await ask('/split', { zone: 'persona-1' })).toEqual({
    status: 200,
    body: { version: 2, from: 'persona-1', into: 'persona-2', rows: 4 },
  })
  const { ranges, zones } = (await ask('')).body as {
    ranges: { zone: string; lo: number; hi: number }[]
    zones: object
  }
  expect(ranges.map((range) => range.zone)).toEqual(['persona-1', 'persona-2'])
  expect(ranges[1]).toMatchObject({ lo: (ranges[0]?.hi ?? 0) + 1, hi: CODE_MAX })
  expect(zones).toMatchObject([{ entities: 4 }, { entities: 4 }])
  const move = { authority: 'persona', lo: personaCode(LAST), hi: CODE_MAX, into: 'persona-1' }
  expect((await ask('/move', move)).body).toMatchObject({ version: 3, from: 'persona-2', into: 'persona-1', rows: 1 })
  expect(await ask('/merge', { zone: 'persona-2', into: 'persona-1' })).toMatchObject({
    status: 200,
    body: { version: 4, rows: 3 },
  })
  expect((await ask('')).body).toMatchObject({ version: 4, zones: [{ zone: 'persona-1', share: 1, entities: 8 }] })
  expect(zone.zone.tables.purses?.count).toBe(8)
})

test.each([
  ['/split', { zone: 'hall' }, 404, 'not_in_map', 'hall'],
  ['/split', { zone: 'persona-1', code: 0 }, 409, 'split_at_edge', 'persona-1'],
  ['/split', { zone: 'persona-1', code: CODE_MAX + 1 }, 400, 'fst_err_validation', 'code'],
  ['/split', {}, 400, 'fst_err_validation', 'zone'],
  ['/merge', { zone: 'persona-1', into: 'persona-1' }, 409, 'not_neighbours', 'persona-1'],
  ['/merge', { zone: 'persona-9', into: 'persona-1' }, 404, 'not_in_map', 'persona-9'],
  ['/move', { authority: 'persona', lo: 5, hi: 4, into: 'persona-1' }, 400, 'invalid_codes', '5 to 4'],
  ['/move', { authority: 'persona', lo: 0, hi: 9, into: 'persona-1' }, 409, 'own_codes', 'persona-1'],
  ['/move', { authority: 'spatial', lo: 0, hi: 9, into: 'persona-1' }, 404, 'not_in_map', 'persona-1'],
])('%s of %j is refused with %i %s', async (path, body, status, code, named) => {
  const { ask } = await server()
  const answer = await ask(path, body)
  expect(answer).toMatchObject({ status, body: { code, message: expect.any(String), hint: expect.any(String) } })
  expect(answer.body.message).toContain(named)
  expect((await ask('')).body).toMatchObject({ version: 1 })
})

test('rows that cannot be in one zone keep two zones apart', async () => {
  const { zone, ask } = await server()
  await ask('/split', { zone: 'persona-1' })
  const enter = async (id: string, player: string) => {
    const opened = await zone.engine.zone(id)
    const stream = opened.open(player, 'test', { onDurable: () => {}, onClosed: () => {} })
    expect(opened.submit(stream, stream.applied + 1, 1, { id: 7 })).toBeUndefined()
  }
  await enter('persona-1', FIRST)
  await enter('persona-2', LAST)
  expect(await ask('/merge', { zone: 'persona-2', into: 'persona-1' })).toMatchObject({
    status: 409,
    body: { code: 'rows_collide' },
  })
})

test('a database that does not answer leaves open whether something has changed', async () => {
  const failed = orRefusal(Promise.reject(new TransientStoreError('connection refused')))
  await expect(failed).rejects.toMatchObject({ status: 503, code: 'database_unavailable', hint: expect.any(String) })
})

test('nobody but operators changes the map', async () => {
  const { ask } = await server()
  const player = await auth.issueGuestToken('bob')
  for (const token of ['', player]) {
    expect(await ask('/split', { zone: 'persona-1' }, token)).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    })
  }
  expect((await ask('')).body).toMatchObject({ version: 1 })
})
