/**
 * `terrane db roles`: what is done once per database server, by somebody who is its superuser, so that a
 * Terrane server never has to be one.
 */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { judge, messageOf } from '@terrane/core'
import {
  type ConnectionSettings,
  connectHintOf,
  ensureRoles,
  existingRoles,
  openPostgresStore,
  parseDatabaseUrl,
  ROLES,
  type RoleName,
  requireSuperuser,
  withConnection,
  withUser,
} from '@terrane/store-postgres'
import { Command } from 'commander'
import { CommandFailure } from '../process/failure.js'

interface RolesOptions {
  readonly url: string
  readonly certs?: string
  readonly passwordFile?: string
  readonly newPasswords: boolean
  readonly json: boolean
}

/** 192 bits, in characters that need no escaping in a URL. */
const PASSWORD_BYTES = 24

export function rolesCommand(): Command {
  return new Command('roles')
    .description(
      `Makes ${ROLES.admin} (changes tables), ${ROLES.writer} (what a server runs as) and ${ROLES.reader}. Can be repeated.`,
    )
    .requiredOption('--url <url>', 'the database to prepare, as its superuser; PGPASSWORD may hold the password')
    .option('--certs <directory>', 'log in by certificates, as the roles will: no passwords are made')
    .option('--password-file <file>', 'write the URLs with new passwords to this new file (0600), do not print them')
    .option('--new-passwords', 'new passwords also for roles that exist', false)
    .option('--json', 'end stdout with one line of JSON', false)
    .addHelpText(
      'after',
      `
Examples:
  PGPASSWORD=… npx terrane db roles --url postgres://postgres@db.example.com/terrane?sslmode=verify-full
  npx terrane db roles --url postgres://root@db.example.com:26257/terrane --certs ./certs
  npx terrane db roles --url postgres://postgres@localhost/terrane --password-file ./database.env`,
    )
    .action((options: RolesOptions) => makeRoles(options))
}

async function makeRoles(options: RolesOptions): Promise<void> {
  const { url, certs } = options
  const superuser: ConnectionSettings = certs === undefined ? { url } : { url, certs }
  const { host, port, database, user } = parseDatabaseUrl(url)
  const place = `database ${database} at ${host.includes(':') ? `[${host}]` : host}:${port}`
  const file = options.passwordFile
  let isFileWritten = false
  const made = await withConnection(superuser, 'db roles', async (session) => {
    await requireSuperuser(session)
    const passwords = certs === undefined ? newPasswords(await existingRoles(session), options.newPasswords) : {}
    const variables = variablesOf(options, passwords)
    // Before the passwords are set: one that is set and written nowhere would lock everybody out.
    if (file !== undefined) await writeVariables(file, variables)
    isFileWritten = file !== undefined
    return { passwords, variables, changes: await ensureRoles(session, { passwords }) }
  }).catch((error: unknown) => {
    const note = isFileWritten ? `; ${file} stays, because the passwords in it may be set already` : ''
    throw failureAt(`the roles in the ${place} were not made${note}`, error)
  })

  const { passwords, variables, changes } = made
  const lines = [`${place}, as ${user}`, changes.length === 0 ? 'nothing to change' : 'done:']
  lines.push(...changes.map((change) => `  ${change}`), '')
  const fresh = Object.keys(passwords)
  if (file !== undefined) lines.push(`the variables for a server are in ${file}, which only you can read`)
  else lines.push('a server logs in as the writer, and migrates as the admin:', ...variables.map((each) => `  ${each}`))
  if (certs === undefined) {
    const kept =
      fresh.length === Object.keys(ROLES).length
        ? ''
        : 'passwords that were there stay (--new-passwords makes new ones)'
    const shown = fresh.length > 0 && file === undefined ? 'these passwords are shown once, and kept nowhere' : ''
    lines.push(...[shown, kept].filter((text) => text !== ''))
  }
  process.stdout.write(`${lines.join('\n')}\n`)

  const canLogIn = await checkWriter(options, passwords)
  const judged = judge({
    name: 'db-roles',
    figures: {
      changes: changes.length,
      newPasswords: fresh.length,
      ...(canLogIn === undefined ? {} : { writerLogins: canLogIn }),
    },
    floors: canLogIn === undefined ? [] : [{ figure: 'writerLogins', min: 1 }],
  })
  if (options.json) process.stdout.write(`${judged.json}\n`)
  if (!judged.passed) process.exitCode = 1
}

type Passwords = Readonly<Partial<Record<RoleName, string>>>

function newPasswords(existing: readonly RoleName[], forAll: boolean): Passwords {
  const roles = Object.values(ROLES).filter((role) => forAll || !existing.includes(role))
  return Object.fromEntries(roles.map((role) => [role, randomBytes(PASSWORD_BYTES).toString('base64url')]))
}

/** Lines as a shell, systemd or `node --env-file` read them. */
function variablesOf({ url, certs }: RolesOptions, passwords: Passwords): string[] {
  const urlOf = (role: RoleName) => withUser(url, role, certs === undefined ? (passwords[role] ?? 'PASSWORD') : '')
  return [
    `DATABASE_URL=${urlOf(ROLES.writer)}`,
    `DATABASE_ADMIN_URL=${urlOf(ROLES.admin)}`,
    ...(certs === undefined ? [] : [`DATABASE_CERTS=${certs}`]),
    `# for reading only: ${urlOf(ROLES.reader)}`,
  ]
}

async function writeVariables(path: string, lines: readonly string[]): Promise<void> {
  try {
    await writeFile(path, `${lines.join('\n')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    throw new CommandFailure('password_file', {
      what: 'the roles were not made',
      why: `the passwords could not be written: ${messageOf(error)}`,
      next: 'name a file that does not exist yet, in a directory that you may write',
      cause: error,
    })
  }
}

/**
 * Logs in as the writer, as a server would; how the database lets users in is not ours to set.
 * @returns 1 when it can, 0 when not, undefined when its password is not known
 */
async function checkWriter({ url, certs }: RolesOptions, passwords: Passwords): Promise<0 | 1 | undefined> {
  const password = passwords[ROLES.writer]
  if (certs === undefined && password === undefined) return undefined
  try {
    const asWriter = withUser(url, ROLES.writer, password)
    const opened = await openPostgresStore({ url: asWriter, ...(certs === undefined ? {} : { certs }), poolSize: 1 })
    try {
      await opened.checkRole()
    } finally {
      await opened.close()
    }
    return 1
  } catch (error) {
    const hint = (error as { hint?: string }).hint ?? connectHintOf(error)
    process.stderr.write(
      `${ROLES.writer} cannot be used yet: ${messageOf(error)}${hint === undefined ? '' : `\n${hint}`}\n`,
    )
    return 0
  }
}

function failureAt(what: string, error: unknown): unknown {
  if (error instanceof CommandFailure) return error
  const next = (error as { hint?: string }).hint ?? connectHintOf(error)
  if (next === undefined) return error
  return new CommandFailure((error as { code?: string }).code ?? 'database_unreachable', {
    what,
    why: messageOf(error),
    next,
    cause: error,
  })
}
