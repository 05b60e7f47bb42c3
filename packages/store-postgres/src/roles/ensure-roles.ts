/**
 * Separates who may change tables from who may change rows: the roles, what they own and what they are
 * granted. Everything is compared with what the database says first, so that a second run changes nothing
 * and the list of changes is the truth.
 */
import { TerraneError } from '@terrane/core'
import { arrayLiteral } from '../checkpoints/array-literal.js'
import type { Session } from '../connection/session.js'
import { type Profile, profileOf } from '../profile.js'
import { IS_OUR_TABLE, SCHEMA_RULES } from './access-rules.js'
import { type GrantKind, Grants } from './grants.js'
import { ROLES, type RoleName } from './role-names.js'
import { scramVerifier } from './scram.js'

export interface EnsureRolesOptions {
  /** Passwords to set, printable ASCII. A role without one keeps its own, or logs in by certificate. */
  readonly passwords?: Readonly<Partial<Record<RoleName, string>>>
}

const ALL_ROLES: readonly RoleName[] = [ROLES.admin, ROLES.writer, ROLES.reader]

const OUR_TABLES =
  'SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace ' +
  `WHERE ${IS_OUR_TABLE}`

/**
 * Creates the roles, makes gateway_admin the owner of Terrane's schemas and tables, and grants what
 * gateway_writer and gateway_reader need, for tables of later migrations too. Takes nothing from other
 * roles but what everybody may do: making tables in `public`, and temporary ones.
 * @param session of a superuser, in the database that the server uses
 * @returns the statements that were run, passwords left out. On PostgreSQL they are those that changed
 *   something, so none when all was in order; CockroachDB is told the default privileges each time
 * @throws TerraneError `roles_need_superuser`
 */
export async function ensureRoles(session: Session, options: EnsureRolesOptions = {}): Promise<readonly string[]> {
  const [version, database] = (await session.query('SELECT version(), current_database()')).rows[0] ?? []
  const profile = profileOf(version ?? '')
  const changes: string[] = []
  const work = async () => {
    const context: Context = { session, profile, database: database ?? '', changes }
    await requireSuperuser(session)
    for (const role of ALL_ROLES) await ensureRole(context, role, options.passwords?.[role])
    await leaveRoles(context)
    await takeOwnership(context)
    await ensureGrants(context)
    return { keep: true, result: changes }
  }
  if (!profile.transactionalDdl) return (await work()).result
  return session.transaction(work)
}

/** Those of the three roles that the server has, whichever database they were made for. */
export async function existingRoles(session: Session): Promise<readonly RoleName[]> {
  const { rows } = await session.query('SELECT rolname FROM pg_catalog.pg_roles')
  return ALL_ROLES.filter((role) => rows.some((row) => row[0] === role))
}

interface Context {
  readonly session: Session
  readonly profile: Profile
  readonly database: string
  readonly changes: string[]
}

