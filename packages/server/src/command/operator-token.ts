import { systemClock } from '@terrane/core'
import { createAuthenticator } from '@terrane/gateway'
import type { Environment } from '../config/environment.js'
import { CommandFailure } from '../process/failure.js'
import { secretIfThere } from '../process/secret.js'

/** Long enough for any import; nobody else gets to see it. */
const VALID_S = 3_600

/**
 * A token with which the server obeys: the one that was given, or one that is signed with the server's own secret,
 * for which this must run where the secret is. Throws `CommandFailure`.
 */
export async function operatorToken(
  { token, data }: { readonly token: string | undefined; readonly data: string },
  { jwtSecret }: Environment,
): Promise<string> {
  if (token !== undefined) return token
  const secret = jwtSecret ?? secretIfThere(data)
  if (secret === undefined) {
    throw new CommandFailure('no_operator_token', {
      what: 'the server would not obey',
      why: `there is no --token, no TERRANE_JWT_SECRET, and no secret of a server in ${data}`,
      next: 'name the data directory of the server with --data, or give a token with the claim "role": "operator"',
    })
  }
  const authenticator = createAuthenticator({ clock: systemClock, guests: true, secret })
  return authenticator.issueGuestToken('operator', { role: 'operator', expiresInSeconds: VALID_S })
}
