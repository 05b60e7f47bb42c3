import { readdirSync, readFileSync } from 'node:fs'
import { type GameTables, parseGameData } from '@terrane/combat'
import { checksumOf, GAME_TABLES, readFiles } from '@terrane/gamedata'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { withConnection } from '../connection/one-connection.js'
import { describeRecorded } from '../dialect/recorded-suite.js'
import { migrate } from '../migrations/migrator.js'
import { createTestDatabase, type TestDatabase } from '../test-server/test-database.js'
import { listRevisions, loadRevision, type NewRevision, pruneRevisions, readRevision } from './game-store.js'

const DIRECTORY = new URL('../../../combat/game-data/', import.meta.url)

function shippedFiles(): Record<string, string> {
  const files = readdirSync(DIRECTORY)
  return Object.fromEntries(
    files.map((file) => [file.replace(/\.csv$/, ''), readFileSync(new URL(file, DIRECTORY), 'utf8')]),
  )
}

const SHIPPED = readFiles(shippedFiles())

/** The shipped data with another patch level: one spell is called after the revision. */
async function revisionOf(revision: string): Promise<NewRevision> {
  const [first, ...others] = SHIPPED.tables.spells
  if (first === undefined) throw new Error('there are no spells')
  const tables: GameTables = { ...SHIPPED.tables, spells: [{ ...first, name: `Spell "of" ${revision}` }, ...others] }
  return { revision, patch: `patch ${revision}`, checksum: await checksumOf(tables), tables }
}

