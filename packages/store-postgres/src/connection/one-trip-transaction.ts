import type { Connection, Submittable } from 'pg'
import type { TextResult, TextRow } from './session.js'

/** A statement with its parameters: text in the server's form, or bytes. */
export interface Statement {
  readonly text: string
  readonly values: readonly (string | Uint8Array)[]
}

/** What the driver's types leave out of a connection: `more` is long gone, and streams of Node can be corked. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void }
  parse(message: { text: string }): void
  bind(message: { values: readonly unknown[] }): void
  describe(message: { type: 'P' }): void
  execute(message: object): void
  sync(): void
}

type Done = (error: Error | null, results?: readonly TextResult[]) => void

const BEGIN: Statement = { text: 'BEGIN', values: [] }
const COMMIT: Statement = { text: 'COMMIT', values: [] }

/**
 * A transaction whose statements need no answer of one another, sent at once: one round trip instead of one for each
 * and two more. There is one Sync, behind COMMIT, so that after a refusal the server skips all that follows: when
 * BEGIN itself fails nothing runs outside of a transaction. Whoever is refused has yet to send ROLLBACK.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
export class OneTripTransaction implements Submittable {
  readonly statements: readonly Statement[]
  /** Called once; the driver wraps it when it watches the time. */
  callback: Done
  readonly #results: TextResult[] = []
  #rows: TextRow[] = []

  constructor(statements: readonly Statement[], callback: Done) {
    this.statements = [BEGIN, ...statements, COMMIT]
    this.callback = callback
  }

  submit(connection: Connection): void {
    const wire = connection as unknown as Wire
    wire.stream.cork()
    try {
      for (const { text, values } of this.statements) {
        wire.parse({ text })
        wire.bind({ values })
        wire.describe({ type: 'P' })
        wire.execute({})
      }
      wire.sync()
    } finally {
      wire.stream.uncork()
    }
  }

  /** All values are taken as text: what the columns are does not matter. */
  handleRowDescription(): void {}

  handleDataRow({ fields }: { fields: TextRow }): void {
    this.#rows.push(fields)
  }

  /** @param message its text is the command's tag: `INSERT 0 3` */
  handleCommandComplete({ text }: { text: string }): void {
    this.#results.push({ rows: this.#rows, rowCount: Number(/\d+$/.exec(text)?.[0] ?? 0) })
    this.#rows = []
  }

  handleError(error: Error): void {
    this.callback(error)
  }

  handleReadyForQuery(): void {
    this.callback(null, this.#results.slice(1, -1))
  }
}
