import { expect, test } from 'vitest'
import { readEnvironment } from './environment.js'

test('what is not set, or set to nothing, has its default', () => {
  expect(readEnvironment({ DATABASE_URL: '', NODE_ENV: 'development' })).toEqual({
    databaseUrl: undefined,
    databaseAdminUrl: undefined,
    databaseReaderUrl: undefined,
    databaseCerts: undefined,
    busUrl: undefined,
    jwtSecret: undefined,
    jwksUrl: undefined,
    production: false,
    logLevel: 'info',
  })
})

test.each([
  { DATABASE_URL: 'localhost:5432' },
  { DATABASE_URL: 'mysql://host/db' },
  { DATABASE_ADMIN_URL: 'mysql://host/db' },
  { TERRANE_BUS_URL: 'http://localhost:4222' },
  { TERRANE_JWT_SECRET: 'short' },
  { TERRANE_JWKS_URL: 'file:///etc/keys' },
  { LOG_LEVEL: 'loud' },
  { TERRANE_JWT_SECRET: 'x'.repeat(32), TERRANE_JWKS_URL: 'https://example.com/jwks.json' },
])('names the variable that cannot be used: %o', (variables) => {
  const [name] = Object.keys(variables)
  expect(() => readEnvironment(variables)).toThrow(name)
})
