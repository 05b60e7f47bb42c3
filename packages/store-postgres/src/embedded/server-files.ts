/**
 * What the server needs for TLS, in a directory inside its own: PostgreSQL may run under an account that
 * cannot enter the directory of the certificates (see cluster.ts), and the keys of the CA and of the users are
 * no business of its. Written at each start, so that a copied or edited file does not last.
 */
import { chown, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readNodeTls } from '../tls/read-certificates.js'
import { SUPERUSER } from './access.js'
import { writePrivateFile } from './files.js'
import type { Postmaster } from './postmaster.js'
import { type Account, signalIfRunning } from './processes.js'

const DIRECTORY = 'tls'

/** Relative to the cluster. */
export const TLS_FILES = {
  ca: `${DIRECTORY}/ca.crt`,
  cert: `${DIRECTORY}/node.crt`,
  key: `${DIRECTORY}/node.key`,
} as const

/** Relative to the cluster, whose own pg_hba.conf stays what initdb made: passwords, for starts without TLS. */
export const AUTHENTICATION_FILES = { hba: `${DIRECTORY}/pg_hba.conf`, ident: `${DIRECTORY}/pg_ident.conf` } as const

/** The user whose certificate opens the superuser's account, whatever that is called. */
export const CERTIFICATE_OF_SUPERUSER = 'root'

/** A connection must come by TLS and show a certificate of its role; a password is never asked for. */
const HBA = `# Written by Terrane at each start with certificates.
# type   database  user  address  method
hostssl  all  ${SUPERUSER}  127.0.0.1/32  cert  map=superuser
hostssl  all  ${SUPERUSER}  ::1/128       cert  map=superuser
hostssl  all  all  127.0.0.1/32  cert
hostssl  all  all  ::1/128       cert
`

const IDENT = `# Written by Terrane at each start with certificates.
# map  certificate  role
superuser  ${CERTIFICATE_OF_SUPERUSER}  ${SUPERUSER}
`

/** Puts the server's certificate and the rules of access where the server reads them. */
export async function installServerFiles(
  certs: string,
  clusterDir: string,
  account: Account | undefined,
): Promise<void> {
  const { ca, cert, key } = readNodeTls(certs)
  const directory = join(clusterDir, DIRECTORY)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  if (account !== undefined) await chown(directory, account.uid, account.gid)
  for (const [name, text] of [
    [TLS_FILES.ca, ca],
    [TLS_FILES.key, key],
    [TLS_FILES.cert, cert],
    [AUTHENTICATION_FILES.hba, HBA],
    [AUTHENTICATION_FILES.ident, IDENT],
  ] as const) {
    await writePrivateFile(join(clusterDir, name), text)
  }
}

/** Tells a server that runs of new files. Connections that are open stay. */
export async function rereadServerFiles({ process }: Postmaster): Promise<void> {
  await signalIfRunning(process, 'SIGHUP')
}
