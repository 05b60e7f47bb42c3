import { storeErrorOf } from '../errors.js'
import { DatabaseClient } from './client.js'
import { Session } from './session.js'
import type { ConnectionSettings } from './settings.js'

/** Opens a connection for one piece of work without a time-out per statement, and closes it. Throws the port's errors. */
export async function withConnection<T>(
  settings: ConnectionSettings,
  call: string,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const client = new DatabaseClient(settings, { statementTimeoutMs: 0 })
  client.on('error', () => {})
  try {
    await client.connect()
  } catch (error) {
    client.abandon()
    throw storeErrorOf(error, call, false)
  }
  try {
    return await work(new Session(client))
  } catch (error) {
    throw storeErrorOf(error, call, false)
  } finally {
    await client.end().catch(() => {})
  }
}
