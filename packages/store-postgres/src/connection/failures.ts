// Why a connection does not do its work: how far it came, what that means, and what to do next. One table for the
// hints of every command and for `terrane db check`.
import { messageOf, TerraneError } from '@terrane/core'
import { sqlStateOf } from '../errors.js'

/** The steps of a connection, in the order in which they are taken. */
export type Stage = 'name resolution' | 'TCP' | 'TLS' | 'authentication' | 'authorisation' | 'SQL'

export interface Diagnosis {
  readonly stage: Stage
  /** Of Node.js, an SQLSTATE, or one of ours; for looking it up. */
  readonly code: string
  readonly why: string
  readonly next: string
}

interface KnownFailure {
  readonly stage: Stage
  /** Of the error's code and message. */
  readonly pattern: RegExp
  readonly why: string
  readonly next: string
}

/** What Node.js and the driver say before the server has a word. */
const KNOWN_FAILURES: readonly KnownFailure[] = [
  {
    stage: 'TCP',
    pattern: /ECONNREFUSED/,
    why: 'nothing listens at this address and port',
    next: 'Nothing listens there: start the database, or correct host and port.',
  },
  {
    stage: 'name resolution',
    pattern: /ENOTFOUND|EAI_AGAIN|EAI_FAIL|ENODATA/,
    why: 'no address is known for the host',
    next: 'The host name leads nowhere: correct it, or the name service.',
  },
  {
    stage: 'TCP',
    pattern: /ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|timeout/,
    why: 'nothing answered in time',
    next: 'Nothing answers: look for a firewall in between, or a wrong host.',
  },
  {
    stage: 'TLS',
    pattern: /SELF_SIGNED_CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|CERT_SIGNATURE_FAILURE/,
    why: "the server's certificate was not signed by the CA that was given",
    next: "Who signed the server's certificate is not known: give the CA's certificate, by a certificate directory or sslrootcert.",
  },
  {
    stage: 'TLS',
    pattern: /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/,
    why: "the server's certificate is out of date",
    next: "Renew the server's certificate, or correct this machine's clock.",
  },
  {
    stage: 'TLS',
    pattern: /ERR_TLS_CERT_ALTNAME_INVALID/,
    why: "the server's certificate does not name this host",
    next: "The server's certificate is for other names: use one of them, or make it anew.",
  },
  {
    stage: 'TLS',
    pattern: /does not support SSL/,
    why: 'the server speaks no TLS',
    next: 'Turn TLS on in the server, or say sslmode=disable.',
  },
  {
    stage: 'TLS',
    pattern: /ALERT_CERTIFICATE_EXPIRED|alert certificate expired/i,
    why: 'the server says that our certificate has expired',
    next: 'Renew it: `terrane db certs --rotate`. The server does not accept our certificate while it is out of date.',
  },
  {
    stage: 'TLS',
    pattern: /ALERT_(CERTIFICATE|UNKNOWN_CA|BAD_CERTIFICATE)|alert (certificate|unknown ca|bad certificate)/i,
    why: 'the server refused our certificate',
    next: 'The server does not accept our certificate: it must be signed by the CA that the server trusts, and in date.',
  },
]

/** What the server says, by the beginning of its SQLSTATE; the first that fits. */
const SQL_STATES: readonly (readonly [state: string, stage: Stage, why: string, next: string])[] = [
  [
    '28P01',
    'authentication',
    'the password is wrong',
    'Correct the password in the URL, or make a new one: `terrane db roles --new-passwords`.',
  ],
  [
    '28',
    'authentication',
    'the server does not let this user in like this',
    'Use the certificate of the user that the URL names (client.<user>.crt), and look into pg_hba.conf for what the server asks of it.',
  ],
  ['3D000', 'authorisation', 'the database does not exist', 'Create it, or correct its name in the URL.'],
  [
    '42501',
    'authorisation',
    'the role lacks a privilege',
    'Give the roles what they need, as a superuser: `terrane db roles`.',
  ],
  [
    '25006',
    'SQL',
    'the server is read-only: in recovery, or a standby',
    'Connect to the primary, or wait until the recovery has ended.',
  ],
  ['57P03', 'SQL', 'the server is starting up, or in recovery', 'Wait until it accepts connections, then check again.'],
  [
    '57014',
    'SQL',
    'the server took too long for a statement',
    'Look for locks and for a full or slow disk at the server.',
  ],
  ['57P', 'SQL', 'the server ended the connection', 'It was stopped, or crashed: look into its log.'],
  [
    '53100',
    'SQL',
    "the server's disk is full",
    'Free or add space on the disk of the database; what was refused can then be tried again.',
  ],
  ['53300', 'SQL', 'the server has no connection left', 'Raise max_connections, or find out who holds them all.'],
  ['53', 'SQL', 'the server lacks memory or disk', "Look into the server's log for what it ran out of."],
  [
    '42P01',
    'SQL',
    'a table is missing',
    'Run the migrations once, as gateway_admin: start a server with DATABASE_ADMIN_URL.',
  ],
]

