import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { ConnectionSettings } from '../connection/settings.js'
import type { RoleName } from '../roles/role-names.js'
import { readAccess } from './access.js'
import { dataPaths } from './cluster.js'
import { roleUrl } from './reach.js'

/**
 * How another program of the same user reaches an embedded server that is running, as one of its roles: for commands
 * beside a server. Undefined when none runs in the directory.
 * @param dataDir as in `EmbeddedOptions`
 */
export async function embeddedRoleAccess(
  dataDir: string,
  role: RoleName,
  database = 'terrane',
): Promise<ConnectionSettings | undefined> {
  const paths = dataPaths(resolve(dataDir))
  // PostgreSQL writes the one while it runs, and the other with what it was started with.
  const isRunning = (await textOf(join(paths.clusterDir, 'postmaster.pid'))) !== undefined
  const options = await textOf(join(paths.clusterDir, 'postmaster.opts'))
  if (!isRunning || options === undefined) return undefined
  const access = await readAccess(paths.accessFile, true)
  const certs = options.includes('ssl=on') ? paths.certsDir : undefined
  const listen = (/listen_addresses=([\w.:,]+)/.exec(options)?.[1] ?? '127.0.0.1').split(',')
  const url = roleUrl(access, { listen, certs }, role, database)
  return certs === undefined ? { url } : { url, certs }
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}
