import { join } from 'node:path'
import { ROLES } from '../roles/role-names.js'

/** SQL users that get a certificate each. `root` is CockroachDB's superuser. */
export const CLIENT_USERS = ['root', ROLES.admin, ROLES.writer, ROLES.reader] as const

/** Paths of what one party needs to prove who it is, and to check the other side. */
export interface CertificateFiles {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** A client's files, by the names that `cockroach --certs-dir` expects. */
export function clientFiles(directory: string, user: string): CertificateFiles {
  return filesOf(directory, `client.${user}`)
}

/** The server's files. */
export function nodeFiles(directory: string): CertificateFiles {
  return filesOf(directory, 'node')
}

function filesOf(directory: string, name: string): CertificateFiles {
  return {
    ca: join(directory, 'ca.crt'),
    cert: join(directory, `${name}.crt`),
    key: join(directory, `${name}.key`),
  }
}
