import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect } from '@terrane/client'
import type { Frontier } from '@terrane/world-frontier'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import {
  buildAll,
  eventually,
  getJson,
  guestAt,
  ServerProcess,
  temporaryDirectory,
} from '../test-process/server-process.js'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const SECTORS = 150
/** Each test starts a server with a database of its own, and up to ten commands. */
vi.setConfig({ testTimeout: 240_000 })

let home: string
/** Six regions and the Nexus. */
let universe: string

beforeAll(async () => {
  buildAll()
  home = mkdtempSync(join(tmpdir(), 'terrane-galaxy-import-'))
  universe = join(home, 'universe.json')
  expect(
    (await galaxy('generate', '--sectors', String(SECTORS), '--regions', '6', '--nexus', '--out', universe)).code,
  ).toBe(0)
})

afterAll(() => rmSync(home, { recursive: true, force: true }))

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function galaxy(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [CLI, 'galaxy', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr] = [child.stdout.toArray(), child.stderr.toArray()]
  const [code] = await once(child, 'close')
  return { code: code ?? -1, stdout: (await stdout).join(''), stderr: (await stderr).join('') }
}

async function serve(data = join(temporaryDirectory(), 'data')) {
  const server = new ServerProcess({ data, world: 'frontier', args: ['--bots', '0'] })
  const url = await server.url()
  return { server, url, data, into: ['--url', url, '--data', data] }
}

async function play(url: string, zone: string) {
  const { token } = await guestAt(url)
  const client = await connect<Frontier>(url, { token, zone })
  onTestFinished(() => client.close())
  return client
}

/** A proxy that passes commands on until the answer to the nth import, which it keeps, and does nothing from then on. */
async function loseAnswerTo(url: string, nth: number): Promise<string> {
  let imports = 0
  const proxy = createServer(async (request, response) => {
    const isImport = request.url?.endsWith('/importRegion') === true
    if (imports >= nth) {
      response.destroy()
      return
    }
    if (isImport) imports++
    const isLost = imports >= nth
    const { authorization = '', 'content-type': type = '' } = request.headers
    const body = Buffer.concat(await request.toArray())
    const headers = { authorization, 'content-type': type }
    const answer = await fetch(`${url}${request.url}`, { method: 'POST', headers, body })
    const text = await answer.text()
    if (isLost) response.destroy()
    else response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text)
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void proxy.close())
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
}

function summaryOf({ stdout }: Ended) {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
    passed: boolean
    regions: { name: string; imported: boolean; attachment: string; plazaSector: number | null }[]
  }
}

test('regions come into a live world, whole and attached, while others play on; again changes nothing', async () => {
  const { url, into } = await serve()
  const client = await play(url, 'main')
  const running = galaxy('import', universe, ...into, '--json')
  let isOver = false
  void running.finally(() => {
    isOver = true
  })
  let played = 0
  while (!isOver) {
    await client.inputs.move({ x: 20_000 + (played % 1_000), y: 20_000 }).durable
    played++
  }
  const first = await running
  expect(first.code, first.stderr).toBe(0)
  const { passed, regions } = summaryOf(first)
  expect(passed).toBe(true)
  expect(regions.map(({ name }) => name)).toEqual(['nexus', ...[1, 2, 3, 4, 5, 6].map((i) => `region-${i}`)])
  expect(regions.every(({ imported }) => imported)).toBe(true)
  const plaza = regions.slice(1).map(({ plazaSector }) => plazaSector)
  expect(new Set(plaza).size).toBe(6)
  expect(regions.slice(1).every(({ attachment }) => attachment === 'attached')).toBe(true)
  // Each of these was durable before the next was sent: none was refused, and none was lost.
  expect(played).toBeGreaterThan(0)

  const there = await play(url, 'region:region-3')
  await there.inputs.move({ x: 1_000, y: 1_000 }).durable
  // State comes by itself: a promise that is kept may overtake it.
  await expect.poll(() => there.tables.sectors.size, { timeout: 20_000 }).toBe(SECTORS)

  const { body } = await eventually(async () => {
    const answer = await getJson(`${url}/api/stats`)
    const figures = answer.body.figures as { name: string; value: number }[]
    return figures.some(({ name, value }) => name === 'regionsActive' && value === 6) ? answer : undefined
  })
  expect(body.figures).toContainEqual({ name: 'regionsActive', zone: 'nexus', value: 6, alertAt: 37.5, alert: false })
  const metrics = await (await fetch(`${url}/metrics`)).text()
  expect(metrics).toContain('terrane_world_figure{figure="regionsActive",zone="nexus"} 6')
  expect(metrics).toContain('terrane_world_figure_alert_at{figure="regionsActive",zone="nexus"} 37.5')

  const again = summaryOf(await galaxy('import', universe, ...into, '--json'))
  expect(again.regions.map(({ plazaSector }) => plazaSector)).toEqual([null, ...plaza])
  expect(again.regions.some(({ imported }) => imported)).toBe(false)
})

