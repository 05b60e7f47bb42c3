import { afterAll, beforeAll, expect, test } from 'vitest'
import { sqlStateOf } from '../errors.js'
import { createTestDatabase, type TestDatabase } from '../test-server/test-database.js'
import { DatabaseClient } from './client.js'
import type { Statement } from './one-trip-transaction.js'
import { Session } from './session.js'

let database: TestDatabase
let client: DatabaseClient
let session: Session

beforeAll(async () => {
  database = await createTestDatabase()
  client = new DatabaseClient({ url: database.url })
  await client.connect()
  session = new Session(client)
  await session.query('CREATE TABLE kept (id int PRIMARY KEY, bytes bytea)')
})
afterAll(async () => {
  await client.end()
  await database.drop()
})

const insert = (id: number): Statement => ({
  text: 'INSERT INTO kept VALUES ($1, $2) RETURNING id',
  values: [String(id), Buffer.of(id, 0, 255)],
})
const ids = async () => (await session.query('SELECT id FROM kept ORDER BY id')).rows.map(([id]) => Number(id))

test('all statements happen, and each one’s rows and count come back', async () => {
  const results = await session.transactionInOneTrip([
    insert(1),
    insert(2),
    { text: 'UPDATE kept SET id = id + 10', values: [] },
    { text: 'SELECT id, encode(bytes, $1) FROM kept ORDER BY id', values: ['hex'] },
  ])
  expect(results).toEqual([
    { rows: [['1']], rowCount: 1 },
    { rows: [['2']], rowCount: 1 },
    { rows: [], rowCount: 2 },
    {
      rows: [
        ['11', '0100ff'],
        ['12', '0200ff'],
      ],
      rowCount: 2,
    },
  ])
  expect(session.mayHaveCommitted).toBe(false)
})

test('when one is refused none happens, its refusal is told, and the session goes on', async () => {
  const before = await ids()
  for (const at of [0, 1, 2]) {
    const statements = [insert(20), insert(21), insert(22)]
    statements[at] = insert(before[0] as number)
    const refusal = await session.transactionInOneTrip(statements).catch((error: unknown) => error)
    expect(sqlStateOf(refusal)).toBe('23505')
    expect(session.mayHaveCommitted).toBe(false)
    expect(await ids()).toEqual(before)
  }
})

test('when BEGIN itself fails nothing runs outside of a transaction', async () => {
  const before = await ids()
  await session.query('BEGIN')
  await expect(session.query('SELECT 1 / 0')).rejects.toThrow()
  const refusal = await session.transactionInOneTrip([insert(30), insert(31)]).catch((error: unknown) => error)
  expect(sqlStateOf(refusal)).toBe('25P02')
  expect(await ids()).toEqual(before)
})

test('a refusal of the commit itself is told, and nothing has happened', async () => {
  await session.query('CREATE TABLE pairs (id int, other int REFERENCES kept DEFERRABLE INITIALLY DEFERRED)')
  const refusal = await session
    .transactionInOneTrip([insert(40), { text: 'INSERT INTO pairs VALUES (1, 999)', values: [] }])
    .catch((error: unknown) => error)
  expect(sqlStateOf(refusal)).toBe('23503')
  expect(await ids()).not.toContain(40)
})
