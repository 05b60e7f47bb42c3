/** What became of the rows of client tables. */
export interface ImportReport {
  /** Rows of each file. */
  readonly read: Readonly<Record<string, number>>
  /** By table of Terrane's. */
  readonly tables: Readonly<Record<string, TableReport>>
}

interface TableReport {
  readonly made: number
  /** Rows of the client's that nothing was made of, by the reason. */
  readonly leftOut: Readonly<Record<string, number>>
}

/** Counts while an import goes on. */
export class ImportCounts {
  readonly #read: Record<string, number> = {}
  readonly #leftOut: Record<string, Record<string, number>> = {}

  read(file: string, rows: number): void {
    // A file that is read again has no more rows.
    this.#read[file] = rows
  }

  /** @param table of Terrane's for which the row would have been */
  leaveOut(table: string, why: string, rows = 1): void {
    if (rows === 0) return
    const reasons = this.#leftOut[table] ?? {}
    this.#leftOut[table] = reasons
    reasons[why] = (reasons[why] ?? 0) + rows
  }

  report(tables: Readonly<Record<string, readonly unknown[]>>): ImportReport {
    return {
      read: this.#read,
      tables: Object.fromEntries(
        Object.entries(tables).map(([name, { length }]) => [
          name,
          { made: length, leftOut: this.#leftOut[name] ?? {} },
        ]),
      ),
    }
  }
}
