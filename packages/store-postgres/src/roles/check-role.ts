import { TerraneError } from '@terrane/core'
import type { Session } from '../connection/session.js'
import { profileOf } from '../profile.js'
import { IS_OUR_TABLE, SCHEMA_RULES } from './access-rules.js'
import { ROLES } from './role-names.js'

/** Of a list in a message. */
const NAMED_MAX = 12

const SET_UP = 'npx terrane db roles --url <URL of a superuser>'

/**
 * Refuses a role that could do more than change rows, and one that could not change them all: whoever
 * breaks into a server, or finds its password, must not be able to alter, drop or empty tables, and a
 * grant that is missing shows now instead of at the first checkpoint.
 * @param session of the role that the server runs as
 * @throws TerraneError `role_too_strong`, `role_lacks_privileges`
 */
export async function checkRole(session: Session): Promise<void> {
  const [version, user] = (await session.query('SELECT version(), current_user')).rows[0] ?? []
  const { access } = profileOf(version ?? '')
  const excess = (await session.query(access.excess)).rows.map((row) => row[0] ?? '')
  if (excess.length > 0) {
    throw new TerraneError('role_too_strong', `a server must not run as "${user}": ${listed(excess)}`, {
      hint:
        `make the roles once with: ${SET_UP}\nthen let the server log in as ${ROLES.writer} (DATABASE_URL); ` +
        `migrations run as ${ROLES.admin} (DATABASE_ADMIN_URL)`,
    })
  }
  const missing = await missingGrants(session, user ?? '')
  if (missing.length > 0) {
    throw new TerraneError(
      'role_lacks_privileges',
      `"${user}" may not use what a server needs: ${listed(missing.map(({ what }) => what))}`,
      {
        hint: `run as ${ROLES.admin} or a superuser:\n${listed(
          missing.map(({ grant }) => `${grant};`),
          '\n',
        )}\nor all at once: ${SET_UP}`,
      },
    )
  }
}

interface MissingGrant {
  readonly what: string
  readonly grant: string
}

async function missingGrants(session: Session, user: string): Promise<readonly MissingGrant[]> {
  const role = quote(user)
  const names = SCHEMA_RULES.map(({ schema }) => `'${schema}'`).join(', ')
  const { rows: schemas } = await session.query(
    `SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE n.nspname IN (${names}) AND NOT has_schema_privilege(n.nspname, 'USAGE')`,
  )
  const wanted = SCHEMA_RULES.flatMap(({ schema, writer }) =>
    writer.map((privilege) => `('${schema}', '${privilege}')`),
  )
  const { rows: tables } = await session.query(
    "SELECT n.nspname, c.relname, string_agg(p.privilege, ', ') FROM pg_catalog.pg_class c " +
      'JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace ' +
      `JOIN (VALUES ${wanted.join(', ')}) AS p (nspname, privilege) ON p.nspname = n.nspname ` +
      `WHERE ${IS_OUR_TABLE} AND NOT has_table_privilege(c.oid, p.privilege) GROUP BY 1, 2 ORDER BY 1, 2`,
  )
  return [
    ...schemas.map(([schema]) => ({
      what: `schema ${schema}`,
      grant: `GRANT USAGE ON SCHEMA ${schema} TO ${role}`,
    })),
    ...tables.map(([schema, table, privileges]) => ({
      what: `table ${schema}.${table} (${privileges})`,
      grant: `GRANT ${privileges} ON TABLE ${schema}.${quote(table ?? '')} TO ${role}`,
    })),
  ]
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function listed(items: readonly string[], separator = ', '): string {
  const more = items.length - NAMED_MAX
  return [...items.slice(0, NAMED_MAX), ...(more > 0 ? [`… and ${more} more`] : [])].join(separator)
}
