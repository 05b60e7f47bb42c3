import type { GameTables } from '@terrane/combat'
import { TerraneError } from '@terrane/core'
import { GAME_TABLES, type GameColumn, type GameTable } from '@terrane/gamedata'
import { arrayLiteral } from '../checkpoints/array-literal.js'
import { withConnection } from '../connection/one-connection.js'
import type { Session, TextRow } from '../connection/session.js'
import type { ConnectionSettings } from '../connection/settings.js'

export interface RevisionRecord {
  readonly revision: string
  readonly patch: string
  /** Of the content: `checksumOf`. */
  readonly checksum: string
  /** ISO 8601, UTC. */
  readonly loadedAt: string
  readonly isCurrent: boolean
  /** Jobs that have not ended and are computed with it. */
  readonly openJobs: number
}

export interface NewRevision {
  /** Letters, digits and `._-`, at most 64. */
  readonly revision: string
  readonly patch: string
  readonly checksum: string
  readonly tables: GameTables
}

export interface Loaded {
  /** False when the very same content was there under this name already. */
  readonly isNew: boolean
  /** Rows of all tables. */
  readonly rows: number
  /** Revisions that were removed, because they are neither the one before nor used by an open job. */
  readonly pruned: readonly string[]
}

/** A statement's share of rows: large enough for speed, small enough for its parameters. */
const ROWS_PER_INSERT = 5_000
const ROWS_PER_SELECT = 20_000
/** The current revision and the one before it, which readers may be in the middle of. */
const REVISIONS_KEPT = 2

const REVISION = /^[\w.-]{1,64}$/

const OPEN_JOBS = "SELECT revision FROM public.jobs WHERE status = 'pending' OR status = 'running'"

/**
 * Loads a revision and makes it the current one, in one transaction: readers see all of it or nothing. Loading what is
 * there already changes nothing but which revision is current. Imports take turns.
 * @param settings of gateway_admin; the server's own role can only read
 * @param onTable called before the rows of each table are sent
 * @throws TerraneError `bad_revision`, `revision_taken`, `database_refused`
 */
export async function loadRevision(
  settings: ConnectionSettings,
  given: NewRevision,
  onTable?: (table: string, rows: number) => void,
): Promise<Loaded> {
  if (!REVISION.test(given.revision)) {
    throw new TerraneError('bad_revision', `"${given.revision}" cannot name a revision`, {
      hint: 'Use letters, digits and ._- only, at most 64 of them.',
    })
  }
  return withConnection(settings, 'loadRevision', (session) =>
    session.transaction(async () => {
      // Its row lock makes a second import wait, and keeps the switch for the moment of COMMIT.
      await session.query(
        'INSERT INTO game.current_revision (id, revision) VALUES (1, $1) ' +
          'ON CONFLICT (id) DO UPDATE SET revision = excluded.revision',
        [given.revision],
      )
      const isNew = await insertMeta(session, given)
      let rows = 0
      for (const table of GAME_TABLES) {
        const tableRows = given.tables[table.name] as readonly Row[]
        rows += tableRows.length
        if (!isNew) continue
        onTable?.(table.name, tableRows.length)
        await insertRows(session, given.revision, table, tableRows)
      }
      return { keep: true, result: { isNew, rows, pruned: await prune(session, REVISIONS_KEPT) } }
    }),
  )
}

/** The newest first. */
export async function listRevisions(settings: ConnectionSettings): Promise<readonly RevisionRecord[]> {
  return withConnection(settings, 'listRevisions', async (session) => {
    const { rows: current } = await session.query('SELECT revision FROM game.current_revision WHERE id = 1')
    const { rows: open } = await session.query(OPEN_JOBS)
    const { rows } = await session.query(
      "SELECT revision, patch, checksum, loaded_at AT TIME ZONE 'UTC' FROM game.meta ORDER BY loaded_at DESC, revision",
    )
    return rows.map(([revision, patch, checksum, loadedAt]) => ({
      revision: revision ?? '',
      patch: patch ?? '',
      checksum: checksum ?? '',
      loadedAt: `${loadedAt?.replace(' ', 'T')}Z`,
      isCurrent: revision === current[0]?.[0],
      openJobs: open.filter(([used]) => used === checksum).length,
    }))
  })
}

/**
 * Removes revisions beyond the newest `keep` (at least 1), except the current one and those of open jobs.
 * @param settings of gateway_admin
 * @returns the names of those removed
 */
export async function pruneRevisions(settings: ConnectionSettings, keep: number): Promise<readonly string[]> {
  return withConnection(settings, 'pruneRevisions', (session) =>
    session.transaction(async () => ({ keep: true, result: await prune(session, keep) })),
  )
}

/**
 * All tables of a revision, rows by their keys; undefined when it is not there (any more). One that is removed meanwhile
 * may come out in part: compare its checksum.
 * @param session of a role that may read
 */
export async function readRevision(
  session: Session,
  revision: string,
  rowsPerSelect = ROWS_PER_SELECT,
): Promise<GameTables | undefined> {
  const { rows } = await session.query('SELECT revision FROM game.meta WHERE revision = $1', [revision])
  if (rows.length === 0) return undefined
  const tables: Record<string, Row[]> = {}
  for (const table of GAME_TABLES) {
    tables[table.name] = await readTable(session, revision, table, rowsPerSelect)
  }
  return tables as unknown as GameTables
}

