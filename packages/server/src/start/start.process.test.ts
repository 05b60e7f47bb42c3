import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import {
  buildAll,
  eventually,
  FATAL_WORLD,
  getJson,
  guestAt,
  playAt,
  processesOf,
  ServerProcess,
  temporaryDirectory,
} from '../test-process/server-process.js'

beforeAll(buildAll)

test('serves, survives SIGKILL, and ends in order with no process left', async () => {
  const data = join(temporaryDirectory(), 'data')
  const first = new ServerProcess({ data })
  const url = await first.url()
  expect(first.stdout).toBe(`Terrane serves counter at ${url}\n`)
  expect(first.stderr).toContain('creating the database')
  expect(statSync(join(data, 'secret')).mode & 0o777).toBe(0o600)

  const { token, player } = await guestAt(url)
  const client = await playAt(url, token)
  expect(await client.inputs.add({ by: 5 }).durable).toBe(5)
  await expect(client.inputs.add({ by: 13 }).applied).rejects.toMatchObject({ code: 'unlucky' })

  const second = new ServerProcess({ data })
  expect(await second.ended()).toBe(1)
  expect(second.stdout).toBe('')
  expect(second.stderr).toContain(`process ${first.pid}, which serves ${url}`)
  expect(second.stderr).toMatch(/next: .*--data/)

  await first.end('SIGKILL')
  const orphans = first.relatives()
  if (process.platform === 'linux') expect(orphans.length).toBeGreaterThan(0)

  const third = new ServerProcess({ data, args: ['--port', new URL(url).port] })
  expect(await third.url()).toBe(url)
  expect(third.stderr).toContain('taking over the PostgreSQL that is still running')
  expect((await getJson(`${url}/api/kinds/counters/${player}`)).body.row).toEqual({ id: player, value: 5 })
  // The client has come back by itself, and its token is still good.
  expect(await client.inputs.add({ by: 2 }).durable).toBe(7)

  // Under npm one Ctrl-C arrives twice.
  third.child.kill('SIGINT')
  expect(await third.end('SIGINT')).toBe(0)
  expect(third.stderr).toMatch(/making everything durable .*\nended\n$/)
  expect(third.relatives()).toEqual([])
  expect(existsSync(join(data, 'server.lock'))).toBe(false)
  expect(existsSync(join(data, 'postgres', 'cluster', 'postmaster.pid'))).toBe(false)
})

test('when PostgreSQL dies it is started again, and the world carries on', async () => {
  const server = new ServerProcess({ data: join(temporaryDirectory(), 'data') })
  const url = await server.url()
  const { token, player } = await guestAt(url)
  const client = await playAt(url, token)
  await client.inputs.add({ by: 1 }).durable

  for (const pid of server.relatives()) process.kill(pid, 'SIGKILL')
  const refused = await eventually(async () => {
    const answer = await getJson(`${url}/readyz`)
    return answer.status === 503 ? answer.body : undefined
  })
  expect(refused.reasons).toContainEqual(expect.stringMatching(/PostgreSQL|database/))
  expect((await getJson(`${url}/healthz`)).status).toBe(200)

  const late = client.inputs.add({ by: 1 })
  await eventually(async () => ((await getJson(`${url}/readyz`)).status === 200 ? true : undefined))
  expect(await late.durable).toBe(2)
  expect((await getJson(`${url}/api/kinds/counters/${player}`)).body.row).toEqual({ id: player, value: 2 })
  expect(await server.end('SIGTERM')).toBe(0)
  expect(server.relatives()).toEqual([])
})

test('a signal during the start ends it, with no process left', async () => {
  const server = new ServerProcess({ data: join(temporaryDirectory(), 'data') })
  await eventually(async () => (server.stderr.includes('creating the database') ? true : undefined))
  expect(await server.end('SIGTERM')).toBe(0)
  expect(server.stdout).toBe('')
  expect(server.relatives()).toEqual([])
})

test('a second signal, on purpose, ends at once', async () => {
  const server = new ServerProcess({ data: join(temporaryDirectory(), 'data') })
  await server.url()
  // A database that has stopped answering: the end in order would wait for it.
  const relatives = server.relatives()
  for (const pid of relatives) process.kill(pid, 'SIGSTOP')
  server.child.kill('SIGINT')
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(server.child.exitCode).toBeNull()
  server.child.kill('SIGINT')
  for (const pid of relatives) process.kill(pid, 'SIGCONT')
  expect(await server.ended()).toBe(1)
  await eventually(async () => (server.relatives().length === 0 ? true : undefined))
})

test('a failure that nobody expected is logged, ends the process with 1, and leaves no other', async () => {
  const server = new ServerProcess({ data: join(temporaryDirectory(), 'data'), world: FATAL_WORLD })
  expect(await server.ended()).toBe(1)
  expect(server.stderr).toContain('the world broke')
  await eventually(async () => (server.relatives().length === 0 ? true : undefined))
})

test('bots play in a process of their own and end with the server, however it ends', async () => {
  const data = join(temporaryDirectory(), 'data')
  const server = new ServerProcess({ data, world: 'frontier', args: ['--bots', '3'] })
  const url = await server.url()
  const stats = await eventually(async () => {
    const { body } = await getJson(`${url}/api/stats`)
    return Number(body.sessions) === 3 && Number((body.durableMs as { p50: number | null }).p50) > 0 ? body : undefined
  })
  expect(stats).toMatchObject({
    connections: 3,
    database: { state: 'up' },
    zones: [{ id: 'main', state: 'active' }, { id: 'nexus' }],
  })
  const bots = processesOf(join(data, 'bots-frontier.json'))
  expect(bots.length).toBe(process.platform === 'linux' ? 1 : 0)
  await server.end('SIGKILL')
  await eventually(async () => (processesOf(join(data, 'bots-frontier.json')).length === 0 ? true : undefined))
})
