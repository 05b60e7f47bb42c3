import { defineWorld, kind, type Store, TransientStoreError, UncertainStoreError } from '@terrane/engine'
import { CONTRACT_KINDS, describeStoreContract, type StoreFixture } from '@terrane/testing/store-contract'
import {
  bigint,
  boolean,
  doublePrecision,
  integer,
  json,
  jsonb,
  pgTable,
  text,
  timestamp,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeRecorded } from './dialect/recorded-suite.js'
import { type OpenedStore, openPostgresStore } from './open.js'
import { PostgresStore } from './postgres-store.js'
import type { ProfileName } from './profile.js'
import { createCockroachDatabase, hasCockroach } from './test-server/cockroach-database.js'
import { createTestDatabase, type TestDatabase } from './test-server/test-database.js'

const contractWorld = defineWorld({
  name: 'contract',
  kinds: {
    things: kind(
      pgTable('contract_things', {
        id: text('id').primaryKey(),
        count: integer('count'),
        serial: bigint('serial_no', { mode: 'number' }),
        weight: doublePrecision('weight'),
        label: varchar('Label here', { length: 200 }),
        alive: boolean('alive'),
        data: jsonb('data'),
        raw: json('raw'),
        seen: timestamp('seen', { withTimezone: true }),
        born: timestamp('born'),
      }),
    ),
    slots: kind(pgTable('contract_slots', { slot: integer('slot').primaryKey(), note: text('note') })),
    scores: kind(
      pgTable('contract_scores', { player: uuid('player').primaryKey(), points: integer('points').notNull() }),
      { persist: 'commit' },
    ),
  },
})

/** A database to hold to the contract. */
interface ContractDatabase {
  readonly url: string
  /** Ends the connections that append right now. */
  interruptAppends(): Promise<unknown>
  drop(): Promise<void>
}

/** @param profile default: what the database says of itself */
async function contractFixture(database: ContractDatabase, profile?: ProfileName): Promise<StoreFixture> {
  const opened = await openPostgresStore({ url: database.url, ...(profile === undefined ? {} : { profile }) })
  await opened.migrate(contractWorld)
  await opened.close()
  let round = 0
  return {
    open: () => new PostgresStore({ url: database.url }),
    pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    async interrupt(_store, call) {
      const running = call()
      // From "before it was sent" to "after the answer", over the rounds.
      await new Promise((resolve) => setTimeout(resolve, round++ % 5))
      await database.interruptAppends()
      await running
    },
    close: () => database.drop(),
  }
}

async function contractOnPostgres(profile: ProfileName): Promise<StoreFixture> {
  const database = await createTestDatabase()
  const interruptAppends = () => database.killBackends("query LIKE 'INSERT INTO terrane.commit_log%'")
  return contractFixture({ url: database.url, interruptAppends, drop: () => database.drop() }, profile)
}

describeStoreContract('PostgreSQL, profile postgres', () => contractOnPostgres('postgres'), { runs: 25 })

describeRecorded('what the store sends in the profile cockroach', () => {
  describeStoreContract('PostgreSQL, profile cockroach', () => contractOnPostgres('cockroach'), { runs: 25 })
})

// Not skipped but absent without a cluster; the run then prints a line that says so.
if (hasCockroach()) {
  describeStoreContract('CockroachDB', async () => contractFixture(await createCockroachDatabase()), { runs: 25 })
}

test('the tables of the contract are its kinds', () => {
  expect(contractWorld.schemas).toEqual(CONTRACT_KINDS)
})

