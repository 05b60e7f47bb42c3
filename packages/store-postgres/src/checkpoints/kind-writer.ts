import { assert } from '@terrane/core'
import type { ColumnSchema, KindChanges, KindSchema } from '@terrane/engine'
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
  const key = kind.columns[kind.keyColumn] as ColumnSchema
  for (let start = 0; start < deleted.length; start += ROWS_PER_STATEMENT) {
    const end = Math.min(deleted.length, start + ROWS_PER_STATEMENT)
    await session.query(sql.remove, [zone, arrayLiteral(key.type, deleted, start, end)])
  }
  const count = columns[0]?.length ?? 0
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
interface ZoneChanges {
  readonly zone: string
  readonly changes: KindChanges
}

/**
 * The same for several zones: their rows of one kind go in one statement, because each is a round trip and somebody
 * waits for all of them.
 */
export async function writeChangesOfZones(session: Session, all: readonly ZoneChanges[]): Promise<void> {
  for (const kind of new Set(all.map(({ changes }) => changes.kind))) {
    const ofKind = all.filter(({ changes }) => changes.kind === kind)
    const rows = ofKind.reduce((sum, { changes }) => sum + (changes.columns[0]?.length ?? 0), 0)
    if (ofKind.length === 1 || rows > ROWS_PER_STATEMENT) {
      for (const { zone, changes } of ofKind) await writeKindChanges(session, zone, changes)
      continue
    }
    for (const { zone, changes } of ofKind) await writeKindChanges(session, zone, { ...changes, columns: [] })
    if (rows > 0) await upsertOfZones(session, kind, ofKind)
  }
}

async function upsertOfZones(session: Session, kind: KindSchema, ofKind: readonly ZoneChanges[]): Promise<void> {
  const zones = ofKind.flatMap(({ zone, changes }) => Array<string>(changes.columns[0]?.length ?? 0).fill(zone))
  const columns = kind.columns.map((_, c) => ofKind.flatMap(({ changes }) => [...(changes.columns[c] ?? [])]))
  const values = kind.columns.map(({ type }, c) =>
    arrayLiteral(type, columns[c] as readonly unknown[], 0, zones.length),
  )
  await session.query(kindSqlOf(kind).upsertOfZones, [arrayLiteral('text', zones, 0, zones.length), ...values])
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
