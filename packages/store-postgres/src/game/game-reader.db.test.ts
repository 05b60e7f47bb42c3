import { readdirSync, readFileSync } from 'node:fs'
import { checksumOf, parseRequest, type ReadFiles, readFiles } from '@terrane/gamedata'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeRecorded } from '../dialect/recorded-suite.js'
import { migrate } from '../migrations/migrator.js'
import { createTestDatabase, type TestDatabase } from '../test-server/test-database.js'
import { GameReader } from './game-reader.js'
import { loadRevision } from './game-store.js'

const DIRECTORY = new URL('../../../combat/game-data/', import.meta.url)

describeRecorded('reading game data', () => {
  let database: TestDatabase
  let reader: GameReader
  let shipped: ReadFiles

  beforeAll(async () => {
    const files = readdirSync(DIRECTORY)
    const texts = files.map((file) => [file.replace(/\.csv$/, ''), readFileSync(new URL(file, DIRECTORY), 'utf8')])
    shipped = readFiles(Object.fromEntries(texts))
    database = await createTestDatabase()
    await migrate({ url: database.url, profile: 'cockroach' }, undefined, {}, () => {})
    reader = new GameReader({ url: database.url })
  })

  afterAll(async () => {
    await reader?.close()
    await database?.drop()
  })

  const read = async (path: string) => {
    const [table = '', query] = path.split('?')
    const { rows, count } = await reader.read(parseRequest(table, new URLSearchParams(query)), {
      revision: 'one',
      hasCount: true,
    })
    return { rows: rows.map((row) => JSON.parse(row) as unknown), count }
  }

  test('before anything is loaded', async () => {
    expect(await reader.current()).toBe(undefined)
    expect(await reader.tables('one')).toBe(undefined)
    expect(await reader.revisionWith('')).toBe(undefined)
  })

  test('a revision as a whole', async () => {
    const { tables } = shipped
    const checksum = await checksumOf(tables)
    await loadRevision({ url: database.url }, { revision: 'one', patch: '', checksum, tables })
    expect(await reader.current()).toEqual({ revision: 'one', patch: '', checksum })
    expect(await reader.revisionWith(checksum)).toBe('one')
    const found = await reader.tables('one')
    expect(found && (await checksumOf(found))).toBe(checksum)
  })

  test.each([
    ['specs?select=id&order=name.desc.nullslast,id.asc.nullsfirst', [{ id: 3 }, { id: 2 }, { id: 1 }, { id: 4 }], 4],
    ['spells?select=id&id=in.(101,102)&name=like.*Lance&not.or=(id.lt.50,id.neq.101)', [{ id: 101 }], 1],
    [
      'spells?select=id&name=ilike.EMBER*&passive=is.false&name=not.is.null&id=lte.101&limit=1&offset=0',
      [{ id: 101 }],
      1,
    ],
    ['spell_power?select=cost::text,spells(id)&spell_id=eq.101', [{ cost: '250', spells: { id: 101 } }], 1],
    [
      'curves?select=id,curve_points!inner(x)&curve_points.x=gte.0&id=eq.1&curve_points.limit=1',
      [{ id: 1, curve_points: [{ x: 1 }] }],
      1,
    ],
    ['meta?select=revision&loaded_at=gt.2020-01-01&revision=not.eq.two', [{ revision: 'one' }], 1],
  ])('%s', async (path, rows, count) => {
    expect(await read(path)).toEqual({ rows, count })
  })

  test('says what is wrong with a value', async () => {
    await expect(read('spells?id=eq.x')).rejects.toMatchObject({ status: 400, code: '22P02' })
    await expect(read('spells?select=passive::float8')).rejects.toMatchObject({ status: 400, code: '42846' })
  })
})
