/**
 * What a request asks for, checked: every table and column in it is one of the closed list (`readable-tables.ts`), so
 * that SQL can be made of it with nothing but parameters for values.
 */
import type { SqlType } from '../schema/game-schema.js'
import type { ReadableColumn, ReadableTable } from './readable-tables.js'

export interface ReadPlan {
  readonly table: ReadableTable
  readonly select: readonly Selected[]
  /** Undefined for all rows. */
  readonly where: Condition | undefined
  readonly order: readonly OrderTerm[]
  readonly offset: number
  /** Undefined for as many as the server gives at once. */
  readonly limit: number | undefined
  /** Whether `where` speaks of revisions; else the rows of the current one are meant. */
  readonly namesRevision: boolean
}

export type Selected = SelectedColumn | Embedded

export interface SelectedColumn {
  readonly kind: 'column'
  readonly column: ReadableColumn
  /** In the answer. */
  readonly name: string
  readonly cast: SqlType | undefined
}

/** Rows of another table that belong to a row: a list, or the one that a foreign key names. */
export interface Embedded {
  readonly kind: 'embedded'
  readonly name: string
  readonly isList: boolean
  /** The columns that are equal in both, beside `revision`. */
  readonly here: ReadableColumn
  readonly there: ReadableColumn
  /** `!inner`: rows without any are left out. */
  readonly isInner: boolean
  readonly plan: ReadPlan
}

export interface OrderTerm {
  readonly column: ReadableColumn
  readonly isDescending: boolean
  readonly nullsFirst: boolean
}

export type Comparison = '=' | '<>' | '>' | '>=' | '<' | '<='

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | {
      readonly kind: 'compare'
      readonly column: ReadableColumn
      readonly comparison: Comparison
      readonly value: string
    }
  | {
      readonly kind: 'like'
      readonly column: ReadableColumn
      readonly pattern: string
      readonly isCaseSensitive: boolean
    }
  | { readonly kind: 'in'; readonly column: ReadableColumn; readonly values: readonly string[] }
  | { readonly kind: 'is'; readonly column: ReadableColumn; readonly what: IsWhat }

export type IsWhat = 'null' | 'not_null' | 'true' | 'false' | 'unknown'
