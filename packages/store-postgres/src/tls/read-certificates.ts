import type { X509Certificate } from 'node:crypto'
import { statSync } from 'node:fs'
import { TerraneError } from '@terrane/core'
import { readNewest } from './certificate-directory.js'
import { type CertificateFiles, clientFiles, nodeFiles } from './certificate-files.js'
import { commonNameOf, describeDate, parseCertificate, parsePrivateKey } from './x509.js'

/** What one party needs, as PEM text: options for `tls.connect` and `tls.createServer` as they are. */
export interface TlsCredentials {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

export interface ReadOptions {
  /** For what does not stop the connection but should be put right. Default: nobody hears it. */
  readonly warn?: (message: string) => void
  /** Judges validity; default: the present. */
  readonly now?: Date
}

/**
 * A rotation replaces a certificate and its key one after the other. Whoever reads between the two reads
 * again; the second time fails only if yet another rotation came in between.
 */
const ATTEMPTS = 3

/**
 * A SQL user's certificate, checked: the key fits, the name is the user's, and it is valid at present.
 * Synchronous, because it is three small files and because connections are set up by synchronous code.
 * @throws TerraneError `missing_certificate`, `unreadable_certificate`, `mismatching_certificate`,
 * `wrong_certificate_user`, `expired_certificate`, `certificate_not_yet_valid`
 */
export function readClientTls(directory: string, user: string, options: ReadOptions = {}): TlsCredentials {
  const files = clientFiles(directory, user)
  const { credentials, certificate } = readPair(files)
  const name = commonNameOf(certificate)
  if (name !== user) {
    throw new TerraneError(
      'wrong_certificate_user',
      `${files.cert} is of the user ${name ?? '(without a name)'}, not of ${user}`,
      { hint: `Databases take the user from the certificate. Put the certificate of ${user} there.` },
    )
  }
  checkValidity(certificate, files.cert, options)
  warnAboutKey(files.key, options)
  return credentials
}

/**
 * The server's certificate, checked: the key fits, and it is valid at present.
 * @throws TerraneError as `readClientTls`
 */
export function readNodeTls(directory: string, options: ReadOptions = {}): TlsCredentials {
  const files = nodeFiles(directory)
  const { credentials, certificate } = readPair(files)
  checkValidity(certificate, files.cert, options)
  warnAboutKey(files.key, options)
  return credentials
}

/** @param readFile reads a file in its newest version; undefined when there is none */
export function readPair(
  files: CertificateFiles,
  readFile: (path: string) => string | undefined = readNewest,
): { credentials: TlsCredentials; certificate: X509Certificate } {
  const read = (path: string) => readFile(path) ?? missing(path)
  for (let attempt = 1; ; attempt++) {
    const credentials = { ca: read(files.ca), cert: read(files.cert), key: read(files.key) }
    parseCertificate(credentials.ca, files.ca)
    const certificate = parseCertificate(credentials.cert, files.cert)
    if (certificate.checkPrivateKey(parsePrivateKey(credentials.key, files.key))) return { credentials, certificate }
    if (attempt === ATTEMPTS) {
      throw new TerraneError('mismatching_certificate', `${files.key} is not the key of ${files.cert}`, {
        retry: 'later',
        hint: 'If they are being replaced by hand, finish that; else make the pair anew with `terrane db certs --rotate`.',
      })
    }
  }
}

function missing(path: string): never {
  throw new TerraneError('missing_certificate', `${path} does not exist`, {
    hint: 'Correct the certificate directory, or make certificates with `terrane db certs --out DIR`.',
  })
}

function checkValidity(certificate: X509Certificate, path: string, { now = new Date() }: ReadOptions): void {
  const [notBefore, notAfter] = [new Date(certificate.validFrom), new Date(certificate.validTo)]
  if (now < notBefore) {
    throw new TerraneError('certificate_not_yet_valid', `${path} is valid only from ${describeDate(notBefore)} on`, {
      retry: 'later',
      hint: "Correct this machine's clock, or put the right certificate there.",
    })
  }
  if (now > notAfter) {
    throw new TerraneError('expired_certificate', `${path} expired at ${describeDate(notAfter)}`, {
      hint: 'Make new certificates under the same CA with `terrane db certs --out DIR --rotate`.',
    })
  }
}

function warnAboutKey(path: string, { warn }: ReadOptions): void {
  // Windows has no modes, and a file that a rotation is moving just now was made private by it.
  const stats = process.platform === 'win32' ? undefined : statSync(path, { throwIfNoEntry: false })
  if (stats === undefined || (stats.mode & 0o077) === 0) return
  warn?.(`${path} is readable by others (mode ${(stats.mode & 0o777).toString(8)}): chmod 600 it`)
}
