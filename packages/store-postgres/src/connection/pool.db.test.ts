import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../test-server/test-database.js'
import { ConnectionPool } from './pool.js'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

test('waiting are those for whom there is no connection, not those who are just given one', async () => {
  const pool = new ConnectionPool({ url: database.url, poolSize: 1 })
  try {
    await pool.run('first', (session) => session.query('SELECT 1'))
    expect(pool.stats).toEqual({ size: 1, open: 1, idle: 1, waiting: 0 })
    let letGo = () => {}
    const held = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const second = pool.run('second', () => held)
    expect(pool.stats).toMatchObject({ waiting: 0 })
    await expect.poll(() => pool.stats.idle).toBe(0)
    const third = pool.run('third', (session) => session.query('SELECT 1'))
    expect(pool.stats).toEqual({ size: 1, open: 1, idle: 0, waiting: 1 })
    letGo()
    await Promise.all([second, third])
    expect(pool.stats).toEqual({ size: 1, open: 1, idle: 1, waiting: 0 })
  } finally {
    await pool.close()
  }
})
