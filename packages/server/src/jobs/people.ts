import { openJobsDatabase, type PostgresNodes } from '@terrane/store-postgres'
import { adminAccess, asCommand } from '../command/admin-database.js'
import type { DatabaseOptions } from '../command/database-options.js'
import type { Environment } from '../config/environment.js'
import { CommandFailure } from '../process/failure.js'

export interface IdentifyOptions extends DatabaseOptions {
  readonly json: boolean
}

export interface GuildOptions extends IdentifyOptions {
  readonly add: readonly string[]
  readonly remove: readonly string[]
}

/** As the share settings of nodes have them, and as providers give them. */
const ID = /^[0-9A-Za-z_-]{1,40}$/
const USER_CHARS_MAX = 64

/** Says whose an account at Discord is. Throws `CommandFailure`. */
export async function identify(
  user: string,
  discordId: string,
  options: IdentifyOptions,
  environment: Environment,
): Promise<void> {
  if (user === '' || user.length > USER_CHARS_MAX) throw badId('user', user)
  requireIds('account', [discordId])
  await withNodes('the account cannot be written down', options, environment, (nodes) =>
    nodes.identify('discord', discordId, user),
  )
  process.stderr.write(`${discordId} at Discord is ${user}\n`)
  if (options.json)
    process.stdout.write(`${JSON.stringify({ name: 'jobs identify', passed: true, user, discordId })}\n`)
}

/** Changes who is in a guild, and lists who is then. Throws `CommandFailure`. */
export async function changeGuild(guild: string, options: GuildOptions, environment: Environment): Promise<void> {
  const { add, remove, json } = options
  requireIds('guild', [guild])
  requireIds('account', [...add, ...remove])
  const members = await withNodes('the guild cannot be changed', options, environment, async (nodes) => {
    if (add.length > 0) await nodes.addMembers(guild, add)
    if (remove.length > 0) await nodes.removeMembers(guild, remove)
    return nodes.membersOf(guild)
  })
  for (const { discordId, userId } of members) process.stderr.write(`${discordId}: ${userId ?? 'no user is known'}\n`)
  if (members.length === 0) process.stderr.write(`nobody is in the guild ${guild}\n`)
  if (json) process.stdout.write(`${JSON.stringify({ name: 'jobs guild', passed: true, guild, members })}\n`)
}

async function withNodes<T>(
  failing: string,
  options: DatabaseOptions,
  environment: Environment,
  work: (nodes: PostgresNodes) => Promise<T>,
): Promise<T> {
  const access = await adminAccess(options, environment, failing)
  return asCommand(failing, async () => {
    const database = await openJobsDatabase(access)
    try {
      return await work(database.nodes)
    } finally {
      await database.close()
    }
  })
}

function requireIds(what: string, ids: readonly string[]): void {
  for (const id of ids) if (!ID.test(id)) throw badId(what, id)
}

function badId(what: string, id: string): CommandFailure {
  return new CommandFailure('bad_id', {
    what: `"${id}" names no ${what}`,
    why: 'ids are of letters, digits, - and _, 40 at most; users have 64 characters at most',
    next: 'copy the id from where it is shown, and ask again',
  })
}
