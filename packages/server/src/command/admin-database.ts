import { join } from 'node:path'
import { messageOf, TerraneError } from '@terrane/core'
import { type ConnectionSettings, connectHintOf, embeddedRoleAccess, ROLES, withUser } from '@terrane/store-postgres'
import type { Environment } from '../config/environment.js'
import { CommandFailure } from '../process/failure.js'
import type { DatabaseOptions } from './database-options.js'

/**
 * The database as gateway_admin: the server itself may only read some of it.
 * @param what cannot be done by another role
 * @throws CommandFailure
 */
export async function adminAccess(
  { url: given, certs: givenCerts, data }: DatabaseOptions,
  { databaseUrl, databaseAdminUrl, databaseCerts }: Environment,
  what: string,
): Promise<ConnectionSettings> {
  const certs = givenCerts ?? databaseCerts
  // With certificates the admin is told from the writer by theirs.
  const byCertificate =
    certs === undefined || databaseUrl === undefined ? undefined : withUser(databaseUrl, ROLES.admin)
  const url = given ?? databaseAdminUrl ?? byCertificate
  if (url !== undefined) return certs === undefined ? { url } : { url, certs }
  if (databaseUrl !== undefined) {
    throw new CommandFailure('no_admin', {
      what: `${what} with what is known of the database`,
      why: `DATABASE_URL is the server's own role, which may only read it, and DATABASE_ADMIN_URL is not set`,
      next: `set DATABASE_ADMIN_URL, or give --url ${withUser(databaseUrl, ROLES.admin, 'PASSWORD')}`,
    })
  }
  const embedded = await embeddedRoleAccess(join(data, 'postgres'), ROLES.admin)
  if (embedded !== undefined) return embedded
  throw new CommandFailure('no_database', {
    what: 'there is no database to use',
    why: `no server runs with its data in ${data}, and no database is named`,
    next: 'start one (npm start) and run this beside it, name its directory with --data, or a database with --url',
  })
}

/** Gives errors of the database the three parts that a person needs. @param what did not work */
export async function asCommand<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof CommandFailure) throw error
    const why = messageOf(error)
    const code = error instanceof TerraneError ? error.code : 'database_unreachable'
    const hint = (error as { hint?: string }).hint ?? connectHintOf(error)
    throw new CommandFailure(code, {
      what,
      why,
      next: hint ?? 'see whether the database runs, and ask again',
      cause: error,
    })
  }
}
