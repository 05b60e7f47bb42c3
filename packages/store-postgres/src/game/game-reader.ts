import { TerraneError } from '@terrane/core'
import { TransientStoreError } from '@terrane/engine'
import {
  type Embedded,
  type ReadableColumn,
  type ReadPlan,
  RestError,
  type SelectedColumn,
  type SqlType,
} from '@terrane/gamedata'
import { parseDatabaseUrl } from '../connection/database-url.js'
import { ConnectionPool } from '../connection/pool.js'
import type { Session, TextRow } from '../connection/session.js'
import type { ConnectionSettings } from '../connection/settings.js'
import { tlsOptions } from '../connection/tls-options.js'
import { sqlStateOf } from '../errors.js'
import { readRevision } from './game-store.js'
import { countStatement, type Scope, selectStatement } from './read-sql.js'

/** Rows of one answer; who wants more asks for the next with `offset` or `Range`. */
const GAME_ROWS_MAX = 10_000
/** Rows of other tables that belong to them. */
const EMBEDDED_ROWS_MAX = 50_000

const POOL_SIZE = 4
/** A question that takes longer is a bad question: the tables are small. */
const STATEMENT_TIMEOUT_MS = 5_000

export interface CurrentRevision {
  readonly revision: string
  readonly patch: string
  readonly checksum: string
}

export interface ReadOptions {
  /** Undefined: the plan says itself which revisions. */
  readonly revision: string | undefined
  readonly hasCount: boolean
}

export interface ReadRows {
  /** Each the JSON of a row. */
  readonly rows: readonly string[]
  /** Of all rows that fulfil the condition, wherever limit and offset are. */
  readonly count: number | undefined
}

/** Reads game data, as a role that can do nothing else, in transactions that can do nothing else. */
export class GameReader {
  readonly #pool: ConnectionPool

  /** @param settings of gateway_reader, or of whatever role may read the schema `game` */
  constructor(settings: ConnectionSettings) {
    tlsOptions(parseDatabaseUrl(settings.url), settings)
    this.#pool = new ConnectionPool({
      poolSize: POOL_SIZE,
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      ...settings,
      url: readOnly(settings.url),
    })
  }

  /** Undefined while nothing has been imported. */
  async current(): Promise<CurrentRevision | undefined> {
    return this.#read('currentRevision', async (session) => {
      const { rows } = await session.query(
        'SELECT m.revision, m.checksum, m.patch FROM game.meta AS m WHERE m.revision = (SELECT c.revision FROM game.current_revision AS c WHERE c.id = 1)',
      )
      const [revision, checksum, patch] = rows[0] ?? []
      return revision == null ? undefined : { revision, patch: patch ?? '', checksum: checksum ?? '' }
    })
  }

  /** The name of the revision with this content; undefined when it is not kept. */
  async revisionWith(checksum: string): Promise<string | undefined> {
    return this.#read('revisionWith', async (session) => {
      const { rows } = await session.query(
        'SELECT revision FROM game.meta WHERE checksum = $1 ORDER BY revision LIMIT 1',
        [checksum],
      )
      return rows[0]?.[0] ?? undefined
    })
  }

  /** All tables of a revision; undefined when it is not kept. */
  tables(revision: string): ReturnType<typeof readRevision> {
    return this.#read('readRevision', (session) => readRevision(session, revision))
  }

  /** @throws RestError for a value that its column cannot have, and when the database does not answer */
  async read(plan: ReadPlan, { revision, hasCount }: ReadOptions): Promise<ReadRows> {
    return this.#read('readGameData', async (session) => {
      const scope = { revision }
      const limit = Math.min(plan.limit ?? GAME_ROWS_MAX, GAME_ROWS_MAX)
      const rows = await fetchRows(session, plan, scope, limit)
      if (!hasCount) return { rows: rows.map(({ json }) => json), count: undefined }
      const { text, values } = countStatement(plan, scope)
      const counted = await session.query(text, [...values])
      return { rows: rows.map(({ json }) => json), count: Number(counted.rows[0]?.[0] ?? 0) }
    })
  }

  close(): Promise<void> {
    return this.#pool.close()
  }

  async #read<T>(call: string, work: (session: Session) => Promise<T>): Promise<T> {
    try {
      return await this.#pool.run(call, work)
    } catch (error) {
      throw refusalOf(error) ?? error
    }
  }
}

/** The session's transactions may not write, whatever its role may. */
function readOnly(text: string): string {
  const url = new URL(text)
  const options = url.searchParams.get('options')
  const setting = '-c default_transaction_read_only=on'
  url.searchParams.set('options', options === null ? setting : `${options} ${setting}`)
  return url.href
}

