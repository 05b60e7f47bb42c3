import { join } from 'node:path'
import { startEmbedded } from '@terrane/store-postgres'
import pg from 'pg'
import type { WorldRows } from './audit.js'

export interface StoredWorld {
  readonly rows: { readonly [N in keyof WorldRows]: readonly Row<N>[] }
  /** Batches that the log holds and the tables do not. */
  readonly uncovered: number
}

type Row<N extends keyof WorldRows> = WorldRows[N] extends Iterable<infer R> ? R : never

/** Reads what a server that has ended left in its database, past the server. */
export async function readTables(data: string): Promise<StoredWorld> {
  const postgres = await startEmbedded({ dataDir: join(data, 'postgres') })
  try {
    const client = new pg.Client({ connectionString: postgres.readerUrl })
    await client.connect()
    try {
      const read = async <R>(sql: string): Promise<R[]> => (await client.query(sql)).rows as R[]
      const [lag] = await read<{ uncovered: string }>(
        'SELECT (SELECT max(seq) FROM terrane.commit_log) - (SELECT checkpoint_seq FROM terrane.zones) AS uncovered',
      )
      return {
        uncovered: Number(lag?.uncovered),
        rows: {
          accounts: await read('SELECT id, balance FROM accounts'),
          structures: await read('SELECT id, owner, account, worth, x, y FROM structures'),
          marks: await read('SELECT id, owner, page, counts FROM marks'),
          tallies: await read('SELECT id, inputs FROM tallies'),
        },
      }
    } finally {
      await client.end()
    }
  } finally {
    await postgres.stop()
  }
}
