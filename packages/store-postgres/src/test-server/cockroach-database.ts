import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { inject } from 'vitest'
import './global-setup.js'

export interface CockroachDatabase {
  /** Names the database as application too, so that its sessions can be told apart. */
  readonly url: string
  /** Ends the sessions in it that append to the commit log right now. */
  interruptAppends(): Promise<void>
  drop(): Promise<void>
}

/** Whether this run has a CockroachDB cluster (TERRANE_TEST_COCKROACH_URL). */
export function hasCockroach(): boolean {
  return inject('terraneTestCockroach') !== undefined
}

/** A new empty database on the run's cluster, with the user of its URL as owner. */
export async function createCockroachDatabase(): Promise<CockroachDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  const admin = new Client({ connectionString: inject('terraneTestCockroach') })
  admin.on('error', () => {})
  await admin.connect()
  await admin.query(`CREATE DATABASE ${name}`)
  const url = new URL(inject('terraneTestCockroach') ?? '')
  url.pathname = `/${name}`
  url.searchParams.set('application_name', name)
  return {
    url: url.href,
    async interruptAppends() {
      await admin.query(
        `CANCEL SESSIONS IF EXISTS (WITH s AS (SHOW CLUSTER SESSIONS) SELECT session_id FROM s
         WHERE application_name = '${name}' AND active_queries LIKE 'INSERT INTO terrane.commit_log%')`,
      )
    },
    async drop() {
      await admin.query(`DROP DATABASE IF EXISTS ${name} CASCADE`)
      await admin.end()
    },
  }
}
