import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { messageOf, TerraneError } from '@terrane/core'
import { readClientTls } from '../tls/read-certificates.js'
import type { DatabaseUrl } from './database-url.js'
import type { ConnectionSettings } from './settings.js'

/**
 * TLS for the next connection; false for none. Reads the certificates' files each time, so that a rotated
 * certificate serves from the next connection on, without a restart.
 *
 * | sslmode     | encrypts | certificate's chain                   | host name |
 * | ----------- | -------- | ------------------------------------- | --------- |
 * | disable     | no       |                                       |           |
 * | require     | yes      | only with sslrootcert, as verify-ca   | no        |
 * | verify-ca   | yes      | must lead to sslrootcert              | no        |
 * | verify-full | yes      | to sslrootcert, else a public CA      | yes       |
 *
 * @param warn hears of what should be put right, a private key that others can read for one
 * @throws TerraneError when a file is missing or cannot be read
 */
export function tlsOptions(
  url: DatabaseUrl,
  settings: ConnectionSettings,
  warn?: (message: string) => void,
): ConnectionOptions | false {
  if (settings.certs !== undefined) {
    checkOneAnswer(url)
    return { ...readClientTls(settings.certs, url.user, warn === undefined ? {} : { warn }), ...settings.ssl }
  }
  if (settings.ssl === undefined && (url.sslmode === undefined || url.sslmode === 'disable')) return false
  const ca = url.sslrootcert === undefined || url.sslrootcert === 'system' ? undefined : read(url.sslrootcert)
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(url.sslcert === undefined ? {} : { cert: read(url.sslcert) }),
    ...(url.sslkey === undefined ? {} : { key: read(url.sslkey) }),
    ...(url.sslmode === 'require' && ca === undefined ? { rejectUnauthorized: false } : {}),
    ...(url.sslmode === 'require' || url.sslmode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
    ...settings.ssl,
  }
}

/** A certificate directory means verify-full; a URL that says less, or names other files, is a mistake. */
function checkOneAnswer({ sslmode, sslrootcert, sslcert, sslkey }: DatabaseUrl): void {
  if (sslmode !== undefined && sslmode !== 'verify-full') {
    throw new TerraneError(
      'contradicting_tls',
      `the URL says sslmode=${sslmode}, a certificate directory verify-full`,
      {
        hint: 'Remove sslmode from the URL, or do not name a certificate directory.',
      },
    )
  }
  if ((sslrootcert ?? sslcert ?? sslkey) !== undefined) {
    throw new TerraneError('contradicting_tls', 'both the URL and a certificate directory name certificates', {
      hint: 'Remove sslrootcert, sslcert and sslkey from the URL, or do not name a certificate directory.',
    })
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new TerraneError('unreadable_certificate', `a file that the database URL names: ${messageOf(error)}`, {
      hint: 'Correct sslrootcert, sslcert or sslkey in the URL.',
      cause: error,
    })
  }
}