describeRecorded('game data in the database', () => {
  let database: TestDatabase
  const settings = () => ({ url: database.url })
  const load = async (revision: string) => loadRevision(settings(), await revisionOf(revision))
  const names = async () => (await listRevisions(settings())).map(({ revision }) => revision)

  beforeAll(async () => {
    database = await createTestDatabase()
    await migrate({ url: database.url, profile: 'cockroach' }, undefined, {}, () => {})
  })

  afterAll(() => database?.drop())

  beforeEach(async () => {
    await database.query('DELETE FROM jobs')
    await database.query('DELETE FROM game.meta')
    await database.query('DELETE FROM game.current_revision')
  })

  test('has the tables and columns that the simulation reads', async () => {
    const found = await database.query(
      "SELECT table_name, column_name, udt_name, is_nullable FROM information_schema.columns WHERE table_schema = 'game' " +
        "AND table_name NOT IN ('meta', 'current_revision') ORDER BY table_name, ordinal_position",
    )
    const expected = [...GAME_TABLES]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap(({ name, columns }) =>
        [{ name: 'revision', type: 'text' }, ...columns].map((column) => ({
          table_name: name,
          column_name: column.name,
          udt_name: column.type,
          is_nullable: 'NO',
        })),
      )
    expect(found).toEqual(expected)
  })

  test('has the keys and references that the import checks', async () => {
    const found = await database.query(
      `SELECT conrelid::regclass::text AS table, pg_get_constraintdef(oid) AS text FROM pg_constraint
       WHERE connamespace = 'game'::regnamespace AND contype IN ('p', 'f') ORDER BY 1, 2`,
    )
    const texts = found.map(({ table, text }) => `${table} ${String(text).replaceAll('"', '')}`)
    for (const { name, key, references } of GAME_TABLES) {
      expect(texts).toContain(`game.${name} PRIMARY KEY (revision, ${key.join(', ')})`)
      for (const { column, target, isOptional } of references) {
        const text = `game.${name} FOREIGN KEY (revision, ${column}) REFERENCES game.${target}(revision, id) ON DELETE CASCADE`
        expect(texts.includes(text), text).toBe(!isOptional)
      }
    }
  })

  test('comes out as it went in', async () => {
    const { revision, data, tables } = { revision: SHIPPED.data.revision, ...SHIPPED }
    const checksum = await checksumOf(tables)
    const loaded = await loadRevision(settings(), { revision, patch: '1.0', checksum, tables })
    const rows = Object.values(tables).reduce((sum, each) => sum + each.length, 0)
    expect(loaded).toEqual({ isNew: true, rows, pruned: [] })
    const read = await withConnection(settings(), 'test', (session) => readRevision(session, revision))
    if (read === undefined) throw new Error('the revision is not there')
    expect(await checksumOf(read)).toBe(checksum)
    // In parts of any size, which a table's rows fill or do not.
    for (const rowsPerSelect of [1_000, 107, 7]) {
      const inParts = await withConnection(settings(), 'test', (session) =>
        readRevision(session, revision, rowsPerSelect),
      )
      expect(inParts).toEqual(read)
    }
    expect(parseGameData(shippedFiles()).revision).toBe(data.revision)
  })

  test('is loaded once', async () => {
    expect(await load('a')).toMatchObject({ isNew: true })
    expect(await load('a')).toMatchObject({ isNew: false, pruned: [] })
    expect(await names()).toEqual(['a'])
  })

  test('keeps a name for one content', async () => {
    await load('a')
    const other = { ...(await revisionOf('b')), revision: 'a' }
    await expect(loadRevision(settings(), other)).rejects.toMatchObject({ code: 'revision_taken' })
    expect(await names()).toEqual(['a'])
  })

  test.each(['', 'a b', "a'; DROP TABLE game.meta; --", 'x'.repeat(65)])('refuses the name %j', async (revision) => {
    const given = { ...(await revisionOf('a')), revision }
    await expect(loadRevision(settings(), given)).rejects.toMatchObject({ code: 'bad_revision' })
  })

  test('a revision that fails leaves nothing behind', async () => {
    await load('a')
    const bad = await revisionOf('b')
    // A spell that is not there: the database itself refuses it, in the last but a few tables.
    const tables: GameTables = { ...bad.tables, item_sets: [{ setId: 1, pieces: 2, spellId: 999_999 }] }
    await expect(loadRevision(settings(), { ...bad, tables })).rejects.toMatchObject({ code: 'database_refused' })
    const [only, ...others] = await listRevisions(settings())
    expect(only).toMatchObject({ revision: 'a', patch: 'patch a', isCurrent: true })
    expect(others).toEqual([])
    expect(await database.query("SELECT id FROM game.spells WHERE revision = 'b'")).toEqual([])
  })

  test('readers never see half of a revision', async () => {
    await load('a')
    const expected = SHIPPED.tables.spells.length
    const question =
      'SELECT c.revision, count(s.id)::text AS spells, (SELECT count(*)::text FROM game.item_sets i WHERE i.revision = c.revision) AS sets ' +
      'FROM game.current_revision c LEFT JOIN game.spells s ON s.revision = c.revision GROUP BY c.revision'
    const seen = new Set<string>()
    let isLoading = true
    const loading = (async () => {
      for (const revision of ['b', 'c', 'd']) await load(revision)
      isLoading = false
    })()
    while (isLoading) {
      const [row] = await database.query(question)
      expect(row).toMatchObject({ spells: String(expected), sets: String(SHIPPED.tables.item_sets.length) })
      seen.add(String(row?.revision))
    }
    await loading
    expect(await database.query(question)).toMatchObject([{ revision: 'd' }])
    expect([...seen].every((revision) => ['a', 'b', 'c', 'd'].includes(revision))).toBe(true)
  })

  test('imports at once take turns', async () => {
    const revisions = ['a', 'b', 'c', 'd']
    await Promise.all(revisions.map(load))
    const listed = await listRevisions(settings())
    expect(listed.filter(({ isCurrent }) => isCurrent)).toHaveLength(1)
    expect(listed.length).toBeGreaterThanOrEqual(2)
  })

  test('keeps the one before, and those of jobs that have not ended', async () => {
    await load('a')
    const { checksum } = await revisionOf('a')
    const insert = "INSERT INTO jobs (user_id, sim_config, sentinel_config, revision) VALUES ('u', '', '', $1)"
    await database.query(insert, [checksum])
    await load('b')
    await load('c')
    expect(await load('d')).toMatchObject({ pruned: ['b'] })
    expect(await listRevisions(settings())).toMatchObject([
      { revision: 'd', isCurrent: true, openJobs: 0 },
      { revision: 'c', isCurrent: false, openJobs: 0 },
      { revision: 'a', isCurrent: false, openJobs: 1 },
    ])
    expect(await pruneRevisions(settings(), 1)).toEqual(['c'])
    await database.query("UPDATE jobs SET status = 'cancelled', finished_at = now()")
    expect(await pruneRevisions(settings(), 1)).toEqual(['a'])
    expect(await database.query("SELECT id FROM game.items WHERE revision <> 'd'")).toEqual([])
  })
})

describe('reading files', () => {
  const changed = (table: string, from: string, to: string) => {
    const files = shippedFiles()
    const text = (files[table] ?? '').replace(from, to)
    expect(text).not.toBe(files[table])
    return { ...files, [table]: text }
  }

  test.each([
    ['spell_power', '102,2,200', '102,2,x', 'spell_power.csv:3: cost is "x"'],
    ['spell_power', '102,2,200', '101,2,200', 'spell_power.csv:3: spell_id, power_type 101, 2 is in line 2 already'],
    ['spell_power', '102,2,200', '99,2,200', 'spell_power.csv:3: spell_id 99 is in no row of spells.csv'],
    ['items', ',0,0,1\n', ',0,77,1\n', 'items.csv:2: weapon_curve_id 77 is in no row of curves.csv'],
    ['items', 'Kilnforged Hood', 'Kiln\0', 'items.csv:2: name holds a NUL character'],
    ['items', 'item_level', 'ilvl', 'items.csv has no column "item_level"'],
  ])('names file and line: %s, %s → %s', (table, from, to, message) => {
    expect(() => readFiles(changed(table, from, to))).toThrow(message)
  })

  test('names the file that a missing table may be in', () => {
    const { spell_power: text = '', ...others } = shippedFiles()
    expect(() => readFiles({ ...others, SpellPower: text })).toThrow(
      expect.objectContaining({ hint: 'Rename SpellPower.csv to spell_power.csv.' }),
    )
  })
})
