import { type Row, TABLES, type TableName } from '@terrane/combat'
import { propertyOf } from '../schema/game-schema.js'
import {
  CLIENT_TABLES,
  type ClientColumn,
  type ClientRow,
  type ClientTable,
  type ClientType,
} from './client-columns.js'

type ValueAt<C> = C extends `${infer T}.${infer N}`
  ? T extends ClientTable
    ? N extends keyof ClientRow<T>
      ? ClientRow<T>[N]
      : never
    : never
  : never

/** Where the values of a column come from. */
export interface ColumnSource<V = unknown> {
  readonly of: readonly ClientColumn[]
  /** Of the values in these columns; those of a row that is not there are 0 and ''. */
  readonly make: (values: readonly (string | number)[]) => V
}

/** As it is. */
export function copy<C extends ClientColumn>(column: C): ColumnSource<ValueAt<C>> {
  return { of: [column], make: ([value]) => value as ValueAt<C> }
}

/** Computed. */
export function derive<const C extends readonly ClientColumn[], V>(
  of: C,
  make: (...values: { [K in keyof C]: ValueAt<C[K]> }) => V,
): ColumnSource<V> {
  return { of, make: (values) => make(...(values as { [K in keyof C]: ValueAt<C[K]> })) }
}

/** Of what client tables do not tell. */
export function fixed<const V>(value: V): ColumnSource<V> {
  return { of: [], make: () => value }
}

type Columns<T extends TableName> = (typeof TABLES)[T]
type PropertyOf<T extends TableName, C> = C extends keyof Columns<T>
  ? { [K in keyof Row<T>]: K extends CamelOf<C & string> ? Row<T>[K] : never }[keyof Row<T>]
  : never
type CamelOf<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<CamelOf<Tail>>}` : S

/** All columns of a table of Terrane's. */
export type ColumnSources<T extends TableName> = { readonly [C in keyof Columns<T>]: ColumnSource<PropertyOf<T, C>> }

/** The row of `table` whose key is the value of `on`, a column of a table that stands before it. */
export interface Join {
  readonly table: ClientTable
  readonly on: ClientColumn
  readonly rows: ReadonlyMap<number, unknown>
}

type AnyRow = Readonly<Record<string, string | number>>

/** Makes rows of Terrane's table `target` from rows of the client's table `from` and of those that are joined to it. */
export function rowMaker<T extends TableName, F extends ClientTable>(
  from: F,
  joins: readonly Join[],
  target: T,
  sources: ColumnSources<T>,
): (row: ClientRow<F>) => Row<T> {
  const position = new Map<ClientTable, number>([[from, 0]])
  const links = joins.map(({ table, on, rows }, i) => {
    const link = { rows, on: placeOf(on, position) }
    position.set(table, i + 1)
    return link
  })
  const columns = Object.keys(TABLES[target]).map((name) => {
    const { of, make } = sources[name as keyof Columns<T>]
    return { property: propertyOf(name), places: of.map((column) => placeOf(column, position)), make }
  })
  return (row) => {
    const rows: (AnyRow | undefined)[] = [row as AnyRow]
    for (const { rows: joined, on } of links) rows.push(joined.get(valueAt(rows, on) as number) as AnyRow | undefined)
    const made: Record<string, unknown> = {}
    for (const { property, places, make } of columns) made[property] = make(places.map((place) => valueAt(rows, place)))
    return made as Row<T>
  }
}

interface Place {
  readonly row: number
  readonly column: string
  readonly empty: string | number
}

function placeOf(column: ClientColumn, position: ReadonlyMap<ClientTable, number>): Place {
  const [table = '', name = ''] = column.split('.')
  const row = position.get(table as ClientTable)
  if (row === undefined) throw new Error(`${column} is of a table that is not joined`)
  const types = CLIENT_TABLES[table as ClientTable] as Readonly<Record<string, ClientType>>
  return { row, column: name, empty: types[name] === 'text' ? '' : 0 }
}

function valueAt(rows: readonly (AnyRow | undefined)[], { row, column, empty }: Place): string | number {
  return rows[row]?.[column] ?? empty
}
