import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { TerraneError } from '@terrane/core'
import { Client } from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { EmbeddedDirectories, processesOf, REPOSITORY } from '../test-server/embedded-directories.js'
import { chooseAccount } from './account.js'
import { type EmbeddedOptions, startEmbedded } from './embedded.js'
import { inspectProcess, runProgram } from './processes.js'

const isRoot = process.geteuid?.() === 0

const directories = new EmbeddedDirectories()
const newDataDir = (mode?: number) => directories.create(mode)
const start = (dataDir: string, options?: Partial<EmbeddedOptions>) => directories.start(dataDir, options)
const spawnParent = (dataDir: string) => directories.spawnParent(dataDir)

async function query(url: string, text: string): Promise<unknown[][]> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query({ text, rowMode: 'array' })).rows
  } finally {
    await client.end().catch(() => {})
  }
}

async function failureOf(promise: Promise<unknown>): Promise<TerraneError> {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(thrown).toBeInstanceOf(TerraneError)
  return thrown as TerraneError
}

describe('a start on an empty directory', () => {
  test('gives a durable UTF-8 server on the loopback, and stop leaves no process', async () => {
    const dataDir = newDataDir()
    const stages: string[] = []
    const server = await start(dataDir, { progress: (stage) => stages.push(stage), settings: { work_mem: '5MB' } })
    expect(stages).toEqual(['preparing', 'initializing', 'starting', 'ready'])
    expect(server.adopted).toBe(false)
    const ofRole = (role: string) => new RegExp(`^postgres://${role}:[\\w-]{32}@127\\.0\\.0\\.1:\\d+/terrane$`)
    expect(server.url).toMatch(ofRole('gateway_writer'))
    expect(server.adminUrl).toMatch(ofRole('gateway_admin'))
    expect(server.readerUrl).toMatch(ofRole('gateway_reader'))
    expect(server.superuserUrl).toMatch(ofRole('terrane'))
    expect(server.certs).toBeUndefined()
    const settings = await query(
      server.superuserUrl,
      `SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes',
       'listen_addresses', 'unix_socket_directories', 'server_encoding', 'work_mem', 'password_encryption')`,
    )
    expect(Object.fromEntries(settings)).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      server_encoding: 'UTF8',
      work_mem: '5120',
      password_encryption: 'scram-sha-256',
    })
    expect(
      await query(server.superuserUrl, 'SELECT datcollate FROM pg_database WHERE datname = current_database()'),
    ).toEqual([['C']])
    await expect(query(server.superuserUrl.replace(/:[\w-]{32}@/, ':wrong@'), 'SELECT 1')).rejects.toThrow(/password/)
    expect(statSync(join(dataDir, 'server.json')).mode & 0o777).toBe(0o600)
    expect((await processesOf(dataDir)).length).toBeGreaterThan(4)

    await server.stop()
    expect(await processesOf(dataDir)).toEqual([])
    expect(await inspectProcess(server.pid)).toBeUndefined()
    expect(existsSync(join(dataDir, 'owner'))).toBe(false)
    expect(existsSync(join(dataDir, 'cluster', 'postmaster.pid'))).toBe(false)
  })

  test('settings that decide durability are refused', async () => {
    await expect(startEmbedded({ dataDir: newDataDir(), settings: { fsync: 'off' } })).rejects.toThrow(/fsync/)
  })

  test.runIf(isRoot)('works for root below a directory that nobody else may enter', async () => {
    const dataDir = newDataDir(0o700)
    const server = await start(dataDir)
    const account = await chooseAccount(join(dataDir, 'cluster'))
    expect(account?.uid).toBeGreaterThan(0)
    expect(statSync(join(dataDir, 'cluster')).uid).toBe(account?.uid)
    expect(statSync(`/proc/${server.pid}`).uid).toBe(account?.uid)
    await query(server.superuserUrl, 'CREATE TABLE t AS SELECT generate_series(1, 1000) AS n')
    await query(server.superuserUrl, 'CHECKPOINT')
    await server.stop()
    expect(await processesOf(dataDir)).toEqual([])
  })

  test.runIf(isRoot)('works for a normal user, and root continues with the same account', async (context) => {
    const account = { uid: 65534, gid: 65534 }
    const reach = await runProgram(process.execPath, ['-e', "require('fs').readFileSync('package.json')"], {
      cwd: REPOSITORY,
      account,
      timeoutMs: 30_000,
    })
    if (reach.code !== 0) context.skip('a normal user cannot read this repository')
    const dataDir = newDataDir()
    mkdirSync(dataDir, { recursive: true })
    chownSync(dataDir, account.uid, account.gid)
    const parent = directories.spawnParent(dataDir, {}, account)
    const handle = await parent.handle()
    expect(statSync(`/proc/${handle.pid}`).uid).toBe(account.uid)
    await query(handle.superuserUrl, 'CREATE TABLE t AS SELECT 7 AS n')
    parent.child.stdin?.write('stop\n')
    expect(await parent.line()).toBe('stopped')
    expect(await processesOf(dataDir)).toEqual([])

    const server = await start(dataDir)
    expect(await query(server.superuserUrl, 'SELECT n FROM t')).toEqual([[7]])
    expect(statSync(`/proc/${server.pid}`).uid).toBe(account.uid)
    expect(statSync(join(dataDir, 'server.json')).uid).toBe(account.uid)
  })
})

