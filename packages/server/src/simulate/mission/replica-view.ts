import type { AnyWorld } from '@terrane/engine'
import { schemasForClients } from '@terrane/engine'
import type { ReplicaModel } from '@terrane/testing'

/** Rows of one kind, as a client holds them. */
export interface Rows<Row> {
  get(key: string | number): Row | undefined
  all(): Iterable<Row>
}

/** Reads a client's replica by kinds, with rows as objects. */
export class ReplicaView {
  readonly #replica: ReplicaModel
  readonly #kinds = new Map<string, { readonly number: number; readonly key: number; readonly names: string[] }>()

  constructor(world: AnyWorld, replica: ReplicaModel) {
    this.#replica = replica
    schemasForClients(world).forEach(({ name, columns, keyColumn }, number) => {
      this.#kinds.set(name, { number, key: keyColumn, names: columns.map((column) => column.name) })
    })
  }

  /** @param kind `cars`, or `replicas.scores` for copies of rows that other zones own */
  rows<Row>(kind: string): Rows<Row> {
    const found = this.#kinds.get(kind)
    if (found === undefined) throw new Error(`clients know no kind "${kind}"`)
    const { number, key: keyColumn, names } = found
    const replica = this.#replica
    const rowOf = (values: readonly unknown[]) =>
      Object.fromEntries(names.map((name, column) => [name, values[column]])) as Row
    return {
      get(key) {
        for (const { kind, values } of replica.held())
          if (kind === number && values[keyColumn] === key) return rowOf(values)
        return undefined
      },
      *all() {
        for (const { kind, values } of replica.held()) if (kind === number) yield rowOf(values)
      },
    }
  }
}
