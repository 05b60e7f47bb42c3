import { TerraneError } from '@terrane/core'

/** How much TLS an `sslmode` asks for, with libpq's meanings. */
type TlsMode = 'disable' | 'require' | 'verify-ca' | 'verify-full'

/** What a connection URL says. */
export interface DatabaseUrl {
  /** A name, an address without brackets, or the directory of a Unix socket. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string | undefined
  readonly database: string
  readonly applicationName: string | undefined
  /** Settings for the session, as libpq's `options`. */
  readonly options: string | undefined
  /** Undefined when the URL does not say; then there is no TLS. */
  readonly sslmode: TlsMode | undefined
  /** Paths of PEM files. `sslrootcert` may be `system`: the public authorities. */
  readonly sslrootcert: string | undefined
  readonly sslcert: string | undefined
  readonly sslkey: string | undefined
  readonly sslnegotiation: 'postgres' | 'direct' | undefined
}

const DEFAULT_PORT = 5432
const PARAMETERS = [
  'host',
  'port',
  'user',
  'password',
  'dbname',
  'application_name',
  'options',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslnegotiation',
] as const

/**
 * Reads a URL as libpq does, and refuses what it cannot do as libpq would: a parameter that is not known (a
 * typing error in `sslmode` must not turn TLS off), and modes that fall back to no TLS silently.
 * @throws TerraneError `invalid_database_url`; the message holds neither the URL nor the password
 */
export function parseDatabaseUrl(text: string): DatabaseUrl {
  const url = urlOf(text)
  for (const name of url.searchParams.keys()) {
    if (!(PARAMETERS as readonly string[]).includes(name)) {
      throw invalid(`it has a parameter that is not known: ${name}`, `Remove it. Known are: ${PARAMETERS.join(', ')}.`)
    }
  }
  const parameter = (name: (typeof PARAMETERS)[number]) => url.searchParams.get(name) || undefined
  const user = parameter('user') ?? decoded(url.username)
  if (user === '') throw invalid('it names no user', `An example: ${EXAMPLE}`)
  const password = parameter('password') ?? decoded(url.password)
  const sslnegotiation = parameter('sslnegotiation')
  if (sslnegotiation !== undefined && sslnegotiation !== 'postgres' && sslnegotiation !== 'direct') {
    throw invalid('its sslnegotiation is not known', 'It can be postgres or direct.')
  }
  const sslrootcert = parameter('sslrootcert')
  return {
    host: parameter('host') ?? (decoded(url.hostname).replace(/^\[(.+)\]$/, '$1') || 'localhost'),
    port: portOf(parameter('port') ?? url.port),
    user,
    password: password === '' ? undefined : password,
    database: parameter('dbname') ?? (decoded(url.pathname.slice(1)) || user),
    applicationName: parameter('application_name'),
    options: parameter('options'),
    sslmode: tlsModeOf(parameter('sslmode'), sslrootcert),
    sslrootcert,
    sslcert: parameter('sslcert'),
    sslkey: parameter('sslkey'),
    sslnegotiation,
  }
}

/** The same URL for another user, without the first one's password and certificate. */
export function withUser(text: string, user: string, password = ''): string {
  const url = urlOf(text)
  for (const name of ['user', 'password', 'sslcert', 'sslkey']) url.searchParams.delete(name)
  url.username = encodeURIComponent(user)
  url.password = encodeURIComponent(password)
  return url.href
}

const EXAMPLE = 'postgres://gateway_writer:password@db.example.com:5432/terrane?sslmode=verify-full'

function urlOf(text: string): URL {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw invalid('it is no URL', `An example: ${EXAMPLE}`)
  }
  if (!/^postgres(ql)?:$/.test(url.protocol))
    throw invalid('it does not begin with postgres://', `An example: ${EXAMPLE}`)
  return url
}

function portOf(text: string): number {
  const port = text === '' ? DEFAULT_PORT : Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw invalid('its port is no port', 'Use 1 to 65535.')
  return port
}

function tlsModeOf(mode: string | undefined, sslrootcert: string | undefined): TlsMode | undefined {
  const verifies = 'verify-full encrypts and makes sure who answers, disable does neither.'
  switch (mode) {
    case undefined:
      // A certificate to check the server against, and nothing said: the strictest.
      return sslrootcert === undefined ? undefined : 'verify-full'
    case 'disable':
    case 'verify-full':
      return mode
    case 'require':
    case 'verify-ca':
      if (sslrootcert === 'system') {
        throw invalid(`its sslmode ${mode} would trust whoever has any public certificate`, 'Use sslmode=verify-full.')
      }
      if (mode === 'verify-ca' && sslrootcert === undefined) {
        throw invalid(
          'its sslmode verify-ca needs sslrootcert',
          'Add sslrootcert=<path of the CA>, or use verify-full.',
        )
      }
      return mode
    case 'allow':
    case 'prefer':
      throw invalid(
        `its sslmode ${mode} goes on without TLS when somebody in between takes it away`,
        `Say which: ${verifies}`,
      )
    default:
      throw invalid('its sslmode is not known', `It can be disable, require, verify-ca or verify-full: ${verifies}`)
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalid('it has a % that begins no code', 'Write a % of the user, the password or the database as %25.')
  }
}

function invalid(why: string, hint: string): TerraneError {
  return new TerraneError('invalid_database_url', `the database URL cannot be used: ${why}`, { hint })
}
