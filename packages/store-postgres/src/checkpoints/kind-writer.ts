import { assert } from '@terrane/core'
import type { ColumnSchema, KindChanges, KindSchema } from '@terrane/engine'
import type { Statement } from '../connection/one-trip-transaction.js'
import type { Session } from '../connection/session.js'
import { arrayLiteral } from './array-literal.js'
import { kindSqlOf } from './kind-sql.js'

/**
 * Rows per statement. Building the literals blocks the event loop, which also serves players: 5,000 rows
 * of 8 columns take about 8 ms. Larger ones write hardly faster.
 */
const ROWS_PER_STATEMENT = 5_000

/** Deletes and writes rows of one kind, inside the caller's transaction. */
export async function writeKindChanges(session: Session, zone: string, changes: KindChanges): Promise<void> {
  const { kind, columns, deleted } = changes
  const sql = kindSqlOf(kind)
  for (let start = 0; start < deleted.length; start += ROWS_PER_STATEMENT) {
    const { text, values } = removal(zone, changes, start, Math.min(deleted.length, start + ROWS_PER_STATEMENT))
    await session.query(text, values)
  }
  const count = rowsOf(changes)
  assert(columns.length === kind.columns.length || count === 0, `kind "${kind.name}": ${columns.length} columns given`)
  let running: Promise<unknown> | undefined
  for (let start = 0; start < count; start += ROWS_PER_STATEMENT) {
    // Built while the server works on the part before.
    const values = upsertValues(zone, changes, start, Math.min(count, start + ROWS_PER_STATEMENT))
    await running
    running = session.query(sql.upsert, values)
    // A failure is thrown by the `await` above or below; until then it must not count as unhandled.
    running.catch(() => {})
    await nextTurn()
  }
  await running
}

/** Changes of one kind in one zone. */
export interface ZoneChanges {
  readonly zone: string
  readonly changes: KindChanges
}

/** Deletes and writes rows of several zones, inside the caller's transaction. */
export async function writeChangesOfZones(session: Session, all: readonly ZoneChanges[]): Promise<void> {
  const statements = statementsFor(all)
  if (statements === undefined) for (const { zone, changes } of all) await writeKindChanges(session, zone, changes)
  else for (const { text, values } of statements) await session.query(text, values)
}

/**
 * What writes these rows: those of one kind go in one statement, whatever their zones, because somebody waits for all
 * of them. Undefined when they are too many to be written at one blow.
 */
export function statementsFor(all: readonly ZoneChanges[]): Statement[] | undefined {
  const count = all.reduce((sum, { changes }) => sum + rowsOf(changes) + changes.deleted.length, 0)
  if (count > ROWS_PER_STATEMENT) return undefined
  const kinds = [...new Set(all.map(({ changes }) => changes.kind))]
  return kinds.flatMap((kind) => {
    const ofKind = all.filter(({ changes }) => changes.kind === kind)
    const removals = ofKind
      .filter(({ changes }) => changes.deleted.length > 0)
      .map(({ zone, changes }) => removal(zone, changes))
    const written = ofKind.filter(({ changes }) => rowsOf(changes) > 0)
    return written.length === 0 ? removals : [...removals, upsertOf(kind, written)]
  })
}

function removal(zone: string, { kind, deleted }: KindChanges, start?: number, end?: number): Statement {
  const key = kind.columns[kind.keyColumn] as ColumnSchema
  return { text: kindSqlOf(kind).remove, values: [zone, arrayLiteral(key.type, deleted, start, end)] }
}

function upsertOf(kind: KindSchema, written: readonly ZoneChanges[]): Statement {
  const zones = written.flatMap(({ zone, changes }) => Array<string>(rowsOf(changes)).fill(zone))
  const columns = kind.columns.map((_, c) => written.flatMap(({ changes }) => [...(changes.columns[c] ?? [])]))
  const values = kind.columns.map(({ type }, c) => arrayLiteral(type, columns[c] as readonly unknown[]))
  return { text: kindSqlOf(kind).upsertOfZones, values: [arrayLiteral('text', zones), ...values] }
}

function rowsOf({ columns }: KindChanges): number {
  return columns[0]?.length ?? 0
}

function upsertValues(zone: string, { kind, columns }: KindChanges, start: number, end: number): string[] {
  const values: string[] = [zone]
  for (const [c, column] of kind.columns.entries()) {
    values.push(arrayLiteral(column.type, columns[c] as readonly unknown[], start, end))
  }
  return values
}

/** Lets waiting input in between two blocks of work. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
