import type { Condition, Embedded, OrderTerm, ReadableColumn, ReadPlan, SelectedColumn } from '@terrane/gamedata'
import { arrayLiteral } from '../checkpoints/array-literal.js'

export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
}

/** Which of a table's rows are meant before its plan's own condition. */
export interface Scope {
  /** Undefined: the plan says itself which revisions. */
  readonly revision: string | undefined
  /** Only rows whose column has one of these values: those that belong to rows of another table. */
  readonly belonging?: { readonly column: ReadableColumn; readonly keys: readonly string[] }
}

/**
 * The SQL of a plan. Identifiers come from the closed list of tables and columns alone, and what a caller wrote is
 * always a parameter.
 */
export function selectStatement(
  plan: ReadPlan,
  outputs: readonly (SelectedColumn | ReadableColumn)[],
  scope: Scope,
  limit: number,
): Statement {
  const values: unknown[] = []
  const list = outputs.map((output) => outputSql(output)).join(', ')
  const where = whereSql(plan, scope, values)
  values.push(limit, plan.offset)
  const text =
    `SELECT ${list === '' ? '1' : list} FROM game.${quote(plan.table.name)} AS ${ROOT}${where} ` +
    `ORDER BY ${orderSql(plan)} LIMIT $${values.length - 1}::int8 OFFSET $${values.length}::int8`
  return { text, values }
}

/** How many rows a plan has without its limit and offset. */
export function countStatement(plan: ReadPlan, scope: Scope): Statement {
  const values: unknown[] = []
  const text = `SELECT count(*) FROM game.${quote(plan.table.name)} AS ${ROOT}${whereSql(plan, scope, values)}`
  return { text, values }
}

const ROOT = 't'

function outputSql(output: SelectedColumn | ReadableColumn): string {
  if (!('kind' in output)) return textOf(ROOT, output)
  const { column, cast } = output
  return cast === undefined ? textOf(ROOT, column) : `(${textOf(ROOT, column)})::${cast}`
}

/** A time does not depend on the session's time zone. */
function textOf(alias: string, column: ReadableColumn): string {
  const name = `${alias}.${quote(column.name)}`
  return column.type === 'timestamptz' ? `${name} AT TIME ZONE 'UTC'` : name
}

function whereSql(plan: ReadPlan, { revision, belonging }: Scope, values: unknown[]): string {
  const parts: string[] = []
  if (revision !== undefined) parts.push(`${ROOT}."revision" = $${values.push(revision)}`)
  if (belonging !== undefined) {
    const { column, keys } = belonging
    parts.push(`${ROOT}.${quote(column.name)} = ANY($${values.push(arrayLiteral('text', keys))}::${column.type}[])`)
  }
  parts.push(...conditionsSql(plan, ROOT, values))
  return parts.length === 0 ? '' : ` WHERE ${parts.join(' AND ')}`
}

function conditionsSql(plan: ReadPlan, alias: string, values: unknown[]): string[] {
  const own = plan.where === undefined ? [] : [conditionSql(plan.where, alias, values)]
  const inner = plan.select.filter((each): each is Embedded => each.kind === 'embedded' && each.isInner)
  return [...own, ...inner.map((embedded, index) => existsSql(embedded, alias, `${alias}_${index}`, values))]
}

function existsSql({ plan, here, there }: Embedded, outer: string, alias: string, values: unknown[]): string {
  const joined = `${alias}."revision" = ${outer}."revision" AND ${alias}.${quote(there.name)} = ${outer}.${quote(here.name)}`
  const conditions = [joined, ...conditionsSql(plan, alias, values)].join(' AND ')
  return `EXISTS (SELECT 1 FROM game.${quote(plan.table.name)} AS ${alias} WHERE ${conditions})`
}

function conditionSql(condition: Condition, alias: string, values: unknown[]): string {
  const nameOf = (column: ReadableColumn) => `${alias}.${quote(column.name)}`
  switch (condition.kind) {
    case 'not':
      return `NOT ${conditionSql(condition.part, alias, values)}`
    case 'and':
    case 'or': {
      const parts = condition.parts.map((part) => conditionSql(part, alias, values))
      return `(${parts.join(condition.kind === 'and' ? ' AND ' : ' OR ')})`
    }
    case 'compare': {
      const { column, comparison, value } = condition
      return `(${nameOf(column)} ${comparison} $${values.push(value)}::${column.type})`
    }
    case 'like': {
      const { column, pattern, isCaseSensitive } = condition
      return `(${nameOf(column)} ${isCaseSensitive ? 'LIKE' : 'ILIKE'} $${values.push(pattern)}::text)`
    }
    case 'in': {
      const { column, values: wanted } = condition
      return `(${nameOf(column)} = ANY($${values.push(arrayLiteral('text', wanted))}::${column.type}[]))`
    }
    case 'is':
      return `(${nameOf(condition.column)} ${IS[condition.what]})`
  }
}

const IS = {
  null: 'IS NULL',
  not_null: 'IS NOT NULL',
  true: 'IS TRUE',
  false: 'IS FALSE',
  unknown: 'IS UNKNOWN',
} as const

/** Ends with the key, so that pages never overlap. Where NULLs come is said, because the databases differ. */
function orderSql({ order, table }: ReadPlan): string {
  const terms = order.map(termSql)
  const ordered = new Set(order.map(({ column }) => column.name))
  for (const name of ['revision', ...table.key.map((column) => column.name)]) {
    if (!ordered.has(name)) terms.push(`${ROOT}.${quote(name)}`)
    ordered.add(name)
  }
  return terms.join(', ')
}

function termSql({ column, isDescending, nullsFirst }: OrderTerm): string {
  const direction = isDescending ? 'DESC' : 'ASC'
  return `${ROOT}.${quote(column.name)} ${direction} NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
