import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseGameData } from '@terrane/combat'
import { type CacheLayer, canonicalTexts, GameDataResolver, RestNetwork } from '@terrane/gamedata'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DirectoryLayer } from './directory-layer.js'
import { type GameApi, openGameApi } from './rest/test-api/game-api.js'

const CURRENT_MS_MAX = 1_000

let api: GameApi
let directory: string
const time = { nowMs: 0 }

beforeAll(async () => {
  api = await openGameApi()
})

afterAll(() => api?.close())

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'terrane-resolver-'))
  await api.load('first')
})

afterEach(() => rm(directory, { recursive: true, force: true }))

const server = () => new RestNetwork(api.url.replace('/rest/v1', ''))

function resolver(cache: CacheLayer | null = new DirectoryLayer(directory), memoryBytesMax?: number) {
  return new GameDataResolver({
    network: server(),
    clock: { now: () => time.nowMs },
    currentMsMax: CURRENT_MS_MAX,
    ...(cache === null ? {} : { cache }),
    ...(memoryBytesMax === undefined ? {} : { memoryBytesMax }),
  })
}

async function requestsOf(work: () => Promise<unknown>): Promise<number> {
  const before = api.requests()
  await work()
  return api.requests() - before
}

describe('three layers', () => {
  test('memory, then the directory, then the network', async () => {
    const first = resolver()
    expect(await requestsOf(() => first.row('spells', 101))).toBe(2) // which revision, and the row
    expect(await requestsOf(() => first.row('spells', 101))).toBe(0)
    const second = resolver()
    await second.current()
    expect(await requestsOf(() => second.row('spells', 101))).toBe(0)
    expect(second.statistics).toMatchObject({ cacheHits: 1, memoryHits: 0 })
    expect(await second.row('spells', 101)).toEqual(api.tables.spells.find(({ id }) => id === 101))
    expect(second.statistics).toMatchObject({ cacheHits: 1, memoryHits: 1 })
  })

  test('that there is no such row is known, too', async () => {
    const one = resolver()
    expect(await one.row('items', 7)).toBe(undefined)
    expect(await requestsOf(() => one.row('items', 7))).toBe(0)
  })

  test('the game data of a job is what the tables say', async () => {
    const one = resolver()
    const data = await one.gameData()
    // In the order of the keys, as everywhere: sums of fractions depend on it.
    expect(data).toEqual(parseGameData(canonicalTexts(api.tables)))
    expect(await requestsOf(() => one.gameData())).toBe(0)
    expect(await requestsOf(() => resolver().gameData())).toBe(1)
  })

  test('without a directory the network is enough', async () => {
    expect((await resolver(null).gameData()).specs.size).toBe(api.tables.specs.length)
  })

  test('memory is bounded: what does not fit comes from the directory again', async () => {
    const small = resolver(null, 2_000)
    for (let round = 0; round < 2; round++) for (const id of [101, 102, 103]) await small.row('spells', id)
    expect(small.statistics.memoryHits).toBeLessThan(3)
    const tiny = resolver(new DirectoryLayer(directory), 1)
    await tiny.row('spells', 101)
    expect(await requestsOf(() => tiny.row('spells', 101))).toBe(0)
    expect(tiny.statistics).toMatchObject({ memoryHits: 0, cacheHits: 1 })
  })
})

describe('at the same time', () => {
  test('those who want the same share one request', async () => {
    const one = resolver()
    const requests = await requestsOf(async () => {
      const rows = await Promise.all(Array.from({ length: 50 }, () => one.row('spells', 101)))
      expect(new Set(rows).size).toBe(1)
    })
    expect(requests).toBe(2)
    expect(await requestsOf(() => Promise.all([one.gameData(), one.gameData(), one.table('items')]))).toBe(17)
  })

  test('a failure is shared, and forgotten', async () => {
    let isDown = true
    const flaky: typeof fetch = (...request) => (isDown ? Promise.reject(new Error('unplugged')) : fetch(...request))
    const one = new GameDataResolver({
      network: new RestNetwork(api.url.replace('/rest/v1', ''), flaky),
      clock: { now: () => time.nowMs },
    })
    const asked = await Promise.allSettled([one.row('spells', 101), one.row('spells', 101)])
    for (const each of asked) {
      expect(each).toMatchObject({
        reason: { code: 'game_data_unreachable', message: expect.stringContaining('unplugged') },
      })
    }
    isDown = false
    expect(await one.row('spells', 101)).toMatchObject({ id: 101 })
  })
})

