import { IS_OUR_TABLE, SCHEMA_RULES } from './access-rules.js'
import { ROLES } from './role-names.js'

/** How the databases tell, and say, who may do what. */
export interface AccessProfile {
  /** What CREATE ROLE and ALTER ROLE are told of a role that may log in and is nothing special. */
  readonly roleAttributes: string
  /** The statement that makes `owner` able to change everything in the schema `public`. */
  readonly takePublic: (owner: string) => string
  /**
   * Who was granted what, rows of (kind, object, grantee, privilege): kind is `database`, `schema`, `table`
   * (object: schema.name) or `default` (object: the schema whose future tables of gateway_admin are meant);
   * the grantee of what everybody may do is `public`.
   */
  readonly grants: string
  /** Privileges that the grantee `public` has by default and that would let the writer make tables. */
  readonly publicPrivileges: readonly { kind: 'database' | 'schema'; privilege: string }[]
  /** One row of text per thing that the current user may do and a server must not be able to. */
  readonly excess: string
}

/** What a role could do in a schema, or to a table in it, that changes more than rows. */
const SCHEMA_EXCESS = `
  SELECT 'it may create in the database ' || current_database()
    WHERE has_database_privilege(current_database(), 'CREATE')
  UNION ALL SELECT 'it may create in the schema ' || n.nspname FROM pg_catalog.pg_namespace n
    WHERE n.nspname IN (${SCHEMA_RULES.map(({ schema }) => `'${schema}'`).join(', ')}) AND has_schema_privilege(n.nspname, 'CREATE')`

export const POSTGRES_ACCESS: AccessProfile = {
  roleAttributes: 'LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS',
  takePublic: (owner) => `ALTER SCHEMA public OWNER TO ${owner}`,
  grants: `
    SELECT g.kind, g.object, coalesce(r.rolname, 'public'), g.privilege_type FROM (
      SELECT 'database' AS kind, d.datname::text AS object, a.grantee, a.privilege_type
        FROM pg_catalog.pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
        WHERE d.datname = current_database()
      UNION ALL SELECT 'schema', n.nspname::text, a.grantee, a.privilege_type
        FROM pg_catalog.pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
      UNION ALL SELECT 'table', n.nspname || '.' || c.relname, a.grantee, a.privilege_type
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,
          aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
        WHERE ${IS_OUR_TABLE}
      UNION ALL SELECT 'default', n.nspname::text, a.grantee, a.privilege_type
        FROM pg_catalog.pg_default_acl d JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace, aclexplode(d.defaclacl) a
        WHERE d.defaclobjtype = 'r' AND pg_get_userbyid(d.defaclrole) = '${ROLES.admin}'
    ) g LEFT JOIN pg_catalog.pg_roles r ON r.oid = g.grantee`,
  publicPrivileges: [
    { kind: 'database', privilege: 'TEMPORARY' },
    { kind: 'database', privilege: 'CREATE' },
    { kind: 'schema', privilege: 'CREATE' },
  ],
  excess: `
    SELECT 'it is a superuser' FROM pg_catalog.pg_roles WHERE rolname = current_user AND rolsuper
    UNION ALL SELECT 'it may create roles' FROM pg_catalog.pg_roles WHERE rolname = current_user AND rolcreaterole
    UNION ALL SELECT 'it may create databases' FROM pg_catalog.pg_roles WHERE rolname = current_user AND rolcreatedb
    UNION ALL SELECT 'it may become ' || r.rolname FROM pg_catalog.pg_roles r
      WHERE r.rolname <> current_user AND pg_has_role(current_user, r.oid, 'MEMBER') AND (r.rolsuper OR r.rolcreaterole
        OR r.rolname IN ('${ROLES.admin}', 'pg_execute_server_program', 'pg_write_server_files', 'pg_read_server_files'))
    UNION ALL SELECT 'it owns the database ' || d.datname FROM pg_catalog.pg_database d
      WHERE d.datname = current_database() AND pg_has_role(current_user, d.datdba, 'MEMBER')
    UNION ALL SELECT 'it owns the schema ' || n.nspname FROM pg_catalog.pg_namespace n
      WHERE n.nspname IN ('terrane', 'game') AND pg_has_role(current_user, n.nspowner, 'MEMBER')
    UNION ALL SELECT 'it may create temporary tables' WHERE has_database_privilege(current_database(), 'TEMPORARY')
    UNION ALL ${SCHEMA_EXCESS}
    UNION ALL SELECT 'it owns the table ' || n.nspname || '.' || c.relname
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE ${IS_OUR_TABLE} AND pg_has_role(current_user, c.relowner, 'MEMBER')
    UNION ALL SELECT 'it may ' || lower(p.privilege) || ' the table ' || n.nspname || '.' || c.relname
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,
        (VALUES ('TRUNCATE'), ('TRIGGER')) p (privilege)
      WHERE ${IS_OUR_TABLE} AND has_table_privilege(c.oid, p.privilege)`,
}

/** CockroachDB counts TRUNCATE as DELETE in has_table_privilege; what it asks for in truth is DROP. */
export const COCKROACH_ACCESS: AccessProfile = {
  roleAttributes: 'LOGIN NOCREATEDB NOCREATEROLE',
  // The schema itself has no owner that can be changed in all versions.
  takePublic: (owner) => `GRANT ALL ON SCHEMA public TO ${owner}`,
  // SHOW DEFAULT PRIVILEGES leaves the schema out, so those are granted each time.
  grants: `
    SELECT 'database', database_name, grantee, privilege_type FROM crdb_internal.cluster_database_privileges
      WHERE database_name = current_database()
    UNION ALL SELECT 'schema', table_schema, grantee, privilege_type FROM information_schema.schema_privileges
    UNION ALL SELECT 'table', table_schema || '.' || table_name, grantee, privilege_type
      FROM information_schema.table_privileges WHERE table_schema IN ('terrane', 'public', 'game', 'auth')`,
  publicPrivileges: [{ kind: 'schema', privilege: 'CREATE' }],
  excess: `
    SELECT 'it is a superuser' WHERE current_user = 'root' OR pg_has_role(current_user, 'admin', 'MEMBER')
    UNION ALL SELECT 'it may become ${ROLES.admin}' FROM pg_catalog.pg_roles
      WHERE rolname = '${ROLES.admin}' AND pg_has_role(current_user, rolname, 'MEMBER')
    UNION ALL SELECT 'it may create roles' FROM pg_catalog.pg_roles WHERE rolname = current_user AND rolcreaterole
    UNION ALL SELECT 'it may create databases' FROM pg_catalog.pg_roles WHERE rolname = current_user AND rolcreatedb
    UNION ALL ${SCHEMA_EXCESS}
    UNION ALL SELECT 'it may ' || lower(privilege_type) || ' the table ' || table_schema || '.' || table_name
      FROM information_schema.table_privileges
      WHERE table_schema IN ('terrane', 'public', 'game', 'auth') AND grantee IN (current_user, 'public')
        AND privilege_type IN ('ALL', 'CREATE', 'DROP')`,
}