async function change({ session, changes }: Context, statement: string, shown = statement): Promise<void> {
  await session.query(statement)
  changes.push(shown)
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** @throws TerraneError `roles_need_superuser` */
export async function requireSuperuser(session: Session): Promise<void> {
  const { rows } = await session.query(
    'SELECT current_user, rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user',
  )
  if (rows[0]?.[1] === 't') return
  const { rows: admins } = await session.query(
    "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = 'admin' AND rolsuper AND pg_has_role(current_user, rolname, 'MEMBER')",
  )
  if (admins.length > 0) return
  throw new TerraneError('roles_need_superuser', `"${rows[0]?.[0]}" may not give ownership and roles away`, {
    hint: 'Connect as a superuser: on PostgreSQL usually "postgres", on CockroachDB "root".',
  })
}

async function ensureRole(context: Context, role: RoleName, password: string | undefined): Promise<void> {
  const { roleAttributes } = context.profile.access
  const { rows } = await context.session.query(
    'SELECT rolcanlogin AND NOT (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls) ' +
      'FROM pg_catalog.pg_roles WHERE rolname = $1',
    [role],
  )
  if (rows.length === 0) await change(context, `CREATE ROLE ${role} ${roleAttributes}`)
  else if (rows[0]?.[0] !== 't') await change(context, `ALTER ROLE ${role} ${roleAttributes}`)
  if (password !== undefined) {
    await change(context, `ALTER ROLE ${role} PASSWORD '${scramVerifier(password)}'`, `ALTER ROLE ${role} PASSWORD …`)
  }
}

/** Whoever is a member of a role can do what that role may. */
async function leaveRoles(context: Context): Promise<void> {
  const { rows } = await context.session.query(
    'SELECT r.rolname, u.rolname FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles r ON r.oid = m.roleid ' +
      'JOIN pg_catalog.pg_roles u ON u.oid = m.member WHERE u.rolname = ANY($1::text[])',
    [arrayLiteral('text', [ROLES.writer, ROLES.reader])],
  )
  for (const [granted, member] of rows) await change(context, `REVOKE ${quote(granted ?? '')} FROM ${member}`)
}

async function takeOwnership(context: Context): Promise<void> {
  const { session, database } = context
  const { rows: owned } = await session.query(
    'SELECT pg_get_userbyid(datdba) FROM pg_catalog.pg_database WHERE datname = current_database()',
  )
  // The owner of a database can do anything in it.
  if ([ROLES.writer, ROLES.reader].some((role) => role === owned[0]?.[0])) {
    await change(context, `ALTER DATABASE ${quote(database)} OWNER TO ${ROLES.admin}`)
  }
  const { rows: schemas } = await session.query(
    'SELECT nspname, pg_get_userbyid(nspowner) FROM pg_catalog.pg_namespace',
  )
  const owners = new Map(schemas.map(([schema, owner]) => [schema, owner]))
  for (const { schema, mayBeForeign } of SCHEMA_RULES) {
    const owner = owners.get(schema)
    if (owner === undefined) await change(context, `CREATE SCHEMA ${schema} AUTHORIZATION ${ROLES.admin}`)
    else if (owner === ROLES.admin || mayBeForeign === true) continue
    else if (schema === 'public') await takePublic(context)
    else await change(context, `ALTER SCHEMA ${schema} OWNER TO ${ROLES.admin}`)
  }
  const { rows: tables } = await session.query(
    `${OUR_TABLES} AND n.nspname <> 'auth' AND pg_get_userbyid(c.relowner) <> $1`,
    [ROLES.admin],
  )
  for (const [schema, table] of tables) {
    await change(context, `ALTER TABLE ${schema}.${quote(table ?? '')} OWNER TO ${ROLES.admin}`)
  }
}

async function takePublic(context: Context): Promise<void> {
  const grants = await Grants.read(context.session, context.profile)
  if (grants.of('schema', 'public', ROLES.admin).includes('ALL')) return
  await change(context, context.profile.access.takePublic(ROLES.admin))
}

async function ensureGrants(context: Context): Promise<void> {
  const { session, profile, database } = context
  const grants = await Grants.read(session, profile)
  const { rows: tables } = await session.query(`${OUR_TABLES} ORDER BY 1, 2`)
  const set = async (kind: GrantKind, object: string, sqlName: string, role: RoleName, wanted: readonly string[]) => {
    const on = `${kind.toUpperCase()} ${sqlName}`
    const missing = grants.missing(kind, object, role, wanted)
    if (missing.length > 0) await change(context, `GRANT ${missing.join(', ')} ON ${on} TO ${role}`)
    // What was granted by hand, TRUNCATE for one.
    const excess = grants.excess(kind, object, role, wanted)
    if (excess.length > 0) await change(context, `REVOKE ${excess.join(', ')} ON ${on} FROM ${role}`)
  }

  for (const { kind, privilege } of profile.access.publicPrivileges) {
    const object = kind === 'database' ? database : 'public'
    if (!grants.of(kind, object, 'public').includes(privilege)) continue
    await change(context, `REVOKE ${privilege} ON ${kind.toUpperCase()} ${quote(object)} FROM PUBLIC`)
  }
  // To make the schemas: PostgreSQL asks for CREATE even where they exist.
  const missing = grants.missing('database', database, ROLES.admin, ['CONNECT', 'CREATE'])
  if (missing.length > 0) {
    await change(context, `GRANT ${missing.join(', ')} ON DATABASE ${quote(database)} TO ${ROLES.admin}`)
  }
  for (const side of ['writer', 'reader'] as const) {
    const role = ROLES[side]
    await set('database', database, quote(database), role, ['CONNECT'])
    for (const rule of SCHEMA_RULES) {
      await set('schema', rule.schema, rule.schema, role, ['USAGE'])
      const future = grants.missing('default', rule.schema, role, rule[side])
      if (future.length > 0) {
        const ofWhom = `ALTER DEFAULT PRIVILEGES FOR ROLE ${ROLES.admin} IN SCHEMA ${rule.schema}`
        await change(context, `${ofWhom} GRANT ${future.join(', ')} ON TABLES TO ${role}`)
      }
      for (const [schema, table] of tables) {
        if (schema !== rule.schema) continue
        await set('table', `${schema}.${table}`, `${schema}.${quote(table ?? '')}`, role, rule[side])
      }
    }
  }
}