describe('a directory that errs', () => {
  async function entryOf(table: string): Promise<string> {
    const [checksum = ''] = await readdir(directory)
    return join(directory, checksum, `${table}.json`)
  }

  test.each([
    ['cut off', (text: string) => text.slice(0, text.length / 2)],
    ['empty', () => ''],
    ['changed in one place', (text: string) => text.replace('Cinderwright', 'Cinderwrighd')],
    ['without its digest', (text: string) => text.slice(text.indexOf('\n') + 1)],
    ['something else', () => '{"spells":[]}'],
  ])('an entry that is %s is got again', async (_, damage) => {
    await resolver().table('specs')
    const path = await entryOf('specs')
    const good = await readFile(path, 'utf8')
    await writeFile(path, damage(good))
    const one = resolver()
    await one.current()
    expect(await requestsOf(() => one.table('specs'))).toBe(1)
    expect(await one.table('specs')).toEqual(api.tables.specs)
    expect(one.statistics.corrupted).toBe(1)
    expect(await readFile(path, 'utf8')).toBe(good)
  })

  test("an entry in another's place is got again", async () => {
    await resolver().gameData()
    await writeFile(await entryOf('specs'), await readFile(await entryOf('curves'), 'utf8'))
    const one = resolver()
    expect(await one.table('specs')).toEqual(api.tables.specs)
    expect(one.statistics.corrupted).toBe(1)
  })

  test('one that cannot be used does no harm', async () => {
    const file = join(directory, 'file')
    await writeFile(file, '')
    const one = resolver(new DirectoryLayer(file))
    expect(await one.table('specs')).toEqual(api.tables.specs)
    expect(one.statistics).toMatchObject({ networkRequests: 2, cacheFailures: 2 })
  })

  test('a server cannot name files outside of it', async () => {
    const layer = new DirectoryLayer(directory)
    for (const [checksum, key] of [
      ['../..', 'specs'],
      ['a'.repeat(64), '../specs'],
      ['a'.repeat(64), 'specs/..'],
    ] as const) {
      await expect(layer.write(checksum, key, 'x')).rejects.toMatchObject({ code: 'bad_cache_key' })
    }
    expect(await readdir(directory)).toEqual([])
  })
})

describe('another revision', () => {
  const renamed = (name: string) => api.tables.spells.map((spell) => ({ ...spell, name: `${name} ${spell.name}` }))

  test('is seen when the last answer has become old; a job goes on with its own', async () => {
    const one = resolver()
    const before = await one.current()
    expect(await one.row('spells', 101)).toMatchObject({ name: 'Ember Lance' })
    await api.load('renamed', renamed('New'))
    expect(await one.row('spells', 101)).toMatchObject({ name: 'Ember Lance' })
    time.nowMs += CURRENT_MS_MAX
    expect(await one.current()).toMatchObject({ revision: 'renamed' })
    expect(await one.row('spells', 101)).toMatchObject({ name: 'New Ember Lance' })
    expect(await one.row('spells', 102, before)).toEqual(api.tables.spells.find(({ id }) => id === 102))
    expect((await one.gameData(before)).revision).toBe(parseGameData(canonicalTexts(api.tables)).revision)
    expect((await one.gameData()).spells.get(101)?.name).toBe('New Ember Lance')
  })

  test('the directory keeps two', async () => {
    const one = resolver()
    for (const name of ['first', 'a', 'b', 'c']) {
      if (name !== 'first') await api.load(name, renamed(name))
      time.nowMs += CURRENT_MS_MAX
      await one.row('spells', 101)
    }
    expect(await readdir(directory)).toHaveLength(2)
  })

  test('one that is gone is said to be gone', async () => {
    const one = resolver()
    const gone = { revision: 'gone', checksum: 'f'.repeat(64) }
    await expect(one.row('spells', 101, gone)).rejects.toMatchObject({ code: 'revision_gone' })
    await expect(one.gameData(gone)).rejects.toMatchObject({ code: 'revision_gone' })
  })

  test('tables that do not fit its checksum are refused', async () => {
    const { revision } = await resolver().current()
    const wrong = { revision, checksum: 'e'.repeat(64) }
    await expect(resolver().gameData(wrong)).rejects.toMatchObject({ code: 'game_data_mismatch' })
    expect(await readdir(join(directory, wrong.checksum))).toEqual([])
  })
})
