import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { Client } from 'pg'
import { inject } from 'vitest'
import './global-setup.js'

export interface TestDatabase {
  readonly url: string
  /** Runs statements in it, as its owner. Rows are objects, values as text or the driver's types. */
  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>
  /** Ends connections of Terrane's to it for which a condition on pg_stat_activity holds; returns how many. */
  killBackends(where?: string): Promise<number>
  /** Empties it: cheaper than a new one for each test. */
  clear(): Promise<void>
  drop(): Promise<void>
}

/** A new empty database on the run's server. Every test file takes its own, and drops it. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const serverUrl = await testServerUrl()
  const name = `test_${randomBytes(6).toString('hex')}`
  const admin = new Client({ connectionString: serverUrl })
  await admin.connect()
  await admin.query(`CREATE DATABASE ${name} TEMPLATE template0`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const client = new Client({ connectionString: url.href })
  client.on('error', () => {})
  await client.connect()
  await client.query('SET search_path = public')
  return {
    url: url.href,
    query: async (sql, values = []) => (await client.query(sql, values)).rows as Record<string, unknown>[],
    async killBackends(where = 'true') {
      // Waits until they are gone: one that is told late would die at the next statement, in whatever test that is.
      const { rows } = await admin.query(
        `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'terrane' AND ${where}`,
        [name],
      )
      return rows.length
    },
    async clear() {
      await client.query('DROP SCHEMA IF EXISTS terrane, public CASCADE')
      await client.query('CREATE SCHEMA public')
    },
    async drop() {
      await client.end()
      await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
      await admin.end()
    },
  }
}

async function testServerUrl(): Promise<string> {
  const server = inject('terraneTestServer')
  if (server === undefined) {
    throw new Error('no test server: vitest.config.ts needs packages/store-postgres/src/test-server/global-setup.ts')
  }
  if ('url' in server) return server.url
  const answer = JSON.parse(await text(connect(server.socket))) as { url?: string; error?: string }
  if (answer.url === undefined) throw new Error(`the embedded PostgreSQL did not start: ${answer.error}`)
  return answer.url
}
