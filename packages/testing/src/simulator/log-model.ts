import { type AnyWorld, decodeBatch, type KindSchema, type LogEntry, visitChanges, type Zone } from '@terrane/engine'

/** Rows by kind, then key. */
export type ModelTables = Map<string, Map<string | number, unknown[]>>

/** Rebuilds a zone from its whole log alone, in the plainest way: what recovery must agree with. */
export function replayLog(world: AnyWorld, log: readonly LogEntry[]): ModelTables {
  const tables: ModelTables = new Map(world.schemas.map((schema) => [schema.name, new Map()]))
  for (const entry of log) {
    for (const kind of decodeBatch(entry.payload).kinds) {
      const rows = tables.get(kind.name) ?? new Map<string | number, unknown[]>()
      visitChanges(kind, {
        whole: (key, values) => rows.set(key, [...values]),
        changed: (key, mask, values) => {
          const row = rows.get(key)
          if (row === undefined) throw new Error(`the log changes ${kind.name} ${key}, which it never inserted`)
          let at = 0
          for (let column = 0; column < row.length; column++)
            if ((mask & (1 << column)) !== 0) row[column] = values[at++]
        },
        deleted: (key) => rows.delete(key),
      })
    }
  }
  return tables
}

export function tablesOf(world: AnyWorld, zone: Zone): ModelTables {
  return new Map(
    world.schemas.map((schema: KindSchema) => {
      const rows = new Map<string | number, unknown[]>()
      for (const row of zone.tables[schema.name]?.all() ?? []) {
        const values = schema.columns.map((column) => (row as Record<string, unknown>)[column.name])
        rows.set(values[schema.keyColumn] as string | number, values)
      }
      return [schema.name, rows]
    }),
  )
}

/** The first difference, in words. */
export function difference(expected: ModelTables, found: ModelTables): string | undefined {
  for (const [kind, rows] of expected) {
    const others = found.get(kind)
    if (others === undefined || others.size !== rows.size) {
      return `${kind}: ${rows.size} rows were expected and ${others?.size ?? 0} found`
    }
    for (const [key, values] of rows) {
      const other = JSON.stringify(others.get(key))
      if (JSON.stringify(values) !== other)
        return `${kind} ${key}: ${JSON.stringify(values)} was expected, ${other} found`
    }
  }
  return undefined
}
