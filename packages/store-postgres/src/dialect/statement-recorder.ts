import { Client, type ClientConfig } from 'pg'
import { OneTripTransaction } from '../connection/one-trip-transaction.js'

/** One statement as it was given to the driver. */
export interface RecordedStatement {
  readonly text: string
  /** The connection that sent it; connections count from 1. */
  readonly connection: number
  /** The name of a prepared statement; undefined for an unnamed one. */
  readonly name: string | undefined
}

export interface StatementRecorder {
  /** What Terrane's connections have sent, in order. */
  readonly statements: readonly RecordedStatement[]
  /** Stops recording. */
  stop(): void
}

/** What `Client.query` takes: a text, a config, or what sends several statements. */
type QueryArgument = string | OneTripTransaction | { readonly text?: string; readonly name?: string }

/**
 * Records what every connection of Terrane's in this process sends, at the driver's one entrance. A test's
 * own connections, which do not call themselves `applicationName`, are left out.
 */
export function recordStatements(applicationName = 'terrane'): StatementRecorder {
  const statements: RecordedStatement[] = []
  const connections = new Map<Client, number>()
  const prototype = Client.prototype as unknown as { query: (this: Client, ...args: unknown[]) => unknown }
  const query = prototype.query
  prototype.query = function (...args) {
    const { connectionParameters } = this as Client & { connectionParameters: ClientConfig }
    if (connectionParameters.application_name === applicationName) {
      if (!connections.has(this)) connections.set(this, connections.size + 1)
      const connection = connections.get(this) as number
      for (const { text, name } of sentBy(args[0] as QueryArgument)) statements.push({ text, connection, name })
    }
    return query.apply(this, args)
  }
  return {
    statements,
    stop: () => {
      prototype.query = query
    },
  }
}

function sentBy(first: QueryArgument): readonly { readonly text: string; readonly name?: string | undefined }[] {
  if (typeof first === 'string') return [{ text: first }]
  if (first instanceof OneTripTransaction) return first.statements
  return [{ text: first.text ?? '', name: first.name }]
}
