import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { messageOf, TerraneError } from '@terrane/core'
import { canonicalAddress } from './hosts.js'

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/** The first certificate of a PEM text. */
export function parseCertificate(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (error) {
    throw unreadable(path, 'a certificate', error)
  }
}

/** All certificates of a PEM text: a CA's file holds two while one CA takes the place of another. */
export function parseCertificates(pem: string, path: string): readonly X509Certificate[] {
  return (pem.match(PEM_CERTIFICATE) ?? [pem]).map((block) => parseCertificate(block, path))
}

export function parsePrivateKey(pem: string, path: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (error) {
    throw unreadable(path, 'an unencrypted private key', error)
  }
}

/** The name that databases take for the user's. */
export function commonNameOf(certificate: X509Certificate): string | undefined {
  return /^CN=(.*)$/m.exec(certificate.subject)?.[1]
}

/** DNS names and addresses of a certificate, in their canonical spelling. */
export function hostsOf(certificate: X509Certificate): readonly string[] {
  const names = certificate.subjectAltName?.split(', ') ?? []
  return names.flatMap((name) => {
    if (name.startsWith('DNS:')) return name.slice('DNS:'.length)
    return name.startsWith('IP Address:') ? canonicalAddress(name.slice('IP Address:'.length)) : []
  })
}

/** To the second, as certificates have it. */
export function describeDate(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z')
}

function unreadable(path: string, what: string, cause: unknown): TerraneError {
  return new TerraneError('unreadable_certificate', `${path} is not ${what} in PEM: ${messageOf(cause)}`, {
    hint: 'Put the file there again, from where it was made.',
    cause,
  })
}
