/**
 * PostgreSQL refuses to run as root. Started by root, it gets an unprivileged account: the one that owns
 * the cluster already, else `postgres`, else `nobody`. The account must have an entry in /etc/passwd,
 * because initdb looks up its own user's name. Started by anybody else, it runs as that user.
 */
import { readFile } from 'node:fs/promises'
import { failure } from './failures.js'
import { statOrUndefined } from './files.js'
import type { Account } from './processes.js'

/** In order of preference. `_postgres` is macOS's name for it. */
const ACCOUNT_NAMES = ['postgres', '_postgres', 'nobody'] as const

/** Undefined: PostgreSQL runs under our own account. */
export async function chooseAccount(clusterDir: string): Promise<Account | undefined> {
  const ourUid = process.geteuid?.()
  const cluster = await statOrUndefined(clusterDir)
  if (ourUid !== 0) {
    if (cluster !== undefined && cluster.uid !== ourUid) {
      throw failure('embedded_permission', `${clusterDir} belongs to user id ${cluster.uid}, and we run as ${ourUid}`, {
        hint: `start as that user or as root, or give the files away: chown -R ${ourUid} ${clusterDir} (server stopped)`,
      })
    }
    return undefined
  }
  if (cluster !== undefined && cluster.uid !== 0) return { uid: cluster.uid, gid: cluster.gid }
  const rows = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n').map((row) => row.split(':'))
  for (const name of ACCOUNT_NAMES) {
    const row = rows.find((fields) => fields[0] === name)
    const [uid, gid] = [Number(row?.[2]), Number(row?.[3])]
    if (row !== undefined && Number.isInteger(uid) && Number.isInteger(gid) && uid !== 0) return { uid, gid }
  }
  throw failure('embedded_permission', 'PostgreSQL does not run as root, and there is no unprivileged account for it', {
    hint: 'start as a normal user, or add an account: useradd --system --no-create-home postgres',
  })
}
