import { Logger, run } from 'graphile-worker'
import pg from 'pg'
import PgBoss from 'pg-boss'

/** Jobs that do nothing, per second, from the first claim to the last completion. */
export interface PeerRun {
  readonly jobs: number
  readonly connections: number
}

/** Claims and completes each job by itself, as it does by default. */
export async function measureGraphileWorker(url: string, { jobs, connections }: PeerRun): Promise<number> {
  const pool = openPool(url, connections)
  const logger = new Logger(() => () => {})
  let done = 0
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const taskList = {
    chunk: () => {
      done++
      if (done === jobs) finish()
    },
  }
  const options = { pgPool: pool, taskList, concurrency: connections, noHandleSignals: true, logger }
  try {
    // Its tables, before there is something to do.
    await (await run(options)).stop()
    await pool.query(
      `SELECT count(*) FROM graphile_worker.add_jobs(ARRAY(
         SELECT json_populate_record(NULL::graphile_worker.job_spec,
           json_build_object('identifier', 'chunk', 'payload', json_build_object('n', n)))
         FROM generate_series(1, $1) AS n))`,
      [jobs],
    )
    const startedAt = performance.now()
    const runner = await run(options)
    await finished
    const seconds = (performance.now() - startedAt) / 1_000
    await runner.stop()
    return jobs / seconds
  } finally {
    await pool.end()
  }
}

/** The pool's end does not wait for its connections': a server that stops meanwhile tells them, and nobody minds. */
function openPool(url: string, connections: number): pg.Pool {
  return new pg.Pool({ connectionString: url, max: connections }).on('error', () => {})
}

const QUEUE = 'chunks'

/** @param batch how many to claim, and to complete, at a time */
export async function measurePgBoss(url: string, { jobs, connections }: PeerRun, batch: number): Promise<number> {
  const pool = openPool(url, connections)
  // Its own pool is still closing when it says that it has stopped.
  const db = { executeSql: (text: string, values: unknown[]) => pool.query(text, values) }
  const boss = new PgBoss({ db, supervise: false, schedule: false })
  boss.on('error', (error) => {
    throw error
  })
  await boss.start()
  try {
    await boss.createQueue(QUEUE)
    const inserts = Array.from({ length: jobs }, (_, n) => ({ name: QUEUE, data: { n } }))
    for (let i = 0; i < jobs; i += 5_000) await boss.insert(inserts.slice(i, i + 5_000))
    let done = 0
    const startedAt = performance.now()
    await Promise.all(
      Array.from({ length: connections }, async () => {
        for (;;) {
          const claimed = await boss.fetch(QUEUE, { batchSize: batch })
          if (claimed.length === 0) return
          await boss.complete(
            QUEUE,
            claimed.map(({ id }) => id),
          )
          done += claimed.length
        }
      }),
    )
    const seconds = (performance.now() - startedAt) / 1_000
    if (done !== jobs) throw new Error(`pg-boss has completed ${done} of ${jobs} jobs`)
    return jobs / seconds
  } finally {
    await boss.stop({ graceful: false, wait: true })
    await pool.end()
  }
}
