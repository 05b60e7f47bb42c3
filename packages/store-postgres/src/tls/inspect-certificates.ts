import type { X509Certificate } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, TerraneError } from '@terrane/core'
import { readNewest } from './certificate-directory.js'
import { hostsOf, parseCertificate } from './x509.js'

const DAY_MS = 86_400_000

/** A certificate file, for a person who wants to know how long it lasts. */
export interface CertificateInfo {
  /** Its name in the directory. */
  readonly file: string
  /** `O=…, CN=…` */
  readonly subject: string
  /** DNS names and addresses, in the order of the certificate; empty for clients and the CA. */
  readonly sans: readonly string[]
  readonly notBefore: Date
  readonly notAfter: Date
  /** Whole days until it ends; negative when it has. */
  readonly daysLeft: number
}

/**
 * What a directory holds: the CA first, then the rest by name.
 * @throws TerraneError `missing_certificate`, `unreadable_certificate`
 */
export function inspectCertificates(directory: string, now = new Date()): readonly CertificateInfo[] {
  return certificateNames(directory).map((file) => {
    const path = join(directory, file)
    return describe(file, parseCertificate(readNewest(path) ?? '', path), now)
  })
}

function certificateNames(directory: string): readonly string[] {
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith('.crt'))
    return names.sort((left, right) => rank(left) - rank(right) || (left < right ? -1 : 1))
  } catch (error) {
    throw new TerraneError('missing_certificate', `cannot look into the certificates: ${messageOf(error)}`, {
      hint: 'Correct the certificate directory, or make certificates with `terrane db certs --out DIR`.',
      cause: error,
    })
  }
}

function rank(name: string): number {
  return name.startsWith('ca') ? 0 : name.startsWith('node') ? 1 : 2
}

function describe(file: string, certificate: X509Certificate, now: Date): CertificateInfo {
  const notAfter = new Date(certificate.validTo)
  return {
    file,
    subject: certificate.subject.replaceAll('\n', ', '),
    sans: hostsOf(certificate),
    notBefore: new Date(certificate.validFrom),
    notAfter,
    daysLeft: Math.floor((notAfter.getTime() - now.getTime()) / DAY_MS),
  }
}
