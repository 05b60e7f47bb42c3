import { Client, type ClientConfig } from 'pg'

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

/** What `Client.query` takes: a text, a config, or a submittable such as a cursor. */
type QueryArgument = string | { readonly text?: string; readonly name?: string }

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
      const first = args[0] as QueryArgument
      if (!connections.has(this)) connections.set(this, connections.size + 1)
      statements.push({
        text: typeof first === 'string' ? first : (first.text ?? ''),
        connection: connections.get(this) as number,
        name: typeof first === 'string' ? undefined : first.name,
      })
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
