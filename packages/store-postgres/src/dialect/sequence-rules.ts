import type { RecordedStatement } from './statement-recorder.js'
import type { Violation } from './statement-rules.js'
import { nodesIn, type SyntaxNode, statementsOf } from './syntax-tree.js'

/** Statements that create or change the table that they name as `relation`. */
const SCHEMA_CHANGES = ['CreateStmt', 'AlterTableStmt', 'IndexStmt', 'RenameStmt']

/** A transaction that is open on a connection: the tables that it has created or changed. */
type OpenTransaction = Set<string>

/**
 * Rules over what was sent, in order: no named prepared statement (they pile up in a session's memory:
 * https://github.com/cockroachdb/cockroach/issues/97866), and no statement that uses a table after the same
 * transaction created or changed it (https://www.cockroachlabs.com/docs/v26.2/online-schema-changes).
 */
export async function sequenceViolations(statements: readonly RecordedStatement[]): Promise<readonly Violation[]> {
  const found: Violation[] = []
  const open = new Map<number, OpenTransaction>()
  for (const { text, connection, name } of statements) {
    if (name !== undefined) {
      found.push({ statement: text, construct: `prepared statement "${name}"`, why: 'statements must be unnamed' })
    }
    // Statements of one text share a transaction even without BEGIN.
    const changedByText: OpenTransaction = new Set()
    for (const statement of await statementsOf(text)) {
      if (statement.kind === 'TransactionStmt') {
        if (statement.fields.kind === 'TRANS_STMT_BEGIN') open.set(connection, new Set())
        else open.delete(connection)
        continue
      }
      const changed = open.get(connection) ?? changedByText
      for (const table of tablesIn(statement)) {
        if (!changed.has(table)) continue
        const why = 'the same transaction created or changed the table'
        found.push({ statement: text, construct: `use of ${table}`, why })
      }
      const table = SCHEMA_CHANGES.includes(statement.kind) ? tableOf(statement.fields.relation) : undefined
      if (table !== undefined) changed.add(table)
    }
  }
  return found
}

function* tablesIn(statement: SyntaxNode): Generator<string> {
  for (const { kind, fields } of nodesIn(statement)) {
    const table = kind === 'RangeVar' ? tableOf(fields) : tableOf(fields.relation)
    if (table !== undefined) yield table
  }
  if (statement.kind !== 'DropStmt') return
  for (const object of statement.fields.objects as { List?: { items: { String: { sval: string } }[] } }[]) {
    const path = object.List?.items.map(({ String: part }) => part.sval)
    if (path !== undefined) yield path.length > 1 ? path.join('.') : `public.${path[0]}`
  }
}

/** The name of a RangeVar, with its schema; migrations set `search_path = public`. */
function tableOf(range: unknown): string | undefined {
  const { schemaname = 'public', relname } = (range ?? {}) as { schemaname?: string; relname?: string }
  return relname === undefined ? undefined : `${schemaname}.${relname}`
}
