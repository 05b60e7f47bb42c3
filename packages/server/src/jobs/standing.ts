import type { PostgresNodes } from '@terrane/store-postgres'

/** What this sentinel has found out about nodes and the database does not know yet. */
export class Standing {
  readonly #nodes: PostgresNodes
  readonly #confirmed = new Map<string, number>()
  readonly #distrusted = new Map<string, string>()

  constructor(nodes: PostgresNodes) {
    this.#nodes = nodes
  }

  confirmed(publicKey: string): void {
    this.#confirmed.set(publicKey, (this.#confirmed.get(publicKey) ?? 0) + 1)
  }

  distrusted(publicKey: string, reason: string): void {
    this.#distrusted.set(publicKey, reason)
  }

  /** Writes it down. Who has lied is kept for the next time when it could not be written. */
  async save(): Promise<void> {
    for (const [key, reason] of [...this.#distrusted]) {
      await this.#nodes.distrust(key, reason)
      this.#distrusted.delete(key)
    }
    for (const [key, count] of [...this.#confirmed]) {
      // Before the answer, which may be lost: nothing is counted twice, and at worst a node is taken for new a little longer.
      this.#confirmed.delete(key)
      await this.#nodes.confirm(key, count)
    }
  }
}
