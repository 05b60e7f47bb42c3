import { type AnyWorld, defineWorld, kind } from '@terrane/engine'
import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  doublePrecision,
  foreignKey,
  index,
  integer,
  json,
  jsonb,
  type PgTable,
  pgSchema,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { describeRecorded } from '../dialect/recorded-suite.js'
import type { ProfileName } from '../profile.js'
import { createTestDatabase, type TestDatabase } from '../test-server/test-database.js'
import { ENGINE_MIGRATIONS } from './engine-migrations.js'
import { type MigrationSettings, migrate } from './migrator.js'
import { worldTables } from './world-tables.js'

const worldOf = (tables: Record<string, PgTable>, name = 'tested'): AnyWorld =>
  defineWorld({ name, kinds: Object.fromEntries(Object.entries(tables).map(([key, table]) => [key, kind(table)])) })

const ships = () => pgTable('ships', { id: text('id').primaryKey(), speed: integer('speed') })

describe('migrations, profile postgres', () => migrationTests('postgres'))
describeRecorded('migrations, profile cockroach', () => migrationTests('cockroach'))

function migrationTests(profile: ProfileName): void {
  let database: TestDatabase
  let settings: MigrationSettings
  let log: string[]

  beforeAll(async () => {
    database = await createTestDatabase()
    settings = { url: database.url, profile }
  })

  beforeEach(() => {
    log = []
  })

  afterEach(() => database.clear())

  afterAll(() => database.drop())

  const run = (world?: AnyWorld, options: { allowDestructive?: boolean } = {}) =>
    migrate(settings, world, options, (line) => log.push(line))

  const columns = async (table: string) =>
    (
      await database.query(
        `SELECT column_name, data_type, is_nullable, column_default FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name = $1 ORDER BY ordinal_position`,
        [table],
      )
    ).map((row) => Object.values(row).join(' ').trim())

  const keys = async (table: string) =>
    (
      await database.query(
        `SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
         WHERE i.indrelid = $1::regclass AND i.indisprimary ORDER BY array_position(i.indkey, a.attnum)`,
        [table],
      )
    ).map((row) => row.attname)

  test("the engine's own tables are made once, and then left alone", async () => {
    await run()
    await run()
    expect(log.filter((line) => line.startsWith('migration 1'))).toHaveLength(1)
    const versions = await database.query('SELECT version::int FROM terrane.migrations ORDER BY version')
    expect(versions).toEqual(ENGINE_MIGRATIONS.map(({ version }) => ({ version })))
  })

  test('processes that start together take turns', async () => {
    const world = worldOf({ ships: ships() })
    await Promise.all([run(world), run(world), run(world), run(world)])
    expect(log.filter((line) => line.includes('CREATE TABLE "ships"'))).toHaveLength(1)
  })

  test('a database of a newer Terrane is refused', async () => {
    await run()
    await database.query("INSERT INTO terrane.migrations (version, name, terrane_version) VALUES (99, 'x', '9.0.0')")
    await expect(run()).rejects.toMatchObject({ code: 'newer_data', hint: expect.stringContaining('newer Terrane') })
  })

  test("a kind's table starts with the zone, which leads its primary key", async () => {
    await run(worldOf({ ships: ships() }))
    expect(await columns('ships')).toEqual(['terrane_zone text NO', 'id text NO', 'speed integer YES'])
    expect(await keys('ships')).toEqual(['terrane_zone', 'id'])
  })

  test('an unchanged world changes nothing, and does not load drizzle-kit', async () => {
    await run(worldOf({ ships: ships() }))
    log.length = 0
    await run(worldOf({ ships: ships() }))
    expect(log).toEqual([])
  })

  test('columns, tables and indexes are added', async () => {
    await run(worldOf({ ships: ships() }))
    await database.query("INSERT INTO ships VALUES ('main', 'a', 1)")
    const more = pgTable(
      'ships',
      {
        id: text('id').primaryKey(),
        speed: integer('speed').default(7),
        hull: integer('hull').notNull().default(100),
        name: varchar('name', { length: 10 }),
      },
      (table) => [index('ships_speed').on(table.speed.desc()).where(sql`${table.speed} > 3`)],
    )
    const ports = pgTable('ports', { number: integer('number').primaryKey() })
    await run(worldOf({ ships: more, ports }))
    expect(await columns('ships')).toEqual([
      'terrane_zone text NO',
      'id text NO',
      'speed integer YES 7',
      'hull integer NO 100',
      'name character varying YES',
    ])
    expect(await database.query('SELECT hull FROM ships')).toEqual([{ hull: 100 }])
    expect(await keys('ports')).toEqual(['terrane_zone', 'number'])
    expect(await database.query("SELECT indexname FROM pg_indexes WHERE indexname = 'ships_speed'")).toHaveLength(1)
  })

  test('types may widen', async () => {
    const of = (speed: ReturnType<typeof real> | ReturnType<typeof bigint>, name: ReturnType<typeof text>) =>
      worldOf({ ships: pgTable('ships', { id: text('id').primaryKey(), speed: speed as never, name: name as never }) })
    await run(of(integer('speed') as never, varchar('name', { length: 5 }) as never))
    await run(of(bigint('speed', { mode: 'number' }) as never, text('name')))
    expect(await columns('ships')).toContain('speed bigint YES')
    expect(await columns('ships')).toContain('name text YES')
  })

  test('a new column without a value for existing rows is refused, and nothing is half done', async () => {
    await run(worldOf({ ships: ships() }))
    await database.query("INSERT INTO ships VALUES ('main', 'a', 1)")
    const strict = pgTable('ships', {
      id: text('id').primaryKey(),
      speed: integer('speed'),
      hull: integer('hull').notNull(),
    })
    await expect(run(worldOf({ ships: strict }))).rejects.toMatchObject({ code: 'unfillable_column' })
    const lenient = pgTable('ships', { id: text('id').primaryKey(), speed: integer('speed'), hull: integer('hull') })
    await run(worldOf({ ships: lenient }))
    expect(await columns('ships')).toContain('hull integer YES')
  })

  test('rows that become the players’ own must be in persona zones, and no longer when they are not', async () => {
    const own = (isPlaced: boolean) =>
      defineWorld({
        name: 'tested',
        zones: { persona: { count: 1 } },
        kinds: { ships: kind(ships(), isPlaced ? { placed: { by: 'player', column: 'id' } } : {}) },
      })
    const insert = (zone: string, id: string) =>
      database.query('INSERT INTO ships (terrane_zone, id) VALUES ($1, $2)', [zone, id])
    await run(own(false))
    await insert('main', 'ann')
    await expect(run(own(true))).rejects.toMatchObject({ code: 'rows_elsewhere' })
    await database.query("UPDATE ships SET terrane_zone = 'persona-1'")
    await run(own(true))
    await expect(insert('main', 'bob')).rejects.toMatchObject({ code: '23514' })
    await insert('persona-1', 'bob')
    await run(own(false))
    await insert('main', 'cid')
  })

  test.each<[string, () => PgTable, string]>([
    ['dropped column', () => pgTable('ships', { id: text('id').primaryKey() }), 'DROP COLUMN "speed"'],
    [
      'renamed column',
      () => pgTable('ships', { id: text('id').primaryKey(), velocity: integer('velocity') }),
      'DROP COLUMN "speed"',
    ],
    [
      'renamed table',
      () => pgTable('vessels', { id: text('id').primaryKey(), speed: integer('speed') }),
      'DROP TABLE "ships"',
    ],
    [
      'narrowed type',
      () => pgTable('ships', { id: text('id').primaryKey(), speed: text('speed') }),
      'SET DATA TYPE text',
    ],
    [
      'other key',
      () => pgTable('ships', { name: text('name').primaryKey(), speed: integer('speed') }),
      'DROP TABLE "ships"',
    ],
    [
      'other type of key',
      () => pgTable('ships', { id: integer('id').primaryKey(), speed: integer('speed') }),
      'DROP TABLE',
    ],
  ])('a %s is refused with its statement, without a prompt, unless allowed', async (_, table, statement) => {
    const before = pgTable('ships', { id: text('id').primaryKey(), speed: integer('speed') }, (t) => [
      index('by_speed').on(t.speed),
    ])
    await run(worldOf({ ships: before }))
    await database.query("INSERT INTO ships VALUES ('main', 'a', 1)")
    const error = await run(worldOf({ ships: table() })).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'destructive_migration', message: expect.stringContaining(statement) })
    expect(await columns('ships')).toEqual(['terrane_zone text NO', 'id text NO', 'speed integer YES'])
    await run(worldOf({ ships: table() }), { allowDestructive: true })
    log.length = 0
    await run(worldOf({ ships: table() }))
    expect(log).toEqual([])
  })

  test('every type that a column may have, and every change of one that loses nothing', async () => {
    const columnsOf = (changed: boolean) => ({
      id: uuid('id').primaryKey(),
      small: smallint('small').default(changed ? 2 : 1),
      whole: changed ? integer('whole').notNull() : integer('whole'),
      large: bigint('large', { mode: 'number' }).notNull().default(5),
      single: real('single').default(0.5),
      double: changed ? doublePrecision('double') : doublePrecision('double').default(0.5),
      name: varchar('name', { length: 20 }).default("it's"),
      note: changed ? text('note') : text('note').notNull(),
      alive: boolean('alive').default(true),
      data: jsonb('data').default({ a: [1] }),
      raw: json('raw').default([]),
      token: uuid('token').defaultRandom(),
      seen: timestamp('seen', { withTimezone: true }).defaultNow(),
      born: timestamp('born', { precision: 3 }),
    })
    const indexed = (changed: boolean) =>
      pgTable('typed', columnsOf(changed), (t) =>
        changed ? [index('typed_by').on(t.whole.asc().nullsFirst(), t.name.desc()).where(sql`${t.large} >= 5`)] : [],
      )
    await run(worldOf({ typed: indexed(false) }))
    await run(worldOf({ typed: indexed(true) }))
    expect(await columns('typed')).toEqual([
      'terrane_zone text NO',
      'id uuid NO',
      'small smallint YES 2',
      'whole integer NO',
      'large bigint NO 5',
      'single real YES 0.5',
      'double double precision YES',
      "name character varying YES 'it''s'::character varying",
      'note text YES',
      'alive boolean YES true',
      `data jsonb YES '{"a": [1]}'::jsonb`,
      "raw json YES '[]'::json",
      'token uuid YES gen_random_uuid()',
      'seen timestamp with time zone YES now()',
      'born timestamp without time zone YES',
    ])
  })

  test('an interrupted migration is taken up again', async () => {
    await run(worldOf({ ships: ships() }))
    // The next migration makes two tables, then an index whose name is taken, which stops it half-way.
    await database.query('CREATE TABLE ports_hidden (x int)')
    const ports = pgTable('ports', { id: text('id').primaryKey() })
    const docks = pgTable('docks', { id: text('id').primaryKey() }, (t) => [index('ports_hidden').on(t.id)])
    await expect(run(worldOf({ ships: ships(), ports, docks }))).rejects.toMatchObject({ code: 'database_refused' })
    await database.query('DROP TABLE ports_hidden')
    await run(worldOf({ ships: ships(), ports, docks }))
    expect(await keys('ports')).toEqual(['terrane_zone', 'id'])
    expect(await keys('docks')).toEqual(['terrane_zone', 'id'])
    expect(await database.query("SELECT indexname FROM pg_indexes WHERE indexname = 'ports_hidden'")).toHaveLength(1)
  })

  test('a second world in one database is refused', async () => {
    await run(worldOf({ ships: ships() }, 'first'))
    await expect(
      run(worldOf({ boats: pgTable('boats', { id: text('id').primaryKey() }) }, 'second')),
    ).rejects.toMatchObject({
      code: 'other_world',
      message: expect.stringContaining('"first"'),
    })
  })

  test('a table that somebody else made is not taken over', async () => {
    await database.query('CREATE TABLE ships (mine int)')
    await expect(run(worldOf({ ships: ships() }))).rejects.toMatchObject({ code: 'table_exists' })
    expect(await columns('ships')).toEqual(['mine integer YES'])
  })

  test("a user called like the engine's schema gets its tables in public all the same", async () => {
    await database.query('CREATE SCHEMA IF NOT EXISTS terrane')
    await run(worldOf({ ships: ships() }))
    expect(await columns('ships')).toHaveLength(3)
  })

  test('a migration that waits for its turn goes on when the process before it dies', async () => {
    await run()
    await database.query('BEGIN')
    await database.query('DELETE FROM terrane.migration_lock')
    const waiting = run(worldOf({ ships: ships() }))
    const blocked = async () => {
      // Within a transaction the view below stays as it was at the first look.
      await database.query('SELECT pg_stat_clear_snapshot()')
      return database.query(
        "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
      )
    }
    await expect.poll(blocked, { interval: 10, timeout: 5_000 }).toHaveLength(1)
    await database.query('ROLLBACK')
    await waiting
    expect(await columns('ships')).toHaveLength(3)
    expect(await database.query('SELECT id::int FROM terrane.migration_lock')).toEqual([{ id: 1 }])
  })
}