/** In parts, each from behind the last key of the one before: a statement's time is limited, a table's size is not. */
async function readTable(session: Session, revision: string, table: GameTable, rowsPerSelect: number): Promise<Row[]> {
  const places = table.key.map((name) => table.columns.findIndex((column) => column.name === name))
  const key = table.key.map(quote).join(', ')
  const select = `SELECT ${table.columns.map(({ name }) => quote(name)).join(', ')} FROM game.${table.name} WHERE revision = $1`
  const order = `ORDER BY ${key} LIMIT ${rowsPerSelect}`
  const rows: Row[] = []
  let from: readonly (string | null)[] | undefined
  for (;;) {
    const found =
      from === undefined
        ? await session.query(`${select} ${order}`, [revision])
        : await session.query(`${select} AND ${behind(table)} ${order}`, [revision, ...from])
    for (const row of found.rows) rows.push(rowOf(table, row))
    const end = found.rows.at(-1)
    if (end === undefined || found.rows.length < rowsPerSelect) return rows
    from = places.map((place) => end[place] ?? null)
  }
}

/**
 * Whose key is greater than $2, $3, …, without comparing rows, which is no part of the common dialect. That the first
 * column is not less says nothing new, but it is what an index is searched by.
 */
function behind({ key, columns }: GameTable): string {
  const parts = key.map((name, i) => {
    const type = columns.find((column) => column.name === name)?.type
    return { column: quote(name), value: `$${i + 2}::${type}` }
  })
  const greater = parts.map(({ column, value }, i) =>
    [...parts.slice(0, i).map((before) => `${before.column} = ${before.value}`), `${column} > ${value}`].join(' AND '),
  )
  const [first] = parts
  return `${first?.column} >= ${first?.value} AND (${greater.map((one) => `(${one})`).join(' OR ')})`
}

type Row = Readonly<Record<string, unknown>>

/** False when the same content is there under this name. */
async function insertMeta(session: Session, { revision, patch, checksum }: NewRevision): Promise<boolean> {
  const { rows } = await session.query('SELECT checksum FROM game.meta WHERE revision = $1', [revision])
  const present = rows[0]?.[0]
  if (present === checksum) return false
  if (present !== undefined) {
    throw new TerraneError('revision_taken', `the revision ${revision} is there already, with other content`, {
      hint: 'Give the new data a name of its own, or leave --revision out: the name then follows the content.',
    })
  }
  await session.query('INSERT INTO game.meta (revision, patch, checksum) VALUES ($1, $2, $3)', [
    revision,
    patch,
    checksum,
  ])
  return true
}

const ARRAYS = { int8: 'integer', float8: 'float', bool: 'boolean', text: 'text', timestamptz: 'date' } as const

async function insertRows(session: Session, revision: string, table: GameTable, rows: readonly Row[]): Promise<void> {
  const { name, columns } = table
  const names = columns.map((column) => quote(column.name)).join(', ')
  const arrays = columns.map(({ type }, index) => `$${index + 2}::${type}[]`).join(', ')
  const values = columns.map((_, index) => `u.c${index}`).join(', ')
  const text =
    `INSERT INTO game.${name} (revision, ${names}) SELECT $1::text, ${values} ` +
    `FROM unnest(${arrays}) AS u (${columns.map((_, index) => `c${index}`).join(', ')})`
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
    const part = rows.slice(start, start + ROWS_PER_INSERT)
    const literals = columns.map((column) => {
      return arrayLiteral(
        ARRAYS[column.type],
        part.map((row) => row[column.property]),
      )
    })
    await session.query(text, [revision, ...literals])
  }
}

async function prune(session: Session, keep: number): Promise<readonly string[]> {
  const { rows: all } = await session.query(
    'SELECT revision, checksum FROM game.meta ORDER BY loaded_at DESC, revision',
  )
  const { rows: current } = await session.query('SELECT revision FROM game.current_revision WHERE id = 1')
  const { rows: open } = await session.query(OPEN_JOBS)
  const used = new Set(open.map(([checksum]) => checksum))
  const isKept = ([revision, checksum]: TextRow, index: number) =>
    index < Math.max(1, keep) || revision === current[0]?.[0] || used.has(checksum ?? '')
  const removed = all.filter((row, index) => !isKept(row, index)).map(([revision]) => revision ?? '')
  for (const revision of removed) await session.query('DELETE FROM game.meta WHERE revision = $1', [revision])
  return removed
}

function rowOf({ columns }: GameTable, row: TextRow): Row {
  const typed: Record<string, unknown> = {}
  for (const [index, column] of columns.entries()) typed[column.property] = parsed(column, row[index] ?? '')
  return typed
}

function parsed({ type }: GameColumn, text: string): unknown {
  if (type === 'bool') return text === 't'
  return type === 'text' ? text : Number(text)
}

function quote(name: string): string {
  return `"${name}"`
}
