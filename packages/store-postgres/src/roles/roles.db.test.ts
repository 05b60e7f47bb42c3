import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineWorld, kind, TransientStoreError, UncertainStoreError } from '@terrane/engine'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { withUser } from '../connection/database-url.js'
import { withConnection } from '../connection/one-connection.js'
import { type EmbeddedPostgres, startEmbedded } from '../embedded/embedded.js'
import { GameReader } from '../game/game-reader.js'
import { type OpenedStore, openPostgresStore } from '../open.js'
import { PostgresStore } from '../postgres-store.js'
import { type EnsureRolesOptions, ensureRoles } from './ensure-roles.js'
import { ROLES, type RoleName } from './role-names.js'
import { scramVerifier } from './scram.js'

// Roles belong to a whole server, so these tests have one of their own.
let home: string
let server: EmbeddedPostgres

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'terrane-roles-'))
  server = await startEmbedded({ dataDir: home })
})

afterAll(async () => {
  await server.stop('immediate')
  await rm(home, { recursive: true, force: true })
})

const newPassword = () => randomBytes(24).toString('base64url')

const PASSWORDS: Record<RoleName, string> = {
  [ROLES.admin]: newPassword(),
  [ROLES.writer]: newPassword(),
  [ROLES.reader]: newPassword(),
}

const ships = (more = {}) => pgTable('Ships', { id: text('id').primaryKey(), speed: integer('speed'), ...more })
const worldOf = (table = ships()) => defineWorld({ name: 'tested', kinds: { ships: kind(table) } })

/** A database of its own, and ways into it. */
class RolesDatabase {
  readonly #url: string

  private constructor(url: string) {
    this.#url = url
  }

  static async create(name: string): Promise<RolesDatabase> {
    const url = new URL(superuserUrl())
    await run(url.href, `CREATE DATABASE ${name}`)
    url.pathname = `/${name}`
    return new RolesDatabase(url.href)
  }

  get superuser(): string {
    return this.#url
  }

