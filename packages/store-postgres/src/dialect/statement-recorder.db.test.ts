import { Client } from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { migrate } from '../migrations/migrator.js'
import { createTestDatabase, type TestDatabase } from '../test-server/test-database.js'
import { sequenceViolations } from './sequence-rules.js'
import { recordStatements, type StatementRecorder } from './statement-recorder.js'
import { violationsOf } from './statement-rules.js'

let database: TestDatabase
let recorder: StatementRecorder

beforeEach(async () => {
  database = await createTestDatabase()
  recorder = recordStatements()
})

afterEach(async () => {
  recorder.stop()
  await database.drop()
})

/** Tables of game data with an index beside the primary key. */
const GAME_INDEXED = [
  'spell_power',
  'specs',
  'spec_spells',
  'specs_traits',
  'item_effects',
  'item_sets',
  'combat_ratings',
]

test('what the profile postgres sends besides is found, and is all that is found', async () => {
  await migrate({ url: database.url, profile: 'postgres' }, undefined, {}, () => {})
  const { statements } = recorder
  const found = (await Promise.all(statements.map(({ text }) => violationsOf(text)))).flat()
  expect(found.map(({ construct }) => construct)).toEqual([
    'AlterTableCmd.subtype = "AT_SetStorage"',
    'CreateFunctionStmt',
    'DropStmt.removeType = "OBJECT_TRIGGER"',
    'DropStmt.missing_ok',
    'CreateTrigStmt',
  ])
  const order = await sequenceViolations(statements)
  const tables = ['jobs', 'nodes', 'node_claim_tokens', 'friend_lists', 'guild_members', 'chunk_event_log']
  expect([...new Set(order.map(({ construct }) => construct))]).toEqual([
    'use of terrane.commit_log',
    'use of terrane.zone_numbers',
    ...tables.map((table) => `use of public.${table}`),
    'use of terrane.zone_map_version',
    ...GAME_INDEXED.map((table) => `use of game.${table}`),
  ])
})

test('connections are told apart, prepared statements are named, others are left out', async () => {
  const connectionString = database.url
  const [one, two, other] = ['terrane', 'terrane', 'somebody'].map(
    (application_name) => new Client({ connectionString, application_name }),
  ) as [Client, Client, Client]
  await Promise.all([one, two, other].map((client) => client.connect()))
  await one.query('SELECT 1')
  await two.query({ text: 'SELECT 2', name: 'second' })
  await other.query('SELECT 3')
  await one.query({ text: 'SELECT $1::int8', values: ['4'] })
  recorder.stop()
  await one.query('SELECT 5')
  await Promise.all([one, two, other].map((client) => client.end()))
  expect(recorder.statements).toEqual([
    { text: 'SELECT 1', connection: 1, name: undefined },
    { text: 'SELECT 2', connection: 2, name: 'second' },
    { text: 'SELECT $1::int8', connection: 1, name: undefined },
  ])
})