test('an import whose answer gets lost, and whose server then dies, goes on where it stopped', async () => {
  const { server, url, data, into } = await serve()
  const proxy = await loseAnswerTo(url, 3)
  const interrupted = await galaxy('import', universe, '--url', proxy, '--data', data)
  expect(interrupted.code).toBe(1)
  expect(interrupted.stderr).toContain('goes on where it stopped')
  expect(interrupted.stderr).toContain('regions: 2 in the world, 2 of them new')
  await server.end('SIGKILL')

  const next = new ServerProcess({ data, world: 'frontier', args: ['--bots', '0', '--port', new URL(url).port] })
  expect(await next.url()).toBe(url)
  const resumed = await galaxy('import', universe, ...into, '--json')
  expect(resumed.code, resumed.stderr).toBe(0)
  const { regions } = summaryOf(resumed)
  // The third had its effect, though nobody heard of it.
  expect(regions.map(({ imported }) => imported)).toEqual([false, false, false, true, true, true, true])
  expect(regions.slice(1).every(({ attachment }) => attachment === 'attached')).toBe(true)
  const client = await play(url, 'region:region-6')
  await client.inputs.move({ x: 1_000, y: 1_000 }).durable
})

test('nothing is imported from a file that is wrong, over another region, or without being an operator', async () => {
  const { url, data, into } = await serve()
  const spoilt = join(home, 'spoilt.json')
  const content = JSON.parse(readFileSync(universe, 'utf8'))
  delete content.regions[2].generation
  content.regions[2].warps[4].to = 777
  writeFileSync(spoilt, JSON.stringify(content))
  const malformed = await galaxy('import', spoilt, ...into)
  expect(malformed.code).toBe(1)
  expect(malformed.stderr).toContain('regions[2].warps[4]')
  expect(malformed.stderr).toContain('nothing was imported')
  writeFileSync(spoilt, '{"format":')
  expect((await galaxy('import', spoilt, ...into)).stderr).toContain('cannot be read as a universe')

  const { token } = await guestAt(url)
  const asGuest = await galaxy('import', universe, '--url', url, '--token', token)
  expect(asGuest.code).toBe(1)
  expect(asGuest.stderr).toContain('commands are for operators')
  const elsewhere = await galaxy('import', universe, '--url', url, '--data', join(home, 'no-server'))
  expect(elsewhere.stderr).toContain('no secret of a server')
  const deaf = await galaxy('import', universe, '--url', 'http://127.0.0.1:9', '--data', data)
  expect(deaf.stderr).toContain('did not answer')
  const { body } = await getJson(`${url}/api/zones`)
  expect((body.zones as { id: string }[]).map(({ id }) => id).sort()).toEqual(['main', 'nexus'])

  const [one, other] = ['one.json', 'other.json'].map((name) => join(home, name)) as [string, string]
  await galaxy('generate', '--sectors', '100', '--seed', '1', '--out', one)
  await galaxy('generate', '--sectors', '100', '--seed', '2', '--out', other)
  // Without a Nexus it waits, and says for what.
  const alone = await galaxy('import', one, ...into)
  expect(alone.code, alone.stderr).toBe(0)
  expect(alone.stderr).toContain('waiting (the Central Nexus has not been imported into this world)')
  const differing = await galaxy('import', other, ...into)
  expect(differing.code).toBe(1)
  expect(differing.stderr).toContain('give the new region another name')
})

test('the same universe comes of any number of threads', async () => {
  const [one, two] = ['threads-1.json', 'threads-2.json'].map((name) => join(home, name)) as [string, string]
  const make = (threads: string, out: string) =>
    galaxy(
      'generate',
      '--sectors',
      '200',
      '--regions',
      '5',
      '--nexus',
      '--seed',
      '9',
      '--threads',
      threads,
      '--out',
      out,
    )
  expect(await make('1', one)).toMatchObject({ code: 0 })
  expect(await make('2', two)).toMatchObject({ code: 0 })
  expect(readFileSync(two, 'utf8')).toBe(readFileSync(one, 'utf8'))
})
