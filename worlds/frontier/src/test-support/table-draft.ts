import type { FrontierKinds, Tables } from '../kinds.js'

type Name = keyof FrontierKinds
type Row = Record<string, unknown>

const KEYS: Partial<Record<Name, string>> = { ledger: 'resource' }

/** A copy of all tables that a test may spoil; it reads like the tables of a zone as far as invariants go. */
export class Draft {
  readonly #rows: Map<Name, Row[]>

  constructor(rows: Map<Name, Row[]>) {
    this.#rows = rows
  }

  get tables(): Tables {
    return Object.fromEntries(
      [...this.#rows].map(([name, rows]) => {
        const byKey = new Map(rows.map((row) => [row[KEYS[name] ?? 'id'], row]))
        const table = {
          count: rows.length,
          all: () => rows.values(),
          get: (key: unknown) => byKey.get(key),
          has: (key: unknown) => byKey.has(key),
        }
        return [name, table]
      }),
    ) as unknown as Tables
  }

  /** Sets columns of the first row that matches. */
  set(name: Name, where: Row, to: Row): void {
    Object.assign(this.#first(name, where), to)
  }

  add(name: Name, column: string, by: number): void {
    const row = this.#first(name, {})
    row[column] = (row[column] as number) + by
  }

  flip(name: Name, column: string): void {
    const row = this.#first(name, {})
    row[column] = row[column] !== true
  }

  /** Sets a column to another of the same row, plus one. */
  change(name: Name, columns: Readonly<Record<string, number>>, { from }: { from: string }): void {
    const row = this.#first(name, {})
    for (const column of Object.keys(columns)) row[column] = (row[from] as number) + 1
  }

  remove(name: Name): void {
    this.#table(name).shift()
  }

  duplicate(name: Name, differing: Row): void {
    this.#table(name).push({ ...this.#first(name, {}), ...differing })
  }

  duplicateMany(name: Name, count: number): void {
    for (let i = 0; i < count; i++) this.duplicate(name, { id: `copy ${i}` })
  }

  removeStorageInUse(): void {
    const stored = this.#table('inventories').find(({ storage }) => storage !== '')
    const structures = this.#table('structures')
    structures.splice(
      structures.findIndex(({ id }) => id === stored?.storage),
      1,
    )
  }

  #first(name: Name, where: Row): Row {
    const row = this.#table(name).find((each) =>
      Object.entries(where).every(([column, value]) => each[column] === value),
    )
    if (row === undefined) throw new Error(`no row of ${name} with ${JSON.stringify(where)}`)
    return row
  }

  #table(name: Name): Row[] {
    return this.#rows.get(name) ?? []
  }
}

export function draftOf(tables: Tables): Draft {
  const copies = new Map<Name, Row[]>()
  for (const name of Object.keys(tables) as Name[]) {
    const rows: Row[] = []
    for (const row of tables[name].all()) rows.push({ ...row })
    copies.set(name, rows)
  }
  return new Draft(copies)
}
