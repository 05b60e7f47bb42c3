import type { ClientBase } from 'pg'
import { breaksConnection } from '../errors.js'
import { OneTripTransaction, type Statement } from './one-trip-transaction.js'

/** A row as the server's text, by position; null is SQL's NULL. */
export type TextRow = readonly (string | null)[]

export interface TextResult {
  readonly rows: readonly TextRow[]
  /** Rows that a change touched. */
  readonly rowCount: number
}

/** A connection that somebody holds. Statements are unnamed: nothing piles up in the server's session. */
export class Session {
  readonly client: ClientBase
  /** Set while a statement that commits has no answer yet: a loss then is uncertain. */
  mayHaveCommitted = false

  constructor(client: ClientBase) {
    this.client = client
  }

  /** A statement that changes nothing for good: a read, or one inside a transaction. */
  async query(text: string, values: readonly unknown[] = []): Promise<TextResult> {
    const result = await this.client.query<(string | null)[]>({ text, values: values as unknown[], rowMode: 'array' })
    return { rows: result.rows, rowCount: result.rowCount ?? 0 }
  }

  /** A statement that commits when it succeeds: a single change, or COMMIT itself. */
  commit(text: string, values: readonly unknown[] = []): Promise<TextResult> {
    return this.#committing(() => this.query(text, values))
  }

  /** Runs `work` in a transaction. It commits unless `work` throws or returns `keep: false`. */
  async transaction<T>(work: () => Promise<{ keep: boolean; result: T }>): Promise<T> {
    await this.query('BEGIN')
    let outcome: { keep: boolean; result: T }
    try {
      outcome = await work()
    } catch (error) {
      await this.#rollBackAfter(error)
      throw error
    }
    if (outcome.keep) await this.commit('COMMIT')
    else await this.query('ROLLBACK')
    return outcome.result
  }

  /** Runs statements that need no answer of one another in a transaction, in one round trip. All of them happen, or none. */
  async transactionInOneTrip(statements: readonly Statement[]): Promise<readonly TextResult[]> {
    try {
      return await this.#committing(
        () =>
          new Promise((resolve, reject) => {
            this.client.query(
              new OneTripTransaction(statements, (error, results = []) =>
                error === null ? resolve(results) : reject(error),
              ),
            )
          }),
      )
    } catch (error) {
      await this.#rollBackAfter(error)
      throw error
    }
  }

  async #committing<T>(work: () => Promise<T>): Promise<T> {
    this.mayHaveCommitted = true
    try {
      const result = await work()
      this.mayHaveCommitted = false
      return result
    } catch (error) {
      // What the server has refused it has not done.
      if (!breaksConnection(error)) this.mayHaveCommitted = false
      throw error
    }
  }

  /** A connection that is given up takes its transaction along; asking it could only wait for a dead server. */
  async #rollBackAfter(error: unknown): Promise<void> {
    if (!breaksConnection(error)) await this.query('ROLLBACK').catch(() => {})
  }
}
