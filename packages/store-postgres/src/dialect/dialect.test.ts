import { describe, expect, test } from 'vitest'
import { sequenceViolations } from './sequence-rules.js'
import type { RecordedStatement } from './statement-recorder.js'
import { violationsOf } from './statement-rules.js'

const manual = (page: string) => `https://www.cockroachlabs.com/docs/v26.2/${page}`
const issue = (number: number) => `https://github.com/cockroachdb/cockroach/issues/${number}`

/** PostgreSQL's own: a name, the statement, the construct that is reported, and what was read about it. */
const REFUSED: readonly (readonly [string, string, string, string])[] = [
  ['LISTEN', 'LISTEN news', 'ListenStmt', issue(41522)],
  ['NOTIFY', "NOTIFY news, 'x'", 'NotifyStmt', issue(41522)],
  ['UNLISTEN, which it parses and ignores', 'UNLISTEN news', 'UnlistenStmt', manual('sql-grammar')],
  ['pg_notify', "SELECT pg_notify('news', 'x')", 'function pg_notify', issue(41522)],
  ['advisory locks, which do nothing there', 'SELECT pg_advisory_lock(1)', 'function pg_advisory_lock', issue(13546)],
  [
    'advisory locks of a transaction',
    'SELECT pg_try_advisory_xact_lock(1)',
    'function pg_try_advisory_xact_lock',
    manual('postgresql-compatibility'),
  ],
  ['LOCK TABLE', 'LOCK TABLE terrane.zones IN EXCLUSIVE MODE', 'LockStmt', issue(43654)],
  [
    'FOR UPDATE, a best effort under SERIALIZABLE',
    'SELECT epoch FROM terrane.zones WHERE zone_id = $1 FOR UPDATE',
    'SelectStmt.lockingClause',
    manual('select-for-update'),
  ],
  [
    'SKIP LOCKED, which column families rule out',
    'SELECT zone_id FROM terrane.zones FOR UPDATE SKIP LOCKED',
    'SelectStmt.lockingClause',
    manual('select-for-update'),
  ],
  [
    'two changes of rows in one statement',
    'WITH gone AS (DELETE FROM a WHERE id = 1 RETURNING id) INSERT INTO b (id) SELECT gone.id FROM gone',
    '2 mutations',
    manual('known-limitations'),
  ],
  ['WITH', 'WITH one AS (SELECT 1) SELECT 1 FROM one', 'SelectStmt.withClause', manual('common-table-expressions')],
  ['DO blocks, with limits of PL/pgSQL', 'DO $$ BEGIN PERFORM 1; END $$', 'DoStmt', manual('do')],
  [
    'EXCLUDE constraints',
    'CREATE TABLE t (a int8 PRIMARY KEY, EXCLUDE USING gist (a WITH =))',
    'Constraint.contype = "CONSTR_EXCLUSION"',
    manual('constraints'),
  ],
  [
    'inheritance',
    'CREATE TABLE t (a int8 PRIMARY KEY) INHERITS (u)',
    'CreateStmt.inhRelations',
    manual('create-table'),
  ],
  ['queries of a table without its heirs', 'SELECT a FROM ONLY t', 'RangeVar', manual('table-expressions')],
  ['rules', 'CREATE RULE r AS ON INSERT TO t DO INSTEAD NOTHING', 'RuleStmt', manual('sql-grammar')],
  ['extensions, not in full', 'CREATE EXTENSION hstore', 'CreateExtensionStmt', manual('sql-feature-support')],
  [
    'tablespaces of tables',
    'CREATE TABLE t (a int8 PRIMARY KEY) TABLESPACE fast',
    'CreateStmt.tablespacename',
    manual('create-table'),
  ],
  ['tablespaces', "CREATE TABLESPACE fast LOCATION '/x'", 'CreateTableSpaceStmt', manual('sql-grammar')],
  [
    'SET STORAGE',
    'ALTER TABLE t ALTER COLUMN a SET STORAGE EXTERNAL',
    'AlterTableCmd.subtype = "AT_SetStorage"',
    manual('alter-table'),
  ],
  [
    'constraints that wait for COMMIT',
    'CREATE TABLE t (a int8, PRIMARY KEY (a) DEFERRABLE INITIALLY DEFERRED)',
    'Constraint.deferrable',
    issue(158886),
  ],
  ['SET CONSTRAINTS', 'SET CONSTRAINTS ALL DEFERRED', 'ConstraintsSetStmt', issue(158886)],
  ['COPY to a program', "COPY t TO PROGRAM 'cat'", 'CopyStmt', manual('copy')],
  ['COPY from a file', "COPY t FROM '/tmp/x'", 'CopyStmt', manual('copy')],
  ['PREPARE, which fills its memory', 'PREPARE p AS SELECT 1', 'PrepareStmt', issue(97866)],
  ['EXECUTE', 'EXECUTE p', 'ExecuteStmt', issue(97866)],
  ['domains', 'CREATE DOMAIN d AS int8', 'CreateDomainStmt', manual('postgresql-compatibility')],
  ['range types', "SELECT '[1,2]'::int8range", 'type int8range', manual('postgresql-compatibility')],
  ['XML', "SELECT '<a/>'::xml", 'type xml', manual('postgresql-compatibility')],
  ['XML functions', 'SELECT xmlelement(name a)', 'XmlExpr', manual('postgresql-compatibility')],
  ['money', "SELECT '1'::money", 'type money', manual('data-types')],
  ['arrays of JSON', 'SELECT $1::jsonb[]', 'TypeName', manual('data-types')],
  ['arrays of bytes', 'SELECT $1::bytea[]', 'TypeName', manual('data-types')],
  ['arrays of arrays', 'SELECT $1::int8[][]', 'TypeName', manual('array')],
  [
    'triggers, with limits',
    'CREATE TRIGGER t BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()',
    'CreateTrigStmt',
    manual('triggers'),
  ],
  ['VACUUM', 'VACUUM t', 'VacuumStmt', manual('sql-grammar')],
  ['CLUSTER', 'CLUSTER t USING i', 'ClusterStmt', manual('sql-grammar')],
  ['REINDEX', 'REINDEX TABLE t', 'ReindexStmt', manual('sql-grammar')],
  ['large objects', 'SELECT lo_create(0)', 'function lo_create', manual('functions-and-operators')],
  ['ctid', 'SELECT ctid FROM t', 'ColumnRef', manual('sql-grammar')],
  ['xmin of a table', 'SELECT t.xmin FROM t', 'ColumnRef', manual('sql-grammar')],
  [
    'databases from a template',
    'CREATE DATABASE d TEMPLATE template0',
    'CreatedbStmt',
    manual('postgresql-compatibility'),
  ],
  ['privileges of columns', 'GRANT SELECT (a) ON t TO gateway_reader', 'GrantStmt', manual('postgresql-compatibility')],
  [
    'two-phase commit',
    "PREPARE TRANSACTION 'x'",
    'TransactionStmt.kind = "TRANS_STMT_PREPARE"',
    manual('transactions'),
  ],
  ['a deferrable transaction', 'BEGIN DEFERRABLE', 'TransactionStmt.options', manual('begin-transaction')],
  ['UNLOGGED tables', 'CREATE UNLOGGED TABLE t (a int8)', 'RangeVar.relpersistence = "u"', manual('create-table')],
  ['temporary tables', 'CREATE TEMP TABLE t (a int8)', 'RangeVar.relpersistence = "t"', manual('temporary-tables')],
  ['hash indexes', 'CREATE INDEX i ON t USING hash (a)', 'IndexStmt.accessMethod = "hash"', manual('create-index')],
  ['NULLs last in an ascending index', 'CREATE INDEX i ON t (a ASC NULLS LAST)', 'IndexElem', issue(6224)],
  ['NULLs first in a descending index', 'CREATE INDEX i ON t (a DESC NULLS FIRST)', 'IndexElem', issue(6224)],
  [
    'several changes of a table at once',
    'ALTER TABLE t ADD COLUMN b int8, ALTER COLUMN a SET DATA TYPE int8',
    'AlterTableStmt',
    manual('alter-table'),
  ],
  ['/ of integers, which differs', 'SELECT 7 / 2', 'operator /', manual('postgresql-compatibility')],
  ['MERGE', 'MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE', 'MergeStmt', manual('sql-grammar')],
  ['statistics of the server', 'SELECT pid FROM pg_stat_activity', 'RangeVar', manual('pg-catalog')],
  [
    'a setting that we have not looked up',
    "SET synchronous_commit = 'off'",
    'VariableSetStmt.name = "synchronous_commit"',
    manual('set-vars'),
  ],
  ['* for columns', 'SELECT * FROM t', 'A_Star', manual('known-limitations')],
]