  as(role: RoleName): string {
    return withUser(this.#url, role, PASSWORDS[role])
  }

  ensureRoles(options: EnsureRolesOptions = { passwords: PASSWORDS }): Promise<readonly string[]> {
    return withConnection({ url: this.#url }, 'test', (session) => ensureRoles(session, options))
  }

  query(sql: string): Promise<unknown[]> {
    return run(this.#url, sql)
  }
}

function superuserUrl(): string {
  return server.superuserUrl
}

async function run(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows as unknown[]
  } finally {
    await client.end()
  }
}

async function opened<T>(options: Parameters<typeof openPostgresStore>[0], work: (store: OpenedStore) => Promise<T>) {
  const store = await openPostgresStore(options)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

test("a password's verifier is the one that RFC 7677 works out", () => {
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')
  expect(scramVerifier('pencil', salt)).toBe(
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  )
})

describe('an empty database', () => {
  let database: RolesDatabase

  beforeAll(async () => {
    database = await RolesDatabase.create('empty')
  })

  test('the roles are made once; a second time nothing changes', async () => {
    const first = await database.ensureRoles()
    expect(first).toEqual(expect.arrayContaining([expect.stringMatching(/TEMPORARY ON DATABASE "empty" FROM PUBLIC/)]))
    for (const password of Object.values(PASSWORDS)) expect(first.join('\n')).not.toContain(password)
    expect(await database.ensureRoles({})).toEqual([])
  })

  test('the writer cannot migrate, and is told who can', async () => {
    await opened({ url: database.as(ROLES.writer) }, async (store) => {
      await store.checkRole()
      const error = await store.migrate(worldOf()).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({
        code: 'migration_needs_admin',
        message: expect.stringContaining('"gateway_writer" may not change them'),
        hint: expect.stringMatching(/DATABASE_ADMIN_URL=postgres:\/\/gateway_admin:PASSWORD@/),
      })
      expect(String(error)).not.toContain(PASSWORDS[ROLES.writer])
    })
  })

  test('the admin migrates, then the writer works, with tables of later migrations too', async () => {
    const options = { url: database.as(ROLES.writer), migrationUrl: database.as(ROLES.admin) }
    await opened(options, async (store) => {
      await store.migrate(worldOf())
      await store.checkRole()
      expect(await store.store.log.append([{ zone: 'z', seq: 1, epoch: 1, payload: new Uint8Array(3) }])).toEqual([
        'committed',
      ])
    })
    await opened(options, async (store) => {
      await store.migrate(worldOf(ships({ hull: integer('hull') })))
      await store.checkRole()
    })
    await run(database.as(ROLES.admin), 'CREATE TABLE terrane.later (x int8 PRIMARY KEY)')
    await run(database.as(ROLES.writer), 'INSERT INTO terrane.later VALUES (1)')
    expect(await run(database.as(ROLES.reader), 'SELECT x::int FROM terrane.later')).toEqual([{ x: 1 }])
    await run(database.as(ROLES.admin), 'DROP TABLE terrane.later')
    expect(await database.ensureRoles({})).toEqual([])
  })

  test('game data: the admin loads it, the writer and the reader read it and can do no more', async () => {
    const insert = "INSERT INTO game.meta (revision, patch, checksum) VALUES ('x', '', '')"
    const statements = [
      insert,
      "UPDATE game.meta SET patch = 'y'",
      'DELETE FROM game.meta',
      'TRUNCATE game.spells',
      'DROP TABLE game.spells',
    ]
    await run(database.as(ROLES.admin), insert)
    for (const role of [ROLES.writer, ROLES.reader]) {
      expect(await run(database.as(role), 'SELECT revision FROM game.meta')).toEqual([{ revision: 'x' }])
      for (const statement of statements) {
        await expect(run(database.as(role), statement), `${role}: ${statement}`).rejects.toMatchObject({
          code: '42501',
        })
      }
    }
    const reader = new GameReader({ url: database.as(ROLES.reader) })
    expect(await reader.current()).toBe(undefined)
    await reader.close()
    await run(database.as(ROLES.admin), 'DELETE FROM game.meta')
  })

  test('with nothing to migrate nobody asks for the admin', async () => {
    const migrationUrl = withUser(database.as(ROLES.admin), ROLES.admin, 'wrong')
    await opened({ url: database.as(ROLES.writer), migrationUrl }, (store) =>
      store.migrate(worldOf(ships({ hull: integer('hull') }))),
    )
  })

  test('a password that is changed under a running server is waited for, and takes nothing down', async () => {
    await opened({ url: database.as(ROLES.writer) }, async ({ store }) => {
      await store.log.headOf('z')
      await database.ensureRoles({ passwords: { [ROLES.writer]: newPassword() } })
      await database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${ROLES.writer}'`)
      const append = () => store.log.append([{ zone: 'z', seq: 2, epoch: 1, payload: new Uint8Array(3) }])
      const error = await append().catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(TransientStoreError)
      expect(error).not.toBeInstanceOf(UncertainStoreError)
      expect(error).toMatchObject({ message: expect.stringContaining('password authentication failed') })
      await database.ensureRoles({ passwords: { [ROLES.writer]: PASSWORDS[ROLES.writer] } })
      expect(await append()).toEqual(['committed'])
    })
  })

  test('no connection of the admin stays', async () => {
    expect(await database.query(`SELECT 1 FROM pg_stat_activity WHERE usename = '${ROLES.admin}'`)).toEqual([])
  })
})

describe('what is refused', () => {
  let database: RolesDatabase

  beforeAll(async () => {
    database = await RolesDatabase.create('attacked')
    await database.ensureRoles()
    const options = { url: database.as(ROLES.writer), migrationUrl: database.as(ROLES.admin) }
    await opened(options, (store) => store.migrate(worldOf()))
    await database.query("INSERT INTO terrane.commit_log (zone_id, seq, epoch, payload) VALUES ('main', 1, 1, 'x')")
  })

  const ATTACKS = [
    'CREATE TABLE public.mine (x int)',
    'CREATE TABLE terrane.mine (x int)',
    'CREATE TEMPORARY TABLE commit_log (x int)',
    'CREATE SCHEMA mine',
    'CREATE DATABASE mine',
    'CREATE ROLE mine SUPERUSER',
    "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    'CREATE TRIGGER t BEFORE INSERT ON terrane.commit_log FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
    'CREATE INDEX i ON terrane.commit_log (epoch)',
    'CREATE EXTENSION hstore',
    'ALTER TABLE terrane.commit_log ADD COLUMN mine int',
    'ALTER TABLE public."Ships" DISABLE TRIGGER ALL',
    'ALTER TABLE terrane.commit_log OWNER TO gateway_writer',
    'ALTER ROLE gateway_writer SUPERUSER',
    "ALTER ROLE gateway_admin PASSWORD 'mine'",
    "ALTER SYSTEM SET ssl = 'off'",
    'ALTER DEFAULT PRIVILEGES FOR ROLE gateway_admin GRANT ALL ON TABLES TO gateway_writer',
    'DROP TABLE terrane.commit_log',
    'DROP SCHEMA terrane CASCADE',
    'DROP DATABASE attacked',
    'TRUNCATE terrane.commit_log',
    'TRUNCATE public."Ships"',
    "COPY terrane.commit_log FROM PROGRAM 'id'",
    "COPY terrane.commit_log TO '/tmp/mine'",
    "SELECT pg_read_file('/etc/passwd')",
    'SELECT rolpassword FROM pg_authid',
    'SET ROLE gateway_admin',
    'SET SESSION AUTHORIZATION gateway_admin',
    'GRANT gateway_admin TO gateway_writer',
    // PostgreSQL only warns of a grant that grants nothing.
    'GRANT TRUNCATE ON terrane.commit_log TO gateway_writer; TRUNCATE terrane.commit_log',
    'SET session_replication_role = replica',
  ]

  test.each(ATTACKS)('of the writer: %s', async (sql) => {
    await expect(run(database.as(ROLES.writer), sql)).rejects.toMatchObject({ code: '42501' })
  })

  test.each([
    "INSERT INTO terrane.zones (zone_id, epoch) VALUES ('mine', 1)",
    'UPDATE terrane.zones SET epoch = 9',
    'DELETE FROM terrane.commit_log',
    'DELETE FROM public."Ships"',
    'TRUNCATE terrane.commit_log',
    'CREATE TABLE public.mine (x int)',
    'SELECT * FROM terrane.commit_log FOR UPDATE',
    'SET ROLE gateway_writer',
  ])('of the reader: %s', async (sql) => {
    await expect(run(database.as(ROLES.reader), sql)).rejects.toMatchObject({ code: '42501' })
  })

  test('the reader reads, the writer changes rows: what is refused above is not refused for another reason', async () => {
    expect(await run(database.as(ROLES.reader), 'SELECT seq::int FROM terrane.commit_log')).toEqual([{ seq: 1 }])
    await run(database.as(ROLES.writer), 'UPDATE terrane.commit_log SET epoch = 1')
    await run(database.as(ROLES.writer), "INSERT INTO public.\"Ships\" (terrane_zone, id) VALUES ('main', 'a')")
    await run(database.as(ROLES.writer), 'DELETE FROM public."Ships"')
  })

  test('the admin alters, and is not a superuser', async () => {
    await run(database.as(ROLES.admin), 'ALTER TABLE public."Ships" ADD COLUMN x int')
    await run(database.as(ROLES.admin), 'ALTER TABLE public."Ships" DROP COLUMN x')
    await expect(run(database.as(ROLES.admin), 'CREATE ROLE mine')).rejects.toMatchObject({ code: '42501' })
    await expect(run(database.as(ROLES.admin), "COPY terrane.zones FROM PROGRAM 'id'")).rejects.toMatchObject({
      code: '42501',
    })
  })
})

describe('the check of a role', () => {
  let database: RolesDatabase

  beforeAll(async () => {
    database = await RolesDatabase.create('checked')
    await database.ensureRoles()
    const options = { url: database.as(ROLES.writer), migrationUrl: database.as(ROLES.admin) }
    await opened(options, (store) => store.migrate(worldOf()))
  })

  beforeEach(async () => {
    await database.ensureRoles({})
    await check(ROLES.writer)
  })

  const check = async (role: RoleName) => {
    const store = new PostgresStore({ url: database.as(role) })
    try {
      await store.checkRole()
    } finally {
      await store.close()
    }
  }

  test('a superuser is refused', async () => {
    const store = new PostgresStore({ url: database.superuser })
    await expect(store.checkRole()).rejects.toMatchObject({
      code: 'role_too_strong',
      message: expect.stringContaining('it is a superuser'),
      hint: expect.stringContaining('npx terrane db roles'),
    })
    await store.close()
  })

  test('the admin is refused, with what it may do', async () => {
    await expect(check(ROLES.admin)).rejects.toMatchObject({
      code: 'role_too_strong',
      message: expect.stringMatching(/owns the schema terrane.*create in the schema public.*owns the table/s),
    })
  })

  test.each([
    ['GRANT TRUNCATE ON terrane.commit_log TO gateway_writer', 'it may truncate the table terrane.commit_log'],
    ['GRANT CREATE ON SCHEMA public TO PUBLIC', 'it may create in the schema public'],
    ['GRANT TEMPORARY ON DATABASE checked TO PUBLIC', 'it may create temporary tables'],
    ['ALTER TABLE terrane.zones OWNER TO gateway_writer', 'it owns the table terrane.zones'],
    ['ALTER DATABASE checked OWNER TO gateway_writer', 'it owns the database checked'],
    ['GRANT gateway_admin TO gateway_writer WITH INHERIT FALSE, SET TRUE', 'it may become gateway_admin'],
    ['GRANT pg_execute_server_program TO gateway_writer', 'it may become pg_execute_server_program'],
    ['ALTER ROLE gateway_writer CREATEROLE', 'it may create roles'],
  ])('a writer after %s is refused, and mended by the command', async (sql, why) => {
    await database.query(sql)
    await expect(check(ROLES.writer)).rejects.toMatchObject({
      code: 'role_too_strong',
      message: expect.stringContaining(why),
    })
    expect(await database.ensureRoles({})).not.toEqual([])
    await check(ROLES.writer)
    expect(await database.ensureRoles({})).toEqual([])
  })

  test('a writer without a grant is refused, with the statement that mends it', async () => {
    await database.query('REVOKE INSERT, DELETE ON terrane.streams FROM gateway_writer')
    await database.query('REVOKE UPDATE ON public."Ships" FROM gateway_writer')
    const error = (await check(ROLES.writer).catch((thrown: unknown) => thrown)) as { hint: string }
    expect(error).toMatchObject({
      code: 'role_lacks_privileges',
      message: expect.stringMatching(/public\.Ships \(UPDATE\).*terrane\.streams/),
    })
    for (const statement of error.hint.match(/GRANT.*(?=;)/g) ?? []) await run(database.as(ROLES.admin), statement)
    await check(ROLES.writer)
  })

  test('a schema that may not be used is named', async () => {
    await database.query('REVOKE USAGE ON SCHEMA terrane FROM gateway_writer')
    await expect(check(ROLES.writer)).rejects.toMatchObject({
      code: 'role_lacks_privileges',
      hint: expect.stringContaining('GRANT USAGE ON SCHEMA terrane TO "gateway_writer"'),
    })
  })
})

describe('a database that a superuser made', () => {
  test("Terrane's tables change hands, others' do not", async () => {
    const database = await RolesDatabase.create('older')
    await opened({ url: database.superuser }, (store) => store.migrate(worldOf()))
    await database.query('CREATE TABLE public.theirs (x int)')
    await database.ensureRoles()
    const owners = await database.query(
      "SELECT DISTINCT schemaname, tablename = 'theirs' AS theirs, tableowner FROM pg_tables WHERE schemaname IN ('terrane', 'public') ORDER BY 1, 2",
    )
    expect(owners).toEqual([
      { schemaname: 'public', theirs: false, tableowner: ROLES.admin },
      { schemaname: 'public', theirs: true, tableowner: 'terrane' },
      { schemaname: 'terrane', theirs: false, tableowner: ROLES.admin },
    ])
    await expect(run(database.as(ROLES.writer), 'SELECT * FROM public.theirs')).rejects.toMatchObject({ code: '42501' })
    await opened({ url: database.as(ROLES.writer), migrationUrl: database.as(ROLES.admin) }, async (store) => {
      await store.checkRole()
      await store.migrate(worldOf(ships({ hull: integer('hull') })))
      await store.checkRole()
    })
    expect(await database.ensureRoles({})).toEqual([])
  })

  test('only a superuser can make roles', async () => {
    const database = await RolesDatabase.create('refused')
    await database.ensureRoles()
    await expect(
      withConnection({ url: database.as(ROLES.admin) }, 'test', (session) => ensureRoles(session)),
    ).rejects.toMatchObject({ code: 'roles_need_superuser' })
  })
})
