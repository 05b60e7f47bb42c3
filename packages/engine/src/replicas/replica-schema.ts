import { TerraneError } from '@terrane/core'
import type { Visibility } from '../world/define-world.js'
import { COLUMNS_MAX, type ColumnSchema, type ColumnType, type KindSchema } from '../world/kind-schema.js'
import type { Replication } from '../world/replication.js'

/** Columns that a copy has beside those of its row; no property of a table is called like this by accident. */
export const OWNER_COLUMN = '$zone'
export const STALE_COLUMN = '$stale'

/** The kind under which clients see copies of another kind's rows. */
export function replicaKindName(kind: string): string {
  return `replicas.${kind}`
}

/** Throws `invalid_world` when rows of the kind cannot be copied as it says. */
export function replicaSchemaOf(
  schema: KindSchema,
  replication: Replication<never>,
  visible: Visibility<never> | undefined,
): KindSchema {
  const { columns: given, position, to, everyTicks = 1, reach = 0 } = replication
  const fail = (message: string, hint: string) =>
    new TerraneError('invalid_world', `kind "${schema.name}": ${message}`, { hint })
  for (const column of given ?? []) {
    const isKnown = schema.columns.some(({ name }) => name === column)
    if (!isKnown) throw fail(`replicate names the unknown column "${column}"`, 'Check its spelling.')
  }
  if (position === undefined && to === undefined) {
    throw fail('replicate says of no zone that it has copies', 'Give it a position, or a list of zones by `to`.')
  }
  if (!(Number.isInteger(everyTicks) && everyTicks >= 1)) {
    throw fail(`replicate.everyTicks is ${everyTicks}`, 'Give a whole number from 1.')
  }
  if (!(reach >= 0)) throw fail(`replicate.reach is ${reach}`, 'Give a distance in world units.')
  const key = schema.columns[schema.keyColumn] as ColumnSchema
  const copied = schema.columns.filter((column) => column === key || given === undefined || given.includes(column.name))
  if (copied.length + 2 > COLUMNS_MAX) {
    throw fail(
      `${copied.length} columns are too many to copy`,
      `Copy ${COLUMNS_MAX - 2} at most, by replicate.columns.`,
    )
  }
  for (const column of placeColumnsOf(visible)) {
    const isCopied = copied.some(({ name }) => name === column)
    if (!isCopied) throw fail(`replicate leaves out "${column}", which says who sees it`, 'Add it to the columns.')
  }
  return {
    ...schema,
    name: replicaKindName(schema.name),
    columns: [...copied, added(OWNER_COLUMN, 'text', 'text'), added(STALE_COLUMN, 'boolean', 'boolean')],
    keyColumn: copied.indexOf(key),
  }
}

function placeColumnsOf(visible: Visibility<never> | undefined): readonly string[] {
  if (visible?.to === 'nearby') return [visible.x, visible.y]
  return visible?.to === 'owner' || visible?.to === 'room' ? [visible.column] : []
}

function added(name: string, type: ColumnType, sqlType: string): ColumnSchema {
  return { name, sqlName: name, type, sqlType, notNull: true, hasDefault: false, defaultValue: undefined }
}
