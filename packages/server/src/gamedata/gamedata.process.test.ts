import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test, vi } from 'vitest'
import { buildAll, getJson, ServerProcess, temporaryDirectory } from '../test-process/server-process.js'
import { shippedDirectory } from './files.js'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const CLIENT_TABLES = fileURLToPath(new URL('../../../gamedata/src/client-tables/test-tables', import.meta.url))
/** A server with a database of its own, and some commands. */
vi.setConfig({ testTimeout: 240_000 })

beforeAll(buildAll, 180_000)

interface Ended {
  readonly code: number
  readonly json: Readonly<Record<string, unknown>>
  readonly stderr: string
}

async function gamedata(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [CLI, 'gamedata', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr] = [child.stdout.toArray(), child.stderr.toArray()]
  const [code] = await once(child, 'close')
  const line = Buffer.concat(await stdout)
    .toString()
    .trim()
    .split('\n')
    .at(-1)
  return { code: Number(code), json: line ? JSON.parse(line) : {}, stderr: Buffer.concat(await stderr).toString() }
}

test('beside a server: the shipped data is there, others are imported, listed, exported and pruned', async () => {
  const data = temporaryDirectory()
  const home = temporaryDirectory()
  const server = new ServerProcess({ data })
  const url = await server.url()
  const spells = async () => (await getJson(`${url}/rest/v1/spells?select=name&id=eq.101`)).body as unknown
  expect(await spells()).toEqual([{ name: 'Ember Lance' }])

  const again = await gamedata('import', '--data', data, '--json')
  expect(again).toMatchObject({ code: 0, json: { isNew: false, passed: true } })

  const directory = join(home, 'exports')
  cpSync(shippedDirectory(), directory, { recursive: true })
  const file = join(directory, 'spells.csv')
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.replace('Ember Lance', 'Cinder Lance'))
  const args = ['--data', data, '--revision', 'cinder', '--patch', '2.0', '--json']
  const imported = await gamedata('import', directory, ...args)
  expect(imported).toMatchObject({ code: 0, json: { revision: 'cinder', patch: '2.0', isNew: true } })
  expect(imported.stderr).toContain('loading 107 rows of spells')
  expect(await spells()).toEqual([{ name: 'Cinder Lance' }])

  writeFileSync(file, text.replace('cast_ms', 'cast_time_ms'))
  const renamed = await gamedata('import', directory, ...args)
  expect(renamed.code).toBe(1)
  expect(renamed.stderr).toContain('spells.csv has no column "cast_ms"; has it been renamed to "cast_time_ms"?')
  writeFileSync(file, text)
  const taken = await gamedata('import', directory, ...args)
  expect(taken).toMatchObject({ code: 1, stderr: expect.stringContaining('is there already, with other content') })
  expect(await spells()).toEqual([{ name: 'Cinder Lance' }])

  const out = join(home, 'out')
  const exported = await gamedata('export', out, '--server', url, '--cache', join(home, 'cache'), '--json')
  expect(exported).toMatchObject({ code: 0, json: { revision: 'cinder', files: 17, networkRequests: 18 } })
  const cached = await gamedata('export', out, '--server', url, '--cache', join(home, 'cache'), '--json')
  expect(cached).toMatchObject({ code: 0, json: { networkRequests: 1, cacheHits: 17 } })
  const back = await gamedata('import', out, ...args)
  expect(back).toMatchObject({ code: 0, json: { isNew: false } })

  const client = await gamedata('import', CLIENT_TABLES, '--data', data, '--revision', 'client', '--json')
  expect(client).toMatchObject({
    code: 0,
    json: { format: 'client-tables', isNew: true, report: { tables: { items: { made: 6 } } } },
  })
  expect(client.stderr).toContain('  1 left out: not worn in fights\n')
  const named = (await getJson(`${url}/rest/v1/items?select=id&name=ilike.*kilnforged*&limit=5`)).body as unknown
  expect(named).toEqual([{ id: 3001 }])
  const exportedAgain = join(home, 'client')
  await gamedata('export', exportedAgain, '--server', url)
  const returned = await gamedata('import', exportedAgain, '--data', data, '--revision', 'client', '--json')
  expect(returned).toMatchObject({ code: 0, json: { format: 'terrane', isNew: false } })
  const mistaken = await gamedata('import', CLIENT_TABLES, '--format', 'terrane', '--data', data)
  expect(mistaken).toMatchObject({ code: 1, stderr: expect.stringContaining('(curves.csv) is missing') })

  const listed = await gamedata('list', '--data', data, '--json')
  expect(listed.json.revisions).toMatchObject([
    { revision: 'client', isCurrent: true },
    { revision: 'cinder', patch: '2.0', isCurrent: false },
  ])
  const pruned = await gamedata('prune', '--keep', '1', '--data', data, '--json')
  expect((pruned.json.removed as unknown[]).length).toBe(1)
  expect(await server.end('SIGTERM')).toBe(0)

  const stopped = await gamedata('list', '--data', data)
  expect(stopped).toMatchObject({ code: 1, stderr: expect.stringContaining('no server runs with its data') })
})
