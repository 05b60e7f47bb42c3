import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPostgresStore } from '../open.js'
import { createTestDatabase, type TestDatabase } from '../test-server/test-database.js'
import { DatabaseClient } from './client.js'
import { Session } from './session.js'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

test('a process that freezes within a transaction does not hold up whoever takes its zone over', async () => {
  const opened = await openPostgresStore({ url: database.url })
  await opened.migrate()
  const { store } = opened
  const frozen = new DatabaseClient({ url: database.url })
  frozen.on('error', () => {})
  await frozen.connect()
  const session = new Session(frozen)
  try {
    expect(await store.zones.claim('home', 'frozen', 60_000)).toMatchObject({ claimed: true, epoch: 1 })
    await session.query('BEGIN')
    await session.query("INSERT INTO terrane.commit_log (zone_id, seq, epoch, payload) VALUES ('home', 1, 1, '')")
    await session.query("UPDATE terrane.zones SET checkpoint_seq = 1 WHERE zone_id = 'home'")
    // Both wait for locks of a transaction that never ends by itself.
    await store.zones.release('home', 'frozen')
    expect(await store.zones.claim('home', 'successor', 60_000)).toMatchObject({ claimed: true, checkpoint: 0 })
    const payload = Uint8Array.of(1)
    expect(await store.log.append([{ zone: 'home', seq: 1, epoch: 2, payload }])).toEqual(['committed'])
    await expect(session.commit('COMMIT')).rejects.toThrow()
    expect(await store.log.headOf('home')).toEqual({ seq: 1, epoch: 2 })
  } finally {
    frozen.abandon()
    await opened.close()
  }
})
