import { z } from 'zod'
import { CommandFailure } from '../process/failure.js'

/** What comes from the environment: secrets, addresses, and what differs between deployments. */
export interface Environment {
  /** The database to use instead of the embedded one. */
  readonly databaseUrl: string | undefined
  /** As whom migrations run in it. */
  readonly databaseAdminUrl: string | undefined
  /** As whom the read API of game data reads. */
  readonly databaseReaderUrl: string | undefined
  /** Directory of the certificates to connect with. */
  readonly databaseCerts: string | undefined
  /** NATS servers, with commas between them. */
  readonly busUrl: string | undefined
  /** Verifies players' tokens (HS256). Made and kept in the data directory when absent. */
  readonly jwtSecret: string | undefined
  /** Where an identity provider publishes the keys of the tokens that it issues. */
  readonly jwksUrl: string | undefined
  /** No guest tokens, no observers unless the world allows them. */
  readonly production: boolean
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'
}

export const JWT_SECRET_LENGTH_MIN = 32

const url = (protocols: RegExp, example: string) =>
  z.url({ protocol: protocols, error: `is not such a URL; an example: ${example}` }).optional()

const POSTGRES = /^postgres(ql)?$/

const VARIABLES = z.object({
  DATABASE_URL: url(POSTGRES, 'postgres://gateway_writer:password@db.example.com:5432/terrane'),
  DATABASE_ADMIN_URL: url(POSTGRES, 'postgres://gateway_admin:password@db.example.com:5432/terrane'),
  DATABASE_READER_URL: url(POSTGRES, 'postgres://gateway_reader:password@db.example.com:5432/terrane'),
  DATABASE_CERTS: z.string().optional(),
  TERRANE_BUS_URL: z
    .string()
    .regex(
      /^(nats|tls):\/\/[^\s,/]+(,(nats|tls):\/\/[^\s,/]+)*$/,
      'must be like nats://10.0.0.5:4222,nats://10.0.0.6:4222',
    )
    .optional(),
  TERRANE_JWT_SECRET: z
    .string()
    .min(
      JWT_SECRET_LENGTH_MIN,
      `is shorter than ${JWT_SECRET_LENGTH_MIN} characters; make one with: openssl rand -hex 32`,
    )
    .optional(),
  TERRANE_JWKS_URL: url(/^https?$/, 'https://login.example.com/.well-known/jwks.json'),
  NODE_ENV: z.string().optional(),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], 'must be trace, debug, info, warn, error or silent')
    .default('info'),
})

/** The only place that reads `process.env`. Throws `CommandFailure` that names the variable. */
export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  // An empty variable is how many deployment tools say "not set".
  const present = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''))
  const parsed = VARIABLES.safeParse(present)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const name = String(issue?.path[0])
    // The value is not shown: it may be a secret.
    throw new CommandFailure('invalid_environment', {
      what: `the environment variable ${name} cannot be used`,
      why: `${name} ${issue?.message}`,
      next: `correct it, or remove it: unset ${name}`,
    })
  }
  if (parsed.data.TERRANE_JWT_SECRET !== undefined && parsed.data.TERRANE_JWKS_URL !== undefined) {
    throw new CommandFailure('invalid_environment', {
      what: 'tokens can be checked in one way only',
      why: 'TERRANE_JWT_SECRET and TERRANE_JWKS_URL are both set',
      next: 'remove one of them: the secret when an identity provider issues the tokens, else the URL',
    })
  }
  const { DATABASE_URL, DATABASE_ADMIN_URL, DATABASE_READER_URL, DATABASE_CERTS } = parsed.data
  const { TERRANE_JWT_SECRET, TERRANE_JWKS_URL, NODE_ENV, LOG_LEVEL } = parsed.data
  return {
    databaseUrl: DATABASE_URL,
    databaseAdminUrl: DATABASE_ADMIN_URL,
    databaseReaderUrl: DATABASE_READER_URL,
    databaseCerts: DATABASE_CERTS,
    busUrl: parsed.data.TERRANE_BUS_URL,
    jwtSecret: TERRANE_JWT_SECRET,
    jwksUrl: TERRANE_JWKS_URL,
    production: NODE_ENV === 'production',
    logLevel: LOG_LEVEL,
  }
}

/** For child processes: all that we got, and more. */
export function childEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...process.env, ...extra }
}
