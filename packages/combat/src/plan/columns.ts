import type { Lists, ModifierList } from './plan.js'

/** A column of whole numbers, one per row. */
export function ints<R>(rows: readonly R[], pick: (row: R, index: number) => number): Int32Array {
  return Int32Array.from(rows, pick)
}

export function floats<R>(rows: readonly R[], pick: (row: R, index: number) => number): Float64Array {
  return Float64Array.from(rows, pick)
}

export function bytes<R>(rows: readonly R[], pick: (row: R, index: number) => number | boolean): Uint8Array {
  return Uint8Array.from(rows, (row, index) => Number(pick(row, index)))
}

export function lists(entries: readonly (readonly number[])[]): Lists {
  return { start: starts(entries), items: Int32Array.from(entries.flat()) }
}

export interface Modifier {
  readonly aura: number
  readonly value: number
}

export function modifierList(entries: readonly (readonly Modifier[])[]): ModifierList {
  const flat = entries.flat()
  return { start: starts(entries), aura: ints(flat, ({ aura }) => aura), value: floats(flat, ({ value }) => value) }
}

/** Where each entry's items begin, and behind the last where they end. */
export function starts(entries: readonly (readonly unknown[])[]): Int32Array {
  const start = new Int32Array(entries.length + 1)
  entries.forEach((items, index) => {
    start[index + 1] = (start[index] as number) + items.length
  })
  return start
}
