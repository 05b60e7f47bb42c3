import Module, { createRequire } from 'node:module'

/** A schema as drizzle-kit writes it down; only what we touch is typed. */
export interface Snapshot {
  tables: Record<string, TableSnapshot>
  [other: string]: unknown
}

export interface TableSnapshot {
  name: string
  schema: string
  columns: Record<string, ColumnSnapshot>
  indexes: Record<string, { name: string; columns: { expression: string }[] }>
  compositePrimaryKeys: Record<string, { name: string; columns: string[] }>
  checkConstraints: Record<string, { name: string; value: string }>
  [other: string]: unknown
}

export interface ColumnSnapshot {
  name: string
  type: string
  primaryKey: boolean
  notNull: boolean
  default?: unknown
}

export interface DrizzleKit {
  generateDrizzleJson(tables: Record<string, unknown>): Snapshot
  generateMigration(before: Snapshot, after: Snapshot): Promise<string[]>
}

/** Not in @types/node, but stable since Node 8.9: `require.resolve` is made of it. */
interface ModuleInternals {
  _resolveFilename(request: string, parent: unknown, isMain: boolean, options?: { paths: string[] }): string
}

let loaded: DrizzleKit | undefined

/**
 * Loads drizzle-kit, which takes about 0.4 s: only when a world's tables have changed.
 *
 * It needs `drizzle-orm` without depending on it, and finds none when npm has put ours in our own
 * node_modules (it does that in this repository, and would for some users). So while it loads, that one
 * name is resolved from here.
 */
export function loadDrizzleKit(): DrizzleKit {
  if (loaded !== undefined) return loaded
  const require = createRequire(import.meta.url)
  const internals = Module as unknown as ModuleInternals
  const resolve = internals._resolveFilename
  internals._resolveFilename = function (request, parent, isMain, options) {
    const ours = request === 'drizzle-orm' || request.startsWith('drizzle-orm/')
    return resolve.call(this, request, parent, isMain, ours ? { paths: [import.meta.dirname] } : options)
  }
  try {
    loaded = require('drizzle-kit/api') as DrizzleKit
  } finally {
    internals._resolveFilename = resolve
  }
  return loaded
}