/** What to do about a connection that was not made; undefined when nothing in particular is known. */
export function connectHintOf(error: unknown): string | undefined {
  return knownFailure(error)?.[0].next
}

/** @param reached the step during which it failed, for what the error alone does not tell */
export function diagnose(error: unknown, reached: Stage): Diagnosis {
  const state = stateOf(error)
  if (state !== undefined) {
    const [, stage, why, next] = SQL_STATES.find(([prefix]) => state.startsWith(prefix)) ?? unknownState(reached)
    return { stage, code: state, why: `${why} (${messageOf(rootOf(error))})`, next }
  }
  if (error instanceof TerraneError && error.hint !== undefined) {
    const isFile = /certificate|_tls$|_key$/.test(error.code)
    const stage = error.code === 'wrong_certificate_user' ? 'authentication' : isFile ? 'TLS' : reached
    return { stage, code: error.code, why: error.message, next: error.hint }
  }
  const known = knownFailure(error)
  if (known === undefined) {
    const code = (rootOf(error) as NodeJS.ErrnoException)?.code ?? 'unknown'
    return { stage: reached, code, why: messageOf(rootOf(error)), next: "Look into the server's log at this moment." }
  }
  const [{ stage, why, next }, code, text] = known
  return /timeout|ETIMEDOUT/.test(`${code} ${text}`)
    ? silence(reached, code, text, next)
    : { stage, code, why: `${why} (${text})`, next }
}

/** Time may run out at any step; all other failures say themselves where they are from. */
function silence(reached: Stage, code: string, text: string, next: string): Diagnosis {
  if (reached === 'TCP') return { stage: 'TCP', code, why: `nothing answered in time (${text})`, next }
  if (reached === 'name resolution') {
    return { stage: reached, code, why: text, next: "Check this machine's name service, or give the address itself." }
  }
  return {
    stage: 'TCP',
    code,
    why: `the connection was accepted and then nothing answered (${text})`,
    next: 'Who accepts it is not the database, or it hangs: look for a proxy or load balancer without a server behind it.',
  }
}

function unknownState(reached: Stage): readonly [string, Stage, string, string] {
  return ['', reached, 'the server refused', "Look the SQLSTATE up in the server's manual, and look into its log."]
}

function knownFailure(error: unknown): readonly [KnownFailure, code: string, text: string] | undefined {
  for (const one of chainOf(error)) {
    const code = String((one as NodeJS.ErrnoException).code ?? '')
    const known = KNOWN_FAILURES.find(({ pattern }) => pattern.test(`${code} ${messageOf(one)}`))
    if (known !== undefined) return [known, code === '' ? 'timeout' : code, messageOf(one)]
  }
  return undefined
}

function stateOf(error: unknown): string | undefined {
  for (const one of chainOf(error)) {
    const state = sqlStateOf(one)
    if (state !== undefined) return state
  }
  return undefined
}

function rootOf(error: unknown): unknown {
  return chainOf(error).at(-1) ?? error
}

/** The error, those that it tried at once, and its causes. */
function chainOf(error: unknown): unknown[] {
  const chain: unknown[] = []
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    chain.push(...(each instanceof AggregateError ? each.errors : [each]))
  }
  return chain
}
