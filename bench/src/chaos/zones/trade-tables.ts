import type { EmbeddedPostgres } from '@terrane/store-postgres'
import pg from 'pg'

/** Digits of a page, by owner and page. One owner's pages of arrivals are spread over the zones. */
export interface CountedPage {
  readonly owner: string
  readonly page: number
  readonly counts: string
}

/** What all zones together have left in the database. */
export interface StoredTrade {
  readonly marks: readonly CountedPage[]
  readonly arrivals: readonly CountedPage[]
  readonly refunds: readonly CountedPage[]
  readonly tallies: readonly { readonly id: string; readonly inputs: number }[]
  readonly purses: number
  readonly coins: number
  /** Ops in outboxes, dead letters, batches of the logs that the tables lack. */
  readonly left: { readonly outbox: number; readonly deadLetters: number; readonly uncovered: number }
}

export async function readTrade({ readerUrl }: EmbeddedPostgres): Promise<StoredTrade> {
  const client = new pg.Client({ connectionString: readerUrl })
  await client.connect()
  const read = async <R>(sql: string): Promise<R[]> => (await client.query(sql)).rows as R[]
  const number = async (sql: string) => Number((await read<{ n: string }>(sql))[0]?.n)
  try {
    return {
      marks: await read('SELECT owner, page, counts FROM marks'),
      arrivals: await read('SELECT owner, page, counts FROM arrivals'),
      refunds: await read('SELECT owner, page, counts FROM refunds'),
      tallies: await read('SELECT id, inputs FROM tallies'),
      purses: await number('SELECT count(*) AS n FROM purses'),
      coins: await number(
        'SELECT (SELECT coalesce(sum(coins), 0) FROM purses) + (SELECT coalesce(sum(coins), 0) FROM vaults) AS n',
      ),
      left: {
        outbox: await number('SELECT count(*) AS n FROM terrane.op_outbox'),
        deadLetters: await number('SELECT count(*) AS n FROM terrane.op_dead_letters'),
        uncovered: await number(
          `SELECT coalesce(sum(seq - checkpoint_seq), 0) AS n FROM terrane.zones
             JOIN (SELECT zone_id, max(seq) AS seq FROM terrane.commit_log GROUP BY zone_id) AS heads USING (zone_id)`,
        ),
      },
    }
  } finally {
    await client.end()
  }
}
