import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { describeRecorded } from '../dialect/recorded-suite.js'
import { migrate } from '../migrations/migrator.js'
import { createTestDatabase, type TestDatabase } from '../test-server/test-database.js'
import { JOB_STATUSES, type JobStatus, TRANSITIONS } from './job-status.js'
import type { JobEnd, NewJob } from './job-store.js'
import { type JobsDatabase, openJobsDatabase } from './open.js'

const LEASE_MS = 60_000

const COMPLETED: JobEnd = {
  status: 'completed',
  meta: { mean: 5 },
  resultPb: Uint8Array.of(1, 0, 255),
  timelinePb: Uint8Array.of(7),
}
const FAILED: JobEnd = { status: 'failed', error: 'too_many_failures' }

function newJob(change: Partial<NewJob> = {}): NewJob {
  return {
    id: randomUUID(),
    userId: 'ada',
    simConfig: '{"a":1}',
    sentinelConfig: '{}',
    meta: { spec: 'x' },
    priority: 0,
    revision: 'r1',
    ...change,
  }
}

describeRecorded('jobs in the database', () => {
  let database: TestDatabase
  let opened: JobsDatabase

  beforeAll(async () => {
    database = await createTestDatabase()
    await migrate({ url: database.url, profile: 'cockroach' }, undefined, {}, () => {})
    opened = await openJobsDatabase({ url: database.url, profile: 'cockroach' })
  })

  afterAll(async () => {
    await opened?.close()
    await database?.drop()
  })

  beforeEach(async () => {
    await database.query('DELETE FROM jobs')
  })

  async function taken(change: Partial<NewJob> = {}, sentinel = 's1') {
    const job = newJob(change)
    await opened.jobs.create(job)
    const found = await opened.jobs.take(job.id, sentinel, LEASE_MS)
    if (found === undefined) throw new Error('the job could not be taken')
    return found
  }

  const available = async (limit: number, dead: readonly string[] = []) =>
    (await opened.jobs.available(limit, dead)).map(({ id }) => id)

  const statusOf = async (id: string) => (await opened.jobs.find(id))?.status

  /** A row in the given status, by the way that leads there. */
  async function jobIn(status: JobStatus): Promise<string> {
    const job = newJob()
    await opened.jobs.create(job)
    if (status === 'pending') return job.id
    const found = await opened.jobs.take(job.id, 's0', 0)
    if (status === 'completed') await opened.jobs.finish(found?.hold as never, COMPLETED)
    if (status === 'failed') await opened.jobs.finish(found?.hold as never, FAILED)
    if (status === 'cancelled') await opened.jobs.cancel(job.id, 'ada')
    return job.id
  }

  test('a job is created once, taken, and completed with its results', async () => {
    const job = newJob({ priority: 3 })
    await opened.jobs.create(job)
    await opened.jobs.create({ ...job, userId: 'eve' })
    expect(await opened.jobs.find(job.id)).toMatchObject({ userId: 'ada', status: 'pending', meta: { spec: 'x' } })
    const found = await opened.jobs.take(job.id, 's1', LEASE_MS)
    expect(found).toMatchObject({ ...job, wasRunning: false, checkpoint: undefined, hold: { epoch: 1 } })
    expect(await opened.jobs.finish(found?.hold as never, COMPLETED)).toBe(true)
    expect(await opened.jobs.find(job.id)).toMatchObject({ status: 'completed', meta: { mean: 5 }, error: undefined })
    const result = await opened.jobs.resultOf(job.id)
    expect([...(result?.resultPb ?? [])]).toEqual([1, 0, 255])
    expect([...(result?.timelinePb ?? [])]).toEqual([7])
  })

  test('every transition is made exactly when it is allowed', async () => {
    for (const from of JOB_STATUSES) {
      for (const to of JOB_STATUSES.filter((status) => status !== 'pending')) {
        const id = await jobIn(from)
        // The hold that would be good if the job were running at its epoch.
        const [row] = await database.query('SELECT epoch FROM jobs WHERE id = $1', [id])
        const hold = { id, sentinel: 's0', epoch: Number(row?.epoch) }
        if (to === 'running') await opened.jobs.take(id, 's0', LEASE_MS)
        if (to === 'cancelled') await opened.jobs.cancel(id, 'ada')
        if (to === 'completed') await opened.jobs.finish(hold, COMPLETED)
        if (to === 'failed') await opened.jobs.finish(hold, FAILED)
        // Ends of pending jobs are the sentinel's to make, which takes them first.
        const isPossible = TRANSITIONS[from].includes(to) && !(from === 'pending' && to === 'failed')
        expect(await statusOf(id), `${from} → ${to}`).toBe(isPossible ? to : from)
      }
    }
  })

  test('one of many who take, finish or cancel at once has its way', async () => {
    for (let round = 0; round < 10; round++) {
      const job = newJob()
      await opened.jobs.create(job)
      const takers = await Promise.all(['a', 'b', 'c', 'd'].map((name) => opened.jobs.take(job.id, name, LEASE_MS)))
      const [hold] = takers.flatMap((found) => found?.hold ?? [])
      expect(takers.filter((found) => found !== undefined)).toHaveLength(1)
      const [completed, failed, cancelled] = await Promise.all([
        opened.jobs.finish(hold as never, COMPLETED),
        opened.jobs.finish(hold as never, FAILED),
        opened.jobs.cancel(job.id, 'ada'),
      ])
      const wins = [completed, failed, cancelled === 'cancelled'].filter(Boolean)
      expect(wins).toHaveLength(1)
      expect(await statusOf(job.id)).toBe(completed ? 'completed' : failed ? 'failed' : 'cancelled')
    }
  })

  test.each([
    ['a result without an end', "UPDATE jobs SET result_pb = '\\x00' WHERE id = $1"],
    ['an end without a result', "UPDATE jobs SET status = 'completed', finished_at = now() WHERE id = $1"],
    ['an end without a time', "UPDATE jobs SET status = 'cancelled' WHERE id = $1"],
    ['a failure without a reason', "UPDATE jobs SET status = 'failed', finished_at = now() WHERE id = $1"],
    ['a status that nobody knows', "UPDATE jobs SET status = 'done', finished_at = now() WHERE id = $1"],
  ])('the table refuses %s, whoever writes it', async (_, sql) => {
    const { id } = await taken()
    await expect(database.query(sql, [id])).rejects.toThrow(/violates check constraint/)
  })

  test('who has been taken over from can write nothing more', async () => {
    const { id, hold } = await taken({}, 'old')
    const { hold: other } = await taken({}, 'old')
    const save = async (...bytes: number[]) =>
      opened.jobs.saveCheckpoints([hold, other].map((each) => ({ hold: each, checkpoint: Uint8Array.from(bytes) })))
    expect(await save(1)).toEqual(new Set([id, other.id]))
    await database.query('UPDATE jobs SET lease_until = now() WHERE id = $1', [id])
    const next = await opened.jobs.take(id, 'new', LEASE_MS)
    expect(next).toMatchObject({ wasRunning: true, hold: { epoch: 2 } })
    expect([...(next?.checkpoint ?? [])]).toEqual([1])
    expect(await save(2)).toEqual(new Set([other.id]))
    expect(await opened.jobs.finish(hold, COMPLETED)).toBe(false)
    expect(await opened.jobs.renew('old', [id], LEASE_MS)).toEqual([])
    await opened.jobs.release(hold)
    expect(await opened.jobs.take(id, 'third', LEASE_MS)).toBeUndefined()
    expect(await opened.jobs.finish(next?.hold as never, COMPLETED)).toBe(true)
    // Asked again after a lost answer: it is done, and by us.
    expect(await opened.jobs.finish(next?.hold as never, COMPLETED)).toBe(true)
    expect(await opened.jobs.finish(next?.hold as never, FAILED)).toBe(false)
  })

  test('a job is another sentinel’s while its lease holds, unless that one is known to be dead', async () => {
    const { id } = await taken({}, 'old')
    expect(await available(10)).toEqual([])
    expect(await opened.jobs.take(id, 'new', LEASE_MS)).toBeUndefined()
    expect(await opened.jobs.sentinels()).toEqual(['old'])
    expect(await available(10, ['old'])).toEqual([id])
    expect((await opened.jobs.take(id, 'new', LEASE_MS, ['old']))?.hold.epoch).toBe(2)
  })

  test('open jobs come by priority, then by age; what was released is there again', async () => {
    const jobs = [newJob(), newJob({ priority: 5 }), newJob()]
    for (const job of jobs) await opened.jobs.create(job)
    const [first, second, third] = jobs.map(({ id }) => id)
    expect(await available(10)).toEqual([second, first, third])
    const found = await opened.jobs.take(second as string, 's1', LEASE_MS)
    expect(await available(10)).toEqual([first, third])
    await opened.jobs.release(found?.hold as never)
    expect(await available(1)).toEqual([second])
    expect(await opened.jobs.openCount('ada')).toBe(3)
    expect((await opened.jobs.ofUser('ada', 2)).map(({ id }) => id)).toEqual([third, second])
  })

  test('only the job’s user cancels it', async () => {
    const { id } = await taken()
    expect(await opened.jobs.cancel(id, 'eve')).toBeUndefined()
    expect(await statusOf(id)).toBe('running')
    expect(await opened.jobs.cancel(id, 'ada')).toBe('cancelled')
  })

  test('events tell what went wrong', async () => {
    const { id } = await taken()
    await opened.jobs.logEvent({ jobId: id, eventType: 'restart_dropped', error: 'x'.repeat(5_000) })
    const [event] = await opened.jobs.eventsOf(id, 10)
    expect(event).toMatchObject({ eventType: 'restart_dropped', nodePublicKey: undefined })
    expect(event?.error).toHaveLength(1_000)
  })
})

describe('on PostgreSQL', () => {
  test('an insert wakes who listens, and the first hint comes without one', async () => {
    const database = await createTestDatabase()
    await migrate({ url: database.url }, undefined, {}, () => {})
    let hints = 0
    let wake = () => {}
    const next = () => new Promise<void>((resolve) => (wake = resolve))
    const connected = next()
    const opened = await openJobsDatabase({
      url: database.url,
      onPending: () => {
        hints++
        wake()
      },
    })
    await connected
    const inserted = next()
    await opened.jobs.create(newJob())
    await inserted
    expect(hints).toBe(2)
    await opened.close()
    await database.drop()
  })
})
