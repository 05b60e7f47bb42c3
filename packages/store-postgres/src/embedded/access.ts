/**
 * The port and the passwords, kept in `server.json` beside the cluster, readable by its owner only. It is on
 * disk before the cluster exists, so there is no cluster whose password is unknown.
 */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { ROLES, type RoleName } from '../roles/role-names.js'
import { failure } from './failures.js'
import { writePrivateFile } from './files.js'

/** Made by initdb; owns the cluster. Used for maintenance and tests, never by a world's server. */
export const SUPERUSER = 'terrane'

export interface Access {
  /** Tried first at the next start, so that the address normally stays the same. */
  readonly port: number
  /** The superuser's. Passwords have characters that need no escaping in a URL or an SQL string. */
  readonly password: string
  readonly roles: Readonly<Record<RoleName, string>>
}

/** 24 bytes, 192 bits. */
const PASSWORD_BYTES = 24
const PASSWORD = /^[\w-]+$/

/** @param path of a file that may be of a version that knew no roles; these get passwords then */
export async function readAccess(path: string, clusterExists: boolean): Promise<Access> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  const access = text === undefined ? undefined : parseAccess(text)
  if (access !== undefined) return access
  if (clusterExists) {
    const what = text === undefined ? 'is missing' : 'cannot be read as what we wrote'
    throw failure('embedded_credentials', `${path}, which holds the database's passwords, ${what}`, {
      hint: 'restore the file from a backup; without it, set a new password by PostgreSQL single-user mode and write {"port":0,"password":"..."}',
    })
  }
  return { port: 0, password: newPassword(), roles: rolePasswords({}) }
}

function parseAccess(text: string): Access | undefined {
  try {
    const { port, password, roles } = JSON.parse(text) as Partial<Access>
    if (!Number.isInteger(port) || !isPassword(password)) return undefined
    return { port: Number(port), password, roles: rolePasswords(roles ?? {}) }
  } catch {
    return undefined
  }
}

/** Whatever is missing is made: the server is told these passwords at each start. */
function rolePasswords(known: Partial<Record<RoleName, unknown>>): Record<RoleName, string> {
  const passwordOf = (role: RoleName) => {
    const password = known[role]
    return isPassword(password) ? password : newPassword()
  }
  return {
    [ROLES.admin]: passwordOf(ROLES.admin),
    [ROLES.writer]: passwordOf(ROLES.writer),
    [ROLES.reader]: passwordOf(ROLES.reader),
  }
}

function isPassword(value: unknown): value is string {
  return typeof value === 'string' && PASSWORD.test(value)
}

function newPassword(): string {
  return randomBytes(PASSWORD_BYTES).toString('base64url')
}

export async function writeAccess(path: string, access: Access): Promise<void> {
  await writePrivateFile(path, `${JSON.stringify(access, null, 2)}\n`)
}
