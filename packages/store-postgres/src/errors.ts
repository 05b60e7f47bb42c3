import { messageOf, TerraneError } from '@terrane/core'
import { TransientStoreError, UncertainStoreError } from '@terrane/engine'
import { DatabaseError } from 'pg'

/** SQLSTATE classes and codes of refusals that pass: nothing has happened, asking again later may work. */
const TRANSIENT = [
  '08', // connection exceptions
  '25006', // read-only transaction: a standby, or a server in recovery
  '40', // serialisation failure, deadlock
  '53', // out of disk, memory or connections
  '55P03', // lock not available
  '57014', // statement timeout
  '57P0', // shutting down, crashed, starting
  '58', // system error: I/O
]

/** The connection ends with these, at a moment that the server does not tell. */
const UNCERTAIN = ['08', '40003', '57P0']

const HINTS: readonly (readonly [string, string])[] = [
  ['42P01', 'The tables are missing: run the migrations first.'],
  ['42703', 'The tables are out of date: run the migrations first.'],
  ['42501', "The database's user lacks a privilege. See the error for the object that it needs."],
  [
    '22',
    'A row holds a value that its column cannot: text with a NUL character, a number out of range, text too long.',
  ],
  ['23', 'A constraint of the table forbids a row that the world accepted. Declare the rule in the world instead.'],
  ['28', 'The database refused the user. Check its name, password and certificate, and how it lets users log in.'],
  ['3D000', 'Create the database, or correct its name in the URL.'],
]

/** Why a connection was not made, by the code or the text of Node's or the driver's error. */
const CONNECT_HINTS: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, 'Nothing listens there: start the database, or correct host and port.'],
  [/ENOTFOUND|EAI_AGAIN/, 'The host name leads nowhere: correct it, or the name service.'],
  [/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|timeout/, 'Nothing answers: look for a firewall in between, or a wrong host.'],
  [
    /SELF_SIGNED_CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/,
    "Who signed the server's certificate is not known: give the CA's certificate, by a certificate directory or sslrootcert.",
  ],
  [/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/, "Renew the server's certificate, or correct this machine's clock."],
  [/ERR_TLS_CERT_ALTNAME_INVALID/, "The server's certificate is for other names: use one of them, or make it anew."],
  [/does not support SSL/, 'Turn TLS on in the server, or say sslmode=disable.'],
  [
    /ALERT_(CERTIFICATE|UNKNOWN_CA|BAD_CERTIFICATE)|alert (certificate|unknown ca|bad certificate)/i,
    'The server does not accept our certificate: it must be signed by the CA that the server trusts, and in date.',
  ],
]

/** What to do about a connection that was not made; undefined when nothing in particular is known. */
export function connectHintOf(error: unknown): string | undefined {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    const all: readonly unknown[] = each instanceof AggregateError ? each.errors : [each]
    for (const one of all) {
      const text = `${(one as NodeJS.ErrnoException).code} ${messageOf(one)}`
      const hint = CONNECT_HINTS.find(([pattern]) => pattern.test(text))?.[1]
      if (hint !== undefined) return hint
    }
  }
  return undefined
}

export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined
}

/** Whether the database refused because the role may not; also when that is behind an error of the port. */
export function isMissingPrivilege(error: unknown): boolean {
  return sqlStateOf(error) === '42501' || (error instanceof TerraneError && sqlStateOf(error.cause) === '42501')
}

/** Whether a transaction that failed so may simply run again: the database asks for it. */
export function isRetryable(error: unknown): boolean {
  const state = sqlStateOf(error)
  return state === '40001' || state === '40P01'
}

/** Whether the connection must not be used again: the server ended it, or we do not know what it still does. */
export function breaksConnection(error: unknown): boolean {
  const state = sqlStateOf(error)
  return state === undefined || matches(state, UNCERTAIN) || severityOf(error) !== 'ERROR'
}

/**
 * What the port promises for a driver's error.
 * @param mayHaveCommitted whether a statement that commits had been sent when it happened
 */
export function storeErrorOf(error: unknown, call: string, mayHaveCommitted: boolean): Error {
  if (error instanceof TransientStoreError || error instanceof TerraneError) return error
  const message = `${call}: ${messageOf(error)}`
  const state = sqlStateOf(error)
  // An ERROR rolls its statement back for certain. FATAL and PANIC end the session before or after a commit.
  const lost = state === undefined || matches(state, UNCERTAIN) || severityOf(error) !== 'ERROR'
  if (lost && isOurBug(error)) return error
  if (lost && mayHaveCommitted) return new UncertainStoreError(message, { cause: error })
  if (state === undefined || matches(state, TRANSIENT)) return new TransientStoreError(message, { cause: error })
  const hint = HINTS.find(([prefix]) => state.startsWith(prefix))?.[1]
  return new TerraneError('database_refused', `${message} (SQLSTATE ${state})`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  })
}

/**
 * A connection that could not be opened. Always transient while a server runs, also when the database
 * refused it: nothing has happened, and a password or a certificate that is being changed is right again
 * soon, while zones that gave up would stay down.
 */
export function connectErrorOf(error: unknown, call: string): Error {
  if (error instanceof TransientStoreError) return error
  return new TransientStoreError(`${call}: no connection: ${messageOf(error)}`, { cause: error })
}

/** When a process starts nobody waits: what no repetition mends is told at once, as it is. */
export function startErrorOf(error: unknown): unknown {
  if (!(error instanceof TransientStoreError) || error.cause === undefined) return error
  return storeErrorOf(error.cause, 'connect', false)
}

function matches(state: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => state.startsWith(prefix))
}

function severityOf(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.severity : undefined
}

function isOurBug(error: unknown): error is Error {
  return error instanceof TypeError || error instanceof RangeError || (error as Error)?.name === 'AssertionError'
}
