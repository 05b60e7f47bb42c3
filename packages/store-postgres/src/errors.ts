import { messageOf, TerraneError } from '@terrane/core'
import { TransientStoreError, UncertainStoreError } from '@terrane/engine'
import { DatabaseError } from 'pg'

/** SQLSTATE classes and codes of refusals that pass: nothing has happened, asking again later may work. */
const TRANSIENT = [
  '08', // connection exceptions
  '25006', // read-only transaction: a standby, or a server in recovery
  '25P03', // silent within a transaction for too long
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

export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined
}

/** Whether the database refused because the role may not; also when that is behind an error of the port. */
export function isMissingPrivilege(error: unknown): boolean {
  return sqlStateOf(error) === '42501' || (error instanceof TerraneError && sqlStateOf(error.cause) === '42501')
}

/** Whether a row was refused by a constraint: a key that is taken, a value that is missing or out of bounds. */
export function violatesConstraint(error: unknown): boolean {
  return sqlStateOf(error)?.startsWith('23') ?? false
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
