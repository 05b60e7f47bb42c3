import { defineWorld, kind } from '@terrane/engine'
import { integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PostgresCheckpoints } from '../checkpoints/checkpoint-store.js'
import { PostgresLog } from '../log/commit-log.js'
import { migrate } from '../migrations/migrator.js'
import { createTestDatabase, type TestDatabase } from '../test-server/test-database.js'
import { PostgresZones } from '../zones/zone-directory.js'
import { DedicatedConnection } from './dedicated.js'
import { ConnectionPool } from './pool.js'
import type { Session } from './session.js'

/** Each round makes every call of the store, with statements of another shape where the shape can vary. */
const ROUNDS = 60

const things = pgTable('things', { id: text('id').primaryKey(), count: integer('count'), data: jsonb('data') })
const scores = pgTable('scores', { id: text('id').primaryKey(), points: integer('points') })
const world = defineWorld({
  name: 'prepared',
  kinds: { things: kind(things), scores: kind(scores, { persist: 'commit' }) },
})

let database: TestDatabase
let pool: ConnectionPool
let appends: DedicatedConnection

beforeAll(async () => {
  database = await createTestDatabase()
  await migrate({ url: database.url }, world, {}, () => {})
  // One connection each: what any statement leaves in a session is in one of these two.
  pool = new ConnectionPool({ url: database.url, poolSize: 1 })
  appends = new DedicatedConnection({ url: database.url })
})

afterAll(async () => {
  appends.close()
  await pool.close()
  await database.drop()
})

const preparedIn = async (session: Session) =>
  (await session.query('SELECT name FROM pg_prepared_statements')).rows.map((row) => row[0])

test('thousands of statements through every call of the store leave no prepared statement in a session', async () => {
  const log = new PostgresLog(appends, pool)
  const zones = new PostgresZones(pool)
  const checkpoints = new PostgresCheckpoints(pool)
  const [thingKind, scoreKind] = world.schemas
  if (thingKind === undefined || scoreKind === undefined) throw new Error('no kinds')
  for (let round = 1; round <= ROUNDS; round++) {
    const names = Array.from({ length: 1 + (round % 60) }, (_, i) => `zone-${round}-${i}`)
    const zone = names[0] as string
    for (const name of names) await zones.claim(name, 'me', 10_000)
    await zones.renew('me', names, 10_000)
    await log.append(names.map((name) => ({ zone: name, seq: 1, epoch: 1, payload: new Uint8Array(round) })))
    const rows = [{ kind: scoreKind, columns: [[`p${round}`], [round]], deleted: ['gone'] }]
    await log.append([{ zone, seq: 2, epoch: 1, payload: new Uint8Array(1), rows }])
    await log.headOf(zone)
    for await (const chunk of log.read(zone, 0)) expect(chunk).toHaveLength(2)
    const written = await checkpoints.write({
      zone,
      from: 0,
      to: 2,
      changes: [
        {
          kind: thingKind,
          columns: [
            ['a', 'b'],
            [1, 2],
            [{ round }, null],
          ],
          deleted: ['c'],
        },
      ],
      streams: [{ stream: 's', lastInput: round, at: 1 }],
      endedStreams: ['t'],
    })
    expect(written).toBe('written')
    for await (const chunk of checkpoints.rows(zone, thingKind)) expect(chunk.columns[0]).toHaveLength(2)
    for await (const page of checkpoints.streams(zone)) expect(page).toHaveLength(1)
    expect(await log.trim(zone, 1)).toBe(1)
    await zones.release(zone, 'me')
  }
  expect(await zones.list()).not.toEqual([])
  // Each was claimed with two statements.
  expect(await database.query('SELECT count(*) > 1500 AS many FROM terrane.zones')).toEqual([{ many: true }])
  expect(await pool.run('count', preparedIn)).toEqual([])
  expect(await appends.run('count', preparedIn)).toEqual([])
})

test('a named one would be seen', async () => {
  const named = (session: Session) => session.client.query({ name: 'kept', text: 'SELECT $1::int', values: [1] })
  for (const connection of [pool, appends]) {
    await connection.run('name', named)
    expect(await connection.run('count', preparedIn)).toEqual(['kept'])
  }
})
