import { GAME_TABLES, type SqlType } from '../schema/game-schema.js'
import { RestError } from './rest-error.js'

export interface ReadableColumn {
  readonly table: string
  readonly name: string
  readonly type: SqlType
}

export interface ReadableTable {
  readonly name: string
  readonly columns: ReadonlyMap<string, ReadableColumn>
  /** Unique together with `revision`; what rows are ordered by when a request does not say. */
  readonly key: readonly ReadableColumn[]
}

/** A foreign key, as one of its two sides sees it. */
export interface Relationship {
  readonly target: ReadableTable
  readonly here: ReadableColumn
  readonly there: ReadableColumn
  /** Of the foreign key: what `!hint` may name, beside its column. */
  readonly constraint: string
  /** Whether it leads to any number of rows. */
  readonly isList: boolean
}

const REVISION = { name: 'revision', type: 'text' } as const

function readable(name: string, columns: readonly { name: string; type: SqlType }[], key: readonly string[]) {
  const byName = new Map(columns.map((column) => [column.name, { table: name, ...column }]))
  const keyColumns = key.flatMap((column) => byName.get(column) ?? [])
  return { name, columns: byName, key: keyColumns }
}

/** All that can be read, by name. Nothing else ever becomes an identifier of SQL. */
const READABLE: ReadonlyMap<string, ReadableTable> = new Map(
  [
    readable(
      'meta',
      [
        REVISION,
        { name: 'patch', type: 'text' },
        { name: 'checksum', type: 'text' },
        { name: 'loaded_at', type: 'timestamptz' },
      ],
      ['revision'],
    ),
    ...GAME_TABLES.map(({ name, columns, key }) => readable(name, [REVISION, ...columns], key)),
  ].map((table) => [table.name, table]),
)

/** @throws RestError PGRST205 */
export function readableTable(name: string): ReadableTable {
  const table = READABLE.get(name)
  if (table !== undefined) return table
  throw new RestError(404, 'PGRST205', `Could not find the table 'game.${name}' in the schema cache`, {
    hint: `The tables are ${[...READABLE.keys()].join(', ')}.`,
  })
}

/** @throws RestError 42703 */
export function columnOf(table: ReadableTable, name: string): ReadableColumn {
  const column = table.columns.get(name)
  if (column !== undefined) return column
  throw new RestError(400, '42703', `column ${table.name}.${name} does not exist`, {
    hint: `Its columns are ${[...table.columns.keys()].join(', ')}.`,
  })
}

const RELATIONSHIPS: ReadonlyMap<string, readonly Relationship[]> = relationships()

function relationships(): Map<string, Relationship[]> {
  const found = new Map<string, Relationship[]>()
  const add = (table: ReadableTable, relationship: Relationship) => {
    found.set(table.name, [...(found.get(table.name) ?? []), relationship])
  }
  for (const { name, key, references } of GAME_TABLES) {
    for (const { column, target: targetName, isOptional } of references) {
      if (isOptional) continue
      const table = readableTable(name)
      const target = readableTable(targetName)
      const here = columnOf(table, column)
      const there = columnOf(target, 'id')
      const constraint = `${name}_${column}_fkey`
      add(table, { target, here, there, constraint, isList: false })
      add(target, {
        target: table,
        here: there,
        there: here,
        constraint,
        isList: !(key.length === 1 && key[0] === column),
      })
    }
  }
  return found
}

/**
 * The foreign key between two tables.
 * @param hint names the one that is meant: its constraint or its column
 * @throws RestError PGRST200 when there is none, PGRST201 when there are several
 */
export function relationshipOf(table: ReadableTable, target: string, hint: string | undefined): Relationship {
  const candidates = (RELATIONSHIPS.get(table.name) ?? []).filter(
    (each) =>
      each.target.name === target &&
      (hint === undefined || [each.constraint, each.here.name, each.there.name].includes(hint)),
  )
  const [only, ...others] = candidates
  if (only === undefined) {
    const known = [...new Set((RELATIONSHIPS.get(table.name) ?? []).map((each) => each.target.name))]
    const details = `Searched for a foreign key relationship between '${table.name}' and '${target}'${hint === undefined ? '' : ` using the hint '${hint}'`} in the schema 'game', but no matches were found.`
    throw new RestError(
      400,
      'PGRST200',
      `Could not find a relationship between '${table.name}' and '${target}' in the schema cache`,
      { details, hint: known.length === 0 ? `${table.name} has none.` : `There are some to ${known.join(', ')}.` },
    )
  }
  if (others.length === 0) return only
  const hints = candidates.map(({ constraint }) => `${target}!${constraint}`).join(', ')
  throw new RestError(
    300,
    'PGRST201',
    `Could not embed because more than one relationship was found for '${table.name}' and '${target}'`,
    { hint: `Try changing '${target}' to one of these: ${hints}.` },
  )
}