describe('PostgresStore', () => {
  let database: TestDatabase
  let opened: OpenedStore
  let store: PostgresStore

  beforeAll(async () => {
    database = await createTestDatabase()
    opened = await openPostgresStore({ url: database.url })
    await opened.migrate(contractWorld)
    store = opened.store
  })

  afterAll(async () => {
    await opened.close()
    await database.drop()
  })

  const append = (on: Store, zone: string, seq: number, size = 10) =>
    on.log.append([{ zone, seq, epoch: 1, payload: new Uint8Array(size) }])

  test('an append counts, with its bytes and latency', async () => {
    await append(store, 'counted', 1, 5_000)
    await append(store, 'counted', 1)
    const { appends, appendConnected } = store.statistics
    expect(appends).toMatchObject({ batches: 1, bytes: 5_000, fenced: 1, failures: 0 })
    expect(appends.latencyMs.count).toBe(2)
    expect(appendConnected).toBe(true)
  })

  test('S3: an append that waits in the server when its backend dies is uncertain, and is not in the log', async () => {
    await append(store, 'locked', 1)
    // Another transaction holds the next position: the append waits for its outcome.
    await database.query('BEGIN')
    await database.query("INSERT INTO terrane.commit_log (zone_id, seq, epoch, payload) VALUES ('locked', 2, 9, '')")
    const outcome = append(store, 'locked', 2).catch((error: unknown) => error)
    await expect
      .poll(() => database.killBackends("wait_event_type = 'Lock'"), { interval: 10, timeout: 5_000 })
      .toBeGreaterThan(0)
    expect(await outcome).toBeInstanceOf(UncertainStoreError)
    await database.query('ROLLBACK')
    expect(await store.log.headOf('locked')).toEqual({ seq: 1, epoch: 1 })
    expect(await append(store, 'locked', 2)).toEqual(['committed'])
    expect(store.statistics.appendReconnects).toBeGreaterThan(0)
  })

  test('S2: an append that waits for another at its position is fenced when that commits', async () => {
    await append(store, 'raced', 1)
    await database.query('BEGIN')
    await database.query("INSERT INTO terrane.commit_log (zone_id, seq, epoch, payload) VALUES ('raced', 2, 9, '')")
    const outcome = append(store, 'raced', 2)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await database.query('COMMIT')
    expect(await outcome).toEqual(['fenced'])
  })

  test('calls that wait for the connection run one after another', async () => {
    const zones = Array.from({ length: 50 }, (_, i) => `queued-${i}`)
    const results = await Promise.all(zones.map((zone) => append(store, zone, 1)))
    expect(results.flat()).toEqual(zones.map(() => 'committed'))
  })

  test('a statement that takes too long is given up with a transient error', async () => {
    const slow = new PostgresStore({ url: database.url, statementTimeoutMs: 200 })
    await database.query('BEGIN')
    await database.query('LOCK TABLE terrane.commit_log IN ACCESS EXCLUSIVE MODE')
    const error = await append(slow, 'slow', 1).catch((thrown: unknown) => thrown)
    await database.query('ROLLBACK')
    expect(error).toBeInstanceOf(TransientStoreError)
    expect(error).not.toBeInstanceOf(UncertainStoreError)
    expect(await append(slow, 'slow', 1)).toEqual(['committed'])
    await slow.close()
  })

  test('a read-only server refuses for now', async () => {
    const name = new URL(database.url).pathname.slice(1)
    await database.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`)
    const standby = new PostgresStore({ url: database.url })
    await expect(append(standby, 'standby', 1)).rejects.toBeInstanceOf(TransientStoreError)
    await database.query(`ALTER DATABASE ${name} SET default_transaction_read_only = off`)
    await standby.close()
  })

  test('a value that its column cannot hold is refused for good, and nothing of the checkpoint is written', async () => {
    const slots = contractWorld.schemas[1]
    if (slots === undefined) throw new Error('no slots')
    await store.zones.claim('values', 'me', 10_000)
    const write = (note: string, slot: number) =>
      store.checkpoints.write({
        zone: 'values',
        from: 0,
        to: 1,
        changes: [
          {
            kind: slots,
            columns: [
              [1, slot],
              ['fine', note],
            ],
            deleted: [],
          },
        ],
        streams: [],
        endedStreams: [],
      })
    await expect(write('nul \0', 2)).rejects.toMatchObject({ code: 'database_refused', retry: 'never' })
    await expect(write('too large', 2 ** 31)).rejects.toMatchObject({ code: 'database_refused' })
    for await (const chunk of store.checkpoints.rows('values', slots)) expect(chunk).toBeUndefined()
  })

  test('no prepared statement stays behind', async () => {
    const one = new PostgresStore({ url: database.url, poolSize: 1 })
    await append(one, 'prepared', 1)
    await one.zones.claim('prepared', 'me', 10_000)
    const rows = await database.query("SELECT count(*)::int AS n FROM pg_prepared_statements WHERE name <> ''")
    expect(rows).toEqual([{ n: 0 }])
    await one.close()
  })

  test('an unreachable server is a transient error, within the connect timeout', async () => {
    const url = new URL(database.url)
    url.port = '1'
    await expect(openPostgresStore({ url: url.href })).rejects.toBeInstanceOf(TransientStoreError)
  })

  test('a database that does not exist is refused with a hint', async () => {
    const url = new URL(database.url)
    url.pathname = '/no_such_database'
    await expect(openPostgresStore({ url: url.href })).rejects.toMatchObject({ code: 'database_refused' })
  })

  test('closing makes unfinished calls reject, and later ones', async () => {
    const closing = new PostgresStore({ url: database.url })
    await closing.ping()
    await database.query('BEGIN')
    await database.query('LOCK TABLE terrane.commit_log, terrane.zones IN ACCESS EXCLUSIVE MODE')
    const outcomes = [append(closing, 'closing', 1), closing.zones.list()].map((each) =>
      each.catch((error: unknown) => error),
    )
    await new Promise((resolve) => setTimeout(resolve, 150))
    await closing.close()
    const errors = await Promise.all(outcomes)
    await database.query('ROLLBACK')
    for (const error of errors) expect(error).toBeInstanceOf(TransientStoreError)
    await expect(closing.ping()).rejects.toBeInstanceOf(TransientStoreError)
    await closing.close()
  })
})