describe('a start on an existing directory', () => {
  test('keeps data, address and password', async () => {
    const dataDir = newDataDir()
    const first = await start(dataDir)
    await query(first.superuserUrl, 'CREATE TABLE t AS SELECT 42 AS n')
    await first.stop()
    const second = await start(dataDir)
    expect(second.superuserUrl).toBe(first.superuserUrl)
    expect(second.adopted).toBe(false)
    expect(await query(second.superuserUrl, 'SELECT n FROM t')).toEqual([[42]])
  })

  test('chooses another port when the old one is taken', async () => {
    const dataDir = newDataDir()
    const first = await start(dataDir)
    await first.stop()
    const port = Number(new URL(first.superuserUrl).port)
    const squatter = createServer().listen(port, '127.0.0.1')
    await once(squatter, 'listening')
    onTestFinished(() => void squatter.close())
    const second = await start(dataDir)
    expect(Number(new URL(second.superuserUrl).port)).not.toBe(port)
    await second.stop()
    squatter.close()
    const third = await start(dataDir)
    expect(third.superuserUrl).toBe(second.superuserUrl)
  })

  test('is refused while another process uses it', async () => {
    const dataDir = newDataDir()
    const server = await start(dataDir)
    expect((await failureOf(startEmbedded({ dataDir }))).code).toBe('embedded_in_use')
    await query(server.superuserUrl, 'SELECT 1')
    const other = await spawnParent(dataDir).handle()
    expect(other.code).toBe('embedded_in_use')
    await query(server.superuserUrl, 'SELECT 1')
  })

  test('of another major version says what to do', async () => {
    const dataDir = newDataDir()
    await (await start(dataDir)).stop()
    writeFileSync(join(dataDir, 'cluster', 'PG_VERSION'), '17\n')
    const error = await failureOf(startEmbedded({ dataDir }))
    expect(error.code).toBe('embedded_version_mismatch')
    expect(error.message).toMatch(/PostgreSQL 17, .*PostgreSQL 18/)
    expect(error.hint).toMatch(/pg_dumpall/)
  })

  test('without its password file says what to do', async () => {
    const dataDir = newDataDir()
    await (await start(dataDir)).stop()
    const file = join(dataDir, 'server.json')
    const saved = readFileSync(file)
    rmSync(file)
    expect((await failureOf(startEmbedded({ dataDir }))).code).toBe('embedded_credentials')
    writeFileSync(file, JSON.stringify({ port: 0, password: 'another' }))
    expect((await failureOf(startEmbedded({ dataDir }))).code).toBe('embedded_credentials')
    expect(await processesOf(dataDir)).toEqual([])
    writeFileSync(file, saved)
    await start(dataDir)
  })

  test('quotes the server when the server refuses to start', async () => {
    const dataDir = newDataDir()
    await (await start(dataDir)).stop()
    rmSync(join(dataDir, 'cluster', 'global', 'pg_control'))
    const error = await failureOf(startEmbedded({ dataDir }))
    expect(error.code).toBe('embedded_start_failed')
    expect(error.message).toMatch(/pg_control/)
    expect(error.hint).toBeDefined()
  })
})