/** What a caller's values caused, and what passes. */
function refusalOf(error: unknown): RestError | undefined {
  if (error instanceof RestError) return error
  const cause = error instanceof TerraneError || error instanceof TransientStoreError ? error.cause : error
  const state = sqlStateOf(cause)
  // Values that are none of their type; casts that there are not.
  if (state?.startsWith('22') || state === '42846') {
    return new RestError(400, state, (cause as Error).message, {
      hint: 'Correct the value, or the cast.',
      cause: error,
    })
  }
  if (state === '57014') {
    return new RestError(503, state, 'the question takes too long', { hint: 'Ask for less at once.', cause: error })
  }
  if (error instanceof TransientStoreError) {
    return new RestError(503, 'PGRST000', 'the database does not answer', { hint: 'Ask again later.', cause: error })
  }
  return undefined
}

interface FetchedRow {
  readonly json: string
  /** Of the column by which it belongs to another row; '' for none. */
  readonly key: string
}

async function fetchRows(session: Session, plan: ReadPlan, scope: Scope, limit: number): Promise<FetchedRow[]> {
  const selected = plan.select.filter((each): each is SelectedColumn => each.kind === 'column')
  const embedded = plan.select.filter((each): each is Embedded => each.kind === 'embedded')
  const revision = plan.table.columns.get('revision')
  const extra: ReadableColumn[] = embedded.map(({ here }) => here)
  if (embedded.length > 0 && revision !== undefined) extra.push(revision)
  if (scope.belonging !== undefined) extra.push(scope.belonging.column)
  const { text, values } = selectStatement(plan, [...selected, ...extra], scope, limit)
  const { rows } = await session.query(text, [...values])
  const extraAt = selected.length
  const parts: ((row: TextRow) => string)[] = []
  let column = 0
  for (const each of plan.select) {
    const name = `${JSON.stringify(each.name)}:`
    if (each.kind === 'column') {
      const at = column++
      const type = each.cast ?? each.column.type
      parts.push((row) => name + jsonOf(row[at] ?? null, type))
    } else {
      const keyAt = extraAt + embedded.indexOf(each)
      const revisionAt = extraAt + embedded.length
      const found = await fetchEmbedded(session, each, rows, keyAt, revisionAt)
      parts.push((row) => name + found(row))
    }
  }
  const joinAt = extraAt + extra.length - 1
  return rows.map((row) => ({
    json: `{${parts.map((part) => part(row)).join(',')}}`,
    key: scope.belonging === undefined ? '' : (row[joinAt] ?? ''),
  }))
}

/** The rows that belong to others, fetched for all of them at once: a row's JSON by what it belongs to. */
async function fetchEmbedded(
  session: Session,
  { plan, there, isList }: Embedded,
  rows: readonly TextRow[],
  keyAt: number,
  revisionAt: number,
): Promise<(row: TextRow) => string> {
  const keys = new Map<string, Set<string>>()
  for (const row of rows) {
    const revision = row[revisionAt] ?? ''
    const ofRevision = keys.get(revision)
    if (ofRevision === undefined) keys.set(revision, new Set([row[keyAt] ?? '']))
    else ofRevision.add(row[keyAt] ?? '')
  }
  const found = new Map<string, string[]>()
  // Limit and offset are meant for each row that others belong to.
  const all = { ...plan, offset: 0, limit: undefined }
  for (const [revision, wanted] of keys) {
    const scope = { revision, belonging: { column: there, keys: [...wanted] } }
    const belonging = await fetchRows(session, all, scope, EMBEDDED_ROWS_MAX + 1)
    if (belonging.length > EMBEDDED_ROWS_MAX) {
      throw new RestError(
        400,
        'PGRST127',
        `more than ${EMBEDDED_ROWS_MAX} rows of ${plan.table.name} belong to these`,
        {
          hint: 'Ask for fewer rows at once, with limit or Range.',
        },
      )
    }
    for (const { json, key } of belonging) {
      const place = JSON.stringify([revision, key])
      const list = found.get(place)
      if (list === undefined) found.set(place, [json])
      else list.push(json)
    }
  }
  return (row) => {
    const own = found.get(JSON.stringify([row[revisionAt] ?? '', row[keyAt] ?? ''])) ?? []
    const end = plan.limit === undefined ? undefined : plan.offset + plan.limit
    return isList ? `[${own.slice(plan.offset, end).join(',')}]` : (own[0] ?? 'null')
  }
}

/** A value as JSON, from the text that the database sends of it. */
function jsonOf(text: string | null, type: SqlType): string {
  if (text === null) return 'null'
  switch (type) {
    case 'int8':
      return text
    case 'float8':
      return Number.isFinite(Number(text)) ? text : JSON.stringify(text)
    case 'bool':
      return text === 't' || text === 'true' ? 'true' : 'false'
    case 'timestamptz':
      return JSON.stringify(`${text.replace(' ', 'T')}+00:00`)
    case 'text':
      return JSON.stringify(text)
  }
}
