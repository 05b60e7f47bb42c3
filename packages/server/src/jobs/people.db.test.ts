import { openJobsDatabase } from '@terrane/store-postgres'
import type { TestDatabase } from '@terrane/store-postgres/test-server'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { readEnvironment } from '../config/environment.js'
import { jobsCommand } from './jobs-command.js'
import { jobsDatabase } from './test-jobs/jobs-server.js'

let database: TestDatabase

beforeAll(async () => {
  database = await jobsDatabase()
})

afterAll(() => database?.drop())

afterEach(() => vi.restoreAllMocks())

/** What the command line says, as JSON. */
async function run(...args: string[]): Promise<unknown> {
  const lines: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0)
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  const command = jobsCommand(readEnvironment())
  await command.parseAsync([...args, '--url', database.url, '--json'], { from: 'user' })
  return JSON.parse(lines.join(''))
}

test('who is who, and who is in which guild, is said by the command line', async () => {
  await run('identify', 'bob', 'd-1')
  expect(await run('guild', 'g1', '--add', 'd-1', 'd-2', 'd-3')).toMatchObject({ members: { length: 3 } })
  expect(await run('guild', 'g1', '--remove', 'd-3')).toEqual({
    name: 'jobs guild',
    passed: true,
    guild: 'g1',
    members: [{ discordId: 'd-1', userId: 'bob' }, { discordId: 'd-2' }],
  })
  const { nodes, close } = await openJobsDatabase({ url: database.url })
  expect(await nodes.relationsOf('bob')).toMatchObject({ guilds: ['g1'] })
  await close()
})

test('what names nobody is refused before the database is asked', async () => {
  await expect(run('guild', "g1' OR true", '--add', 'd-1')).rejects.toThrow('names no guild')
  await expect(run('guild', 'g1', '--add', 'd 1')).rejects.toThrow('names no account')
  await expect(run('identify', 'x'.repeat(65), 'd-1')).rejects.toThrow('names no user')
})
