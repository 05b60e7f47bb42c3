import { CombatRunner, compileCombat, type JobResult, parseCombatConfig } from '@terrane/combat'
import { systemTimers } from '@terrane/core'
import type { JobSnapshot } from '@terrane/jobs'
import type { JobCheckpoint, JobHold } from '@terrane/store-postgres'
import { beforeAll, expect, test } from 'vitest'
import { createLogger } from '../process/log.js'
import { Checkpointer } from './checkpointer.js'
import { shippedGameData } from './game-data-source.js'
import { profile } from './test-jobs/jobs-server.js'

let result: JobResult

beforeAll(async () => {
  const { data } = await shippedGameData().current()
  const plan = compileCombat(data, parseCombatConfig(profile()))
  result = new CombatRunner(plan).run({ seed: 'same', first: 0, count: 1 })
})

/** A database that answers when the test lets it. */
class SlowDatabase {
  readonly statements: { readonly ids: readonly string[]; answer(kept: readonly string[]): void; fail(): void }[] = []

  saveCheckpoints(checkpoints: readonly JobCheckpoint[]): Promise<ReadonlySet<string>> {
    return new Promise((resolve, reject) => {
      this.statements.push({
        ids: checkpoints.map(({ hold }) => hold.id),
        answer: (kept) => resolve(new Set(kept)),
        fail: () => reject(new Error('the database does not answer')),
      })
    })
  }

  /** Waits for a statement to be sent. */
  async statement(index: number) {
    while (this.statements.length <= index) await new Promise((resolve) => setImmediate(resolve))
    return this.statements[index] as (typeof this.statements)[number]
  }
}

function start(snapshotOf: (id: string) => JobSnapshot<JobResult> | undefined = snapshot) {
  const jobs = new SlowDatabase()
  const lost: string[] = []
  const checkpointer = new Checkpointer({
    jobs,
    snapshotOf,
    before: async () => {},
    onLost: (id) => lost.push(id),
    timers: systemTimers,
    log: createLogger('silent', false, () => {}),
  })
  return { jobs, lost, checkpointer, save: (id: string) => checkpointer.save(holdOf(id)) }
}

const holdOf = (id: string): JobHold => ({ id, sentinel: 's', epoch: 1 })

function snapshot(): JobSnapshot<JobResult> {
  const ranges = [{ from: 0, to: 1 }]
  return {
    phase: { index: 0, variants: [] },
    parts: [{ node: 'n', variant: 0, ranges, result }],
    reviews: [],
    lost: [],
  }
}

test('what comes while a statement is under way shares the next one, and waits for it', async () => {
  const { jobs, save } = start()
  const kept: string[] = []
  const saved = (id: string) => save(id).then(() => kept.push(id))
  const first = saved('a')
  const one = await jobs.statement(0)
  const others = [saved('a'), saved('b'), saved('c'), saved('b')]
  one.answer(['a'])
  await first
  const two = await jobs.statement(1)
  expect([one.ids, two.ids, kept]).toEqual([['a'], ['a', 'b', 'c'], ['a']])
  two.answer(['a', 'b', 'c'])
  await Promise.all(others)
  expect(jobs.statements).toHaveLength(2)
})

test('a job that is another’s by now is lost; the others are kept', async () => {
  const { jobs, lost, save } = start()
  const saves = Promise.all([save('a'), save('b')])
  ;(await jobs.statement(0)).answer([])
  ;(await jobs.statement(1)).answer(['b'])
  await saves
  expect(lost).toEqual(['a'])
})

test('a job of which there is nothing to save needs no statement', async () => {
  const { jobs, save } = start(() => undefined)
  await save('a')
  expect(jobs.statements).toEqual([])
})

test('large checkpoints go one by one', async () => {
  const parts = Array.from({ length: 4_000 }, (_, variant) => ({ ...snapshot().parts[0], variant }) as never)
  const { jobs, save } = start(() => ({ ...snapshot(), parts }))
  const first = save('z')
  ;(await jobs.statement(0)).answer(['z'])
  await first
  const rest = Promise.all([save('y'), save('a'), save('b')])
  for (let index = 1; index <= 3; index++) {
    const { ids, answer } = await jobs.statement(index)
    expect(ids).toHaveLength(1)
    answer(ids)
  }
  await rest
})

test('tries again until the database answers, but not when it is to stop', async () => {
  const { jobs, checkpointer, save } = start()
  const saving = save('a')
  ;(await jobs.statement(0)).fail()
  ;(await jobs.statement(1)).answer(['a'])
  await saving
  checkpointer.stop()
  const refused = expect(save('a')).rejects.toMatchObject({ code: 'not_kept', retry: 'later' })
  ;(await jobs.statement(2)).fail()
  await refused
  expect(jobs.statements).toHaveLength(3)
})
