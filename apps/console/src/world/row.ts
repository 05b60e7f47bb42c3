export type Row = Readonly<Record<string, unknown>>
export type Key = string | number

/** One row, by its kind and key. */
export interface RowRef {
  readonly kind: string
  readonly key: Key
}

export function sameRef(a: RowRef | undefined, b: RowRef | undefined): boolean {
  return a?.kind === b?.kind && a?.key === b?.key
}

export function numberIn(row: Row, column: string): number {
  const value = row[column]
  return typeof value === 'number' ? value : 0
}

export function textIn(row: Row, column: string): string {
  const value = row[column]
  return typeof value === 'string' ? value : value === null || value === undefined ? '' : String(value)
}
