import { Histogram, Prng } from '@terrane/core'
import pg from 'pg'
import { ACCOUNTS, START_BALANCE } from './bank-world.js'
import type { Measurement } from './keynote.js'
import { Zipf } from './zipf.js'

/**
 * The same transfer as interactive serializable transactions, the way that Node programs usually write
 * them: BEGIN, read both rows for update, two updates, COMMIT, each a round trip. A transaction that
 * PostgreSQL aborts (40001, 40P01) is repeated at once, and counts when it commits.
 */
export async function measureInteractive(
  url: string,
  options: { connections: number; alpha: number; seconds: number; seed: number },
): Promise<Measurement> {
  const clients = await Promise.all(
    Array.from({ length: options.connections }, async () => {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      return client
    }),
  )
  const random = new Prng(`interactive ${options.seed}`)
  const zipf = new Zipf(ACCOUNTS, options.alpha, random)
  const latency = new Histogram()
  const warmUntil = performance.now() + 1000
  const until = warmUntil + options.seconds * 1000
  let commits = 0
  let aborts = 0
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < until) {
        const from = zipf.draw()
        const to = other(zipf, from)
        const startedAt = performance.now()
        while (!(await transfer(client, from, to)) && performance.now() < until) aborts++
        if (startedAt >= warmUntil) {
          commits++
          latency.record(performance.now() - startedAt)
        }
      }
    }),
  )
  await Promise.all(clients.map((client) => client.end()))
  return {
    perSecond: commits / options.seconds,
    p50Ms: latency.quantile(0.5),
    p99Ms: latency.quantile(0.99),
    aborts,
  }
}

/** Two different accounts. */
export function other(zipf: Zipf, first: number): number {
  for (;;) {
    const second = zipf.draw()
    if (second !== first) return second
  }
}

async function transfer(client: pg.Client, from: number, to: number): Promise<boolean> {
  try {
    await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE')
    const { rows } = await client.query('SELECT id, balance FROM interactive_accounts WHERE id = ANY($1) FOR UPDATE', [
      [from, to],
    ])
    if (Number(rows.find((row) => row.id === from)?.balance) < 1) throw new Error('insufficient funds')
    await client.query('UPDATE interactive_accounts SET balance = balance - 1 WHERE id = $1', [from])
    await client.query('UPDATE interactive_accounts SET balance = balance + 1 WHERE id = $1', [to])
    await client.query('COMMIT')
    return true
  } catch (cause) {
    await client.query('ROLLBACK')
    const code = (cause as { code?: string }).code
    if (code === '40001' || code === '40P01') return false
    throw cause
  }
}

/** A table of its own beside Terrane's, in the same server. */
export async function prepareInteractive(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('CREATE TABLE interactive_accounts (id integer PRIMARY KEY, balance bigint NOT NULL)')
  await client.query('INSERT INTO interactive_accounts SELECT i, $1 FROM generate_series(0, $2) AS i', [
    START_BALANCE,
    ACCOUNTS - 1,
  ])
  await client.query('VACUUM ANALYZE interactive_accounts')
  await client.end()
}
