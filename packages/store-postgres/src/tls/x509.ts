import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { messageOf, TerraneError } from '@terrane/core'

/** The first certificate of a PEM text. */
export function parseCertificate(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (error) {
    throw unreadable(path, 'a certificate', error)
  }
}

export function parsePrivateKey(pem: string, path: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (error) {
    throw unreadable(path, 'an unencrypted private key', error)
  }
}

export function holdsKeyOf(certificate: X509Certificate, keyPem: string, keyPath: string): boolean {
  return certificate.checkPrivateKey(parsePrivateKey(keyPem, keyPath))
}

export function commonNameOf(certificate: X509Certificate): string | undefined {
  return /^CN=(.*)$/m.exec(certificate.subject)?.[1]
}

/** @param text a date as `X509Certificate` gives it, or any that Date understands */
export function describeDate(text: string | Date): string {
  return new Date(text).toISOString().replace('.000Z', 'Z')
}

function unreadable(path: string, what: string, cause: unknown): TerraneError {
  return new TerraneError('unreadable_certificate', `${path} is not ${what} in PEM: ${messageOf(cause)}`, {
    hint: 'Put the file there again, from where it was made.',
    cause,
  })
}
