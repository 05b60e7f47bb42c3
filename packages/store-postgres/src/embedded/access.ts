/**
 * How to reach the server: port and password, kept in `server.json` beside the cluster, readable by its
 * owner only. It is on disk before the cluster exists, so there is no cluster whose password is unknown.
 */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { failure } from './failures.js'
import { writePrivateFile } from './files.js'

export const SUPERUSER = 'terrane'
export const LOOPBACK = '127.0.0.1'

export interface Access {
  /** Tried first at the next start, so that the address normally stays the same. */
  port: number
  /** Characters that need no escaping in a URL or an SQL string. */
  password: string
}

/** 24 bytes, 192 bits. */
const PASSWORD_BYTES = 24

export async function readAccess(path: string, clusterExists: boolean): Promise<Access> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  const access = text === undefined ? undefined : parseAccess(text)
  if (access !== undefined) return access
  if (clusterExists) {
    const what = text === undefined ? 'is missing' : 'cannot be read as what we wrote'
    throw failure('embedded_credentials', `${path}, which holds the database's password, ${what}`, {
      hint: 'restore the file from a backup; without it, set a new password by PostgreSQL single-user mode and write {"port":0,"password":"..."}',
    })
  }
  return { port: 0, password: randomBytes(PASSWORD_BYTES).toString('base64url') }
}

function parseAccess(text: string): Access | undefined {
  try {
    const { port, password } = JSON.parse(text) as Partial<Access>
    if (!Number.isInteger(port) || typeof password !== 'string' || !/^[\w-]+$/.test(password)) return undefined
    return { port: Number(port), password }
  } catch {
    return undefined
  }
}

export async function writeAccess(path: string, access: Access): Promise<void> {
  await writePrivateFile(path, `${JSON.stringify(access, null, 2)}\n`)
}

export function urlOf(access: Access, database: string): string {
  return `postgres://${SUPERUSER}:${access.password}@${LOOPBACK}:${access.port}/${database}`
}

/** `preferred` when it can be listened on, else a port the system chooses. */
export async function freePort(preferred: number): Promise<number> {
  return (preferred > 0 ? await tryListen(preferred) : undefined) ?? (await tryListen(0)) ?? 0
}

function tryListen(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(undefined))
    server.listen(port, LOOPBACK, () => {
      const address = server.address()
      const found = typeof address === 'object' && address !== null ? address.port : undefined
      server.close(() => resolve(found))
    })
  })
}
