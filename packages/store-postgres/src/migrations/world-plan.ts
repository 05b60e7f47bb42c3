import type { AnyKind, AnyWorld } from '@terrane/engine'
import { ZONE_COLUMN } from '../checkpoints/kind-sql.js'
import type { ColumnSnapshot, DrizzleKit, Snapshot, TableSnapshot } from './drizzle-kit.js'

export interface WorldPlan {
  /** In the order in which they must run. */
  readonly statements: readonly string[]
  /** Those of them that lose data. */
  readonly destructive: readonly string[]
  /** Tables that the plan creates. */
  readonly creates: readonly string[]
}

/** SQL names of the tables whose rows are players' own: only persona zones write them. */
export function personaTables({ schemas, kinds }: AnyWorld): readonly string[] {
  const isPersonal = (name: string) => (kinds as Record<string, AnyKind>)[name]?.placed?.by === 'player'
  return schemas.filter(({ name }) => isPersonal(name)).map(({ sqlName }) => sqlName)
}

/**
 * Adds what every kind's table has beside the declared columns: the zone, and the key range per zone. Where only persona
 * zones may write, the database refuses rows of any other.
 */
export function withZoneColumn(snapshot: Snapshot, world: AnyWorld): Snapshot {
  const kinds = world.schemas
  const personal = personaTables(world)
  const tables: Record<string, TableSnapshot> = {}
  for (const [id, table] of Object.entries(snapshot.tables)) {
    const kind = kinds.find((each) => each.sqlName === table.name)
    const key = kind?.columns[kind.keyColumn]?.sqlName
    if (key === undefined) throw new Error(`table ${table.name} belongs to no kind`)
    const columns: Record<string, ColumnSnapshot> = {
      [ZONE_COLUMN]: { name: ZONE_COLUMN, type: 'text', primaryKey: false, notNull: true },
    }
    for (const [name, column] of Object.entries(table.columns)) columns[name] = { ...column, primaryKey: false }
    const name = `${table.name.slice(0, 48)}_terrane_pk`
    const compositePrimaryKeys = { [name]: { name, columns: [ZONE_COLUMN, key] } }
    const check = `${table.name.slice(0, 40)}_terrane_persona`
    const checkConstraints = personal.includes(table.name)
      ? { [check]: { name: check, value: `"${ZONE_COLUMN}" LIKE 'persona-%'` } }
      : {}
    tables[id] = { ...table, columns, compositePrimaryKeys, checkConstraints }
  }
  return { ...snapshot, tables }
}

/**
 * The statements from one schema to the next. drizzle-kit asks at the terminal whether a column that
 * vanished beside one that appeared was renamed; a server cannot answer. So removals and additions are
 * planned apart, and a rename is a removal: destructive, hence refused unless allowed.
 */
export async function planWorld(kit: DrizzleKit, before: Snapshot, after: Snapshot): Promise<WorldPlan> {
  const between = withoutRemovals(before, after)
  const removals = between === before ? [] : await kit.generateMigration(before, between)
  const additions = await kit.generateMigration(between, after)
  const retyped = retypedColumns(between, after)
  const lossy = additions.filter((statement) =>
    retyped.some((name) => statement.includes(`ALTER COLUMN ${name} SET DATA TYPE`)),
  )
  return {
    statements: [...removals, ...additions].map((statement) => statement.trim()),
    destructive: [...removals, ...lossy].map((statement) => statement.trim()),
    creates: Object.keys(after.tables)
      .filter((id) => between.tables[id] === undefined)
      .map((id) => (after.tables[id] as TableSnapshot).name),
  }
}

/** `before` without the tables and columns that `after` has no more; `before` itself when it keeps all. */
function withoutRemovals(before: Snapshot, after: Snapshot): Snapshot {
  let removed = false
  const tables: Record<string, TableSnapshot> = {}
  for (const [id, table] of Object.entries(before.tables)) {
    const next = after.tables[id]
    // A table whose key is another cannot be altered into it row by row.
    if (next === undefined || keyOf(next) !== keyOf(table)) {
      removed = true
      continue
    }
    const dropped = Object.keys(table.columns).filter((name) => next.columns[name] === undefined)
    if (dropped.length > 0) removed = true
    tables[id] = dropped.length === 0 ? table : withoutColumns(table, dropped)
  }
  return removed ? { ...before, tables } : before
}

function withoutColumns(table: TableSnapshot, dropped: readonly string[]): TableSnapshot {
  const keep = <T>(record: Record<string, T>, kept: (item: T) => boolean) =>
    Object.fromEntries(Object.entries(record).filter(([, item]) => kept(item)))
  return {
    ...table,
    columns: keep(table.columns, (column) => !dropped.includes(column.name)),
    indexes: keep(table.indexes, (index) => !index.columns.some((column) => dropped.includes(column.expression))),
  }
}

function keyOf(table: TableSnapshot): string {
  const key = Object.values(table.compositePrimaryKeys)[0]?.columns[1] ?? ''
  return `${key} ${table.columns[key]?.type}`
}

/** Type changes that every value survives. */
const WIDENINGS: Readonly<Record<string, readonly string[]>> = {
  smallint: ['integer', 'bigint'],
  integer: ['bigint'],
  real: ['double precision'],
  varchar: ['text'],
}

function retypedColumns(before: Snapshot, after: Snapshot): string[] {
  const names: string[] = []
  for (const [id, table] of Object.entries(before.tables)) {
    for (const [name, column] of Object.entries(table.columns)) {
      const type = after.tables[id]?.columns[name]?.type ?? column.type
      if (type !== column.type && !widens(column.type, type)) names.push(`"${name}"`)
    }
  }
  return names
}

function widens(from: string, to: string): boolean {
  const lengths = [from, to].map((type) => /^varchar\((\d+)\)$/.exec(type)?.[1])
  if (lengths[0] !== undefined && (to === 'varchar' || Number(lengths[1]) >= Number(lengths[0]))) return true
  return (WIDENINGS[from.replace(/\(.*/, '')] ?? []).includes(to)
}