describe('tables that cannot be kinds', () => {
  const other = pgTable('other', { id: text('id').primaryKey() })
  const id = () => text('id').primaryKey()
  test.each<[string, PgTable, RegExp]>([
    ['foreign key', pgTable('t', { id: id(), o: text('o').references(() => other.id) }), /foreign key/],
    [
      'foreign key of the table',
      pgTable('t', { id: id(), o: text('o') }, (t) => [foreignKey({ columns: [t.o], foreignColumns: [other.id] })]),
      /foreign key/,
    ],
    ['unique column', pgTable('t', { id: id(), o: text('o').unique() }), /unique/],
    ['unique constraint', pgTable('t', { id: id(), o: text('o') }, (t) => [unique().on(t.o)]), /unique/],
    ['unique index', pgTable('t', { id: id(), o: text('o') }, (t) => [uniqueIndex('x').on(t.o)]), /unique/],
    ['check', pgTable('t', { id: id(), o: integer('o') }, (t) => [check('c', sql`${t.o} > 0`)]), /check/],
    [
      'composite key',
      pgTable('t', { id: id(), o: text('o') }, (t) => [primaryKey({ columns: [t.id, t.o] })]),
      /composite/,
    ],
    ['schema', pgSchema('game').table('t', { id: id() }), /schema "game"/],
    ['reserved column', pgTable('t', { id: id(), zone: text('terrane_zone') }), /reserved/],
    ['generated column', pgTable('t', { id: id(), o: integer('o').generatedAlwaysAs(sql`1`) }), /generated/],
    ['name with a quote', pgTable('t"', { id: id() }), /not usable/],
    ['name too long', pgTable('t', { id: id(), o: text('o'.repeat(64)) }), /not usable/],
  ])('%s is refused with a reason', (_, table, message) => {
    expect(() => worldTables(worldOf({ t: table }))).toThrow(message)
  })
})