describe('the dialect of CockroachDB', () => {
  test.each(REFUSED)('%s: not allowed', async (_, statement, construct) => {
    const found = await violationsOf(statement)
    expect(found.map((each) => each.construct)).toContain(construct)
    for (const { statement: where, why } of found) {
      expect(where).toBe(statement)
      expect(why).not.toBe('')
    }
  })

  test('each of these was looked up', () => {
    for (const [, , , page] of REFUSED) expect(new URL(page).protocol).toBe('https:')
  })

  test('a construct is found wherever it is', async () => {
    const text =
      'INSERT INTO t (a) SELECT u.a FROM (VALUES ($1::int8)) AS u (a) ' +
      'WHERE coalesce((SELECT max(v.a) FROM v WHERE pg_try_advisory_lock(v.a) IS NULL), 0) = 1 ' +
      "ON CONFLICT (a) DO UPDATE SET a = excluded.a || 'x' RETURNING ctid"
    const found = await violationsOf(text)
    expect(found.map(({ construct }) => construct)).toEqual([
      'function pg_try_advisory_lock',
      'operator ||',
      'ColumnRef',
    ])
  })

  test('each statement of a text is looked at, and a text that is no SQL is refused', async () => {
    expect(await violationsOf('SELECT 1; LISTEN news')).toMatchObject([{ construct: 'ListenStmt' }])
    expect(await violationsOf('SELEC 1')).toMatchObject([{ construct: 'text' }])
  })

  test.each([
    'BEGIN',
    'SET search_path = public',
    'DELETE FROM t WHERE a = ANY($1::text[])',
    'SELECT a, (extract(epoch FROM b) * 1000)::int8 FROM t WHERE c > $1 ORDER BY c DESC LIMIT $2',
    'CREATE INDEX "i" ON "t" USING btree ("a" DESC NULLS LAST) WHERE "t"."a" > 3;',
    'ALTER TABLE "t" ALTER COLUMN "a" SET NOT NULL;',
    'SELECT table_name FROM information_schema.tables',
  ])('allowed: %s', async (statement) => {
    expect(await violationsOf(statement)).toEqual([])
  })
})

