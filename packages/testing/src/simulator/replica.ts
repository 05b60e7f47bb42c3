import {
  decodeBlocks,
  ENTRY_CHANGED,
  ENTRY_GONE,
  FORM_LEFT,
  FORM_SNAPSHOT,
  type StateBlock,
  type WireType,
} from '@terrane/protocol'

/** A row as a client holds it. `values` is one array for as long as it holds the row. */
export interface HeldRow {
  cell: number
  readonly kind: number
  readonly values: unknown[]
}

/** The plainest possible reading of the state protocol, against which a zone's publications are checked. */
export class ReplicaModel {
  readonly versions = new Map<number, number>()
  readonly #rows = new Map<number, HeldRow>()
  readonly #types: readonly (readonly WireType[])[]
  epoch = 0

  constructor(types: readonly (readonly WireType[])[]) {
    this.#types = types
  }

  /** A new epoch: entity numbers mean something else now. */
  reset(epoch: number): void {
    this.epoch = epoch
    this.versions.clear()
    this.#rows.clear()
  }

  /** Returns what is wrong with the frame, or undefined. */
  apply(payload: Uint8Array): string | undefined {
    for (const block of decodeBlocks(payload, this.#types)) {
      const problem = this.#applyBlock(block)
      if (problem !== undefined) return problem
    }
    return undefined
  }

  /** Values by kind number and key, as text, sorted: for comparing. */
  rows(keyColumns: readonly number[]): Map<string, string> {
    const rows = new Map<string, string>()
    for (const held of this.#rows.values()) {
      rows.set(`${held.kind} ${String(held.values[keyColumns[held.kind] as number])}`, JSON.stringify(held.values))
    }
    return rows
  }

  /** The rows, in no particular order. */
  held(): Iterable<Readonly<HeldRow>> {
    return this.#rows.values()
  }

  #applyBlock(block: StateBlock): string | undefined {
    const { cell, form, version, previous, entries } = block
    if (form === FORM_LEFT || form === FORM_SNAPSHOT) {
      for (const [id, held] of this.#rows) if (held.cell === cell) this.#rows.delete(id)
    }
    if (form === FORM_LEFT) {
      this.versions.delete(cell)
      return undefined
    }
    const held = this.versions.get(cell) ?? 0
    if (form !== FORM_SNAPSHOT && held !== previous) {
      return `cell ${cell}: a delta from version ${previous} met version ${held}`
    }
    this.versions.set(cell, version)
    for (const { id, kind, op, mask, values } of entries) {
      const row = this.#rows.get(id)
      if (op === ENTRY_GONE) {
        if (row?.cell === cell) this.#rows.delete(id)
      } else if (op === ENTRY_CHANGED) {
        if (row === undefined) return `cell ${cell}: a change of the unknown entity ${id}`
        let at = 0
        for (let column = 0; column < row.values.length; column++) {
          if ((mask & (1 << column)) !== 0) row.values[column] = values[at++]
        }
      } else this.#rows.set(id, { cell, kind, values: [...values] })
    }
    return undefined
  }
}
