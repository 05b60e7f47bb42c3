import type { ColumnSchema, ColumnType, KindChanges, KindSchema } from '@terrane/engine'
import type { ConnectionPool } from '../connection/pool.js'
import type { TextRow } from '../connection/session.js'
import { kindSqlOf } from './kind-sql.js'

/** Rows per page. Smaller pages cost round trips, larger ones memory and pauses. */
const ROWS_PER_PAGE = 10_000

/**
 * A zone's rows of one kind, page by page in order of the key. The next page is under way while the
 * caller handles the last one: the server formats while we parse.
 */
export async function* readKind(pool: ConnectionPool, zone: string, kind: KindSchema): AsyncGenerator<KindChanges> {
  const sql = kindSqlOf(kind)
  const fetchPage = (after?: string) =>
    pool.run('rows', async (session) => {
      const values = after === undefined ? [zone, ROWS_PER_PAGE] : [zone, ROWS_PER_PAGE, after]
      return (await session.query(after === undefined ? sql.firstPage : sql.nextPage, values)).rows
    })
  let page: readonly TextRow[] = await fetchPage()
  while (page.length > 0) {
    const lastKey = page.at(-1)?.[kind.keyColumn]
    const next = page.length === ROWS_PER_PAGE && typeof lastKey === 'string' ? fetchPage(lastKey) : undefined
    // If the caller stops early nobody awaits it: its failure must not end the process.
    next?.catch(() => {})
    yield { kind, columns: kind.columns.map((column, c) => columnOf(column, page, c)), deleted: [] }
    if (next === undefined) return
    page = await next
  }
}

const PARSERS: Readonly<Record<ColumnType, (text: string) => unknown>> = {
  integer: Number,
  float: Number,
  text: (text) => text,
  boolean: (text) => text === 't' || text === 'true',
  json: (text) => JSON.parse(text),
  date: (text) => new Date(Number(text)),
  bytes: (text) => new Uint8Array(Buffer.from(text, 'hex')),
}

function columnOf(column: ColumnSchema, page: readonly TextRow[], c: number): unknown[] {
  const parse = PARSERS[column.type]
  const values = new Array<unknown>(page.length)
  for (let r = 0; r < page.length; r++) {
    const text = (page[r] as TextRow)[c]
    values[r] = text === null || text === undefined ? null : parse(text)
  }
  return values
}