describe('the order of statements', () => {
  const sent = (texts: readonly string[], connection = 1): RecordedStatement[] =>
    texts.map((text) => ({ text, connection, name: undefined }))

  const constructs = async (statements: readonly RecordedStatement[]) =>
    (await sequenceViolations(statements)).map(({ construct }) => construct)

  test.each<[string, string[], string]>([
    ['fills', ['CREATE TABLE t (a int8)', 'INSERT INTO t (a) VALUES (1)'], 'use of public.t'],
    ['reads', ['ALTER TABLE x.t ADD COLUMN b int8', 'SELECT 1 FROM (SELECT b FROM x.t) AS u'], 'use of x.t'],
    ['changes', ['CREATE TABLE t (a int8)', 'CREATE INDEX i ON public.t (a)'], 'use of public.t'],
    ['drops', ['CREATE INDEX i ON t (a)', 'DROP TABLE "t"'], 'use of public.t'],
  ])('a transaction that %s a table after changing it is refused', async (_, texts, construct) => {
    expect(await constructs(sent(['BEGIN', ...texts, 'COMMIT']))).toEqual([construct])
    expect(await constructs(sent(texts)), 'each its own transaction').toEqual([])
    expect(await constructs(sent([texts.join('; ')])), 'one text is one transaction').toEqual([construct])
  })

  test('connections and later transactions are told apart', async () => {
    const change = 'ALTER TABLE t ADD COLUMN b int8'
    const use = 'SELECT b FROM t'
    expect(await constructs([...sent(['BEGIN', change]), ...sent([use], 2)])).toEqual([])
    expect(await constructs(sent(['BEGIN', change, 'ROLLBACK', 'BEGIN', use, 'COMMIT']))).toEqual([])
    expect(await constructs(sent(['BEGIN', change, 'SELECT b FROM other.t', 'COMMIT']))).toEqual([])
  })

  test('a named prepared statement is refused', async () => {
    expect(await constructs([{ text: 'SELECT 1', connection: 1, name: 'one' }])).toEqual(['prepared statement "one"'])
  })
})