describe('after a kill', () => {
  test('of the parent, the next start adopts the server', async () => {
    const dataDir = newDataDir()
    const parent = spawnParent(dataDir)
    const handle = await parent.handle()
    await query(handle.superuserUrl, 'CREATE TABLE t AS SELECT 1 AS n')
    await parent.kill()

    const server = await start(dataDir)
    expect(server).toMatchObject({ adopted: true, pid: handle.pid, superuserUrl: handle.superuserUrl })
    expect(await query(server.superuserUrl, 'SELECT n FROM t')).toEqual([[1]])
    await server.stop()
    expect(await processesOf(dataDir)).toEqual([])
  })

  test('of an adopted server, its handle tells', async () => {
    const dataDir = newDataDir()
    const parent = spawnParent(dataDir)
    await parent.handle()
    await parent.kill()
    const server = await start(dataDir)
    const ended = new Promise<string>((resolve) => server.onExit(resolve))
    process.kill(server.pid, 'SIGKILL')
    expect(await ended).toMatch(/ended/)
    await server.stop()
  })

  test('of the parent at any moment of the first start, the next start works', async () => {
    for (const afterMs of [0, 200, 500, 900]) {
      const dataDir = newDataDir()
      const parent = spawnParent(dataDir)
      while ((await parent.line()) !== 'initializing');
      await delay(afterMs)
      await parent.kill()
      const server = await startEmbedded({ dataDir })
      await query(server.superuserUrl, 'CREATE TABLE t AS SELECT 1 AS n')
      await server.stop()
      expect(await processesOf(dataDir)).toEqual([])
    }
  })

  test('of parent and server, committed data is recovered', async () => {
    const dataDir = newDataDir()
    const parent = spawnParent(dataDir)
    const handle = await parent.handle()
    await query(handle.superuserUrl, 'CREATE TABLE t AS SELECT generate_series(1, 10000) AS n')
    // A server process that computes does not notice that its postmaster is gone.
    const busy = query(handle.superuserUrl, 'SELECT count(*) FROM generate_series(1, 1000000000) a').catch(
      () => undefined,
    )
    await delay(300)
    await parent.kill()
    process.kill(handle.pid, 'SIGKILL')
    const server = await start(dataDir)
    await busy
    expect(server.adopted).toBe(false)
    expect(await query(server.superuserUrl, 'SELECT count(*)::int FROM t')).toEqual([[10_000]])
  })

  test('of the server, its handle tells, and no process stays', async () => {
    const dataDir = newDataDir()
    const server = await start(dataDir)
    const ended = new Promise<string>((resolve) => server.onExit(resolve))
    process.kill(server.pid, 'SIGKILL')
    expect(await ended).toMatch(/SIGKILL/)
    await server.stop()
    expect(await processesOf(dataDir)).toEqual([])
    await query((await start(dataDir)).superuserUrl, 'SELECT 1')
  })

  test('a pid file that names another process of the same user is ignored', async () => {
    const dataDir = newDataDir()
    await (await start(dataDir)).stop()
    const account = await chooseAccount(join(dataDir, 'cluster'))
    const stranger = spawn('sleep', ['600'], { ...(account ?? {}), cwd: '/' })
    directories.helpers.push(stranger)
    await once(stranger, 'spawn')
    const lines = [stranger.pid, '/proc/self/cwd', 1_700_000_000, 5432, '', '127.0.0.1', '  1234567  7', 'ready   ', '']
    const file = join(dataDir, 'cluster', 'postmaster.pid')
    writeFileSync(file, lines.join('\n'), { mode: 0o600 })
    if (account !== undefined) chownSync(file, account.uid, account.gid)
    const server = await start(dataDir)
    expect(server.adopted).toBe(false)
    expect(server.pid).not.toBe(stranger.pid)
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
  })
})

test('an immediate stop hastens a fast one, and both resolve', async () => {
  const dataDir = newDataDir()
  const server = await start(dataDir)
  const exits: string[] = []
  server.onExit((why) => exits.push(why))
  await Promise.all([server.stop('fast'), server.stop('immediate')])
  expect(await processesOf(dataDir)).toEqual([])
  expect(exits).toEqual([])
})
