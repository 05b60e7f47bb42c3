import { describe, expect, test } from 'vitest'
import { parseDatabaseUrl, withUser } from './database-url.js'

describe('a database URL', () => {
  test.each([
    [
      'postgres://u@db/x',
      { host: 'db', port: 5432, user: 'u', password: undefined, database: 'x', sslmode: undefined },
    ],
    ['postgresql://u:p%40%2F@db:26257/x%20y', { port: 26257, password: 'p@/', database: 'x y' }],
    ['postgres://u@[::1]:26257/x', { host: '::1', port: 26257 }],
    ['postgres://u@[fdaa:0:1::3]/x', { host: 'fdaa:0:1::3', port: 5432 }],
    ['postgres://u@db', { database: 'u' }],
    ['postgres:///x?host=/var/run/postgresql&user=u', { host: '/var/run/postgresql', user: 'u', database: 'x' }],
    ['postgres:///x?user=u', { host: 'localhost' }],
    ['postgres://u@db/x?options=-c%20search_path%3Dpublic', { options: '-c search_path=public' }],
    ['postgres://u@db/x?application_name=mine', { applicationName: 'mine' }],
    ['postgres://u@db/x?sslmode=require', { sslmode: 'require' }],
    ['postgres://u@db/x?sslmode=verify-full&sslrootcert=system', { sslmode: 'verify-full', sslrootcert: 'system' }],
    ['postgres://u@db/x?sslrootcert=/ca.crt', { sslmode: 'verify-full', sslrootcert: '/ca.crt' }],
  ])('%s', (url, expected) => {
    expect(parseDatabaseUrl(url)).toMatchObject(expected)
  })

  test.each([
    ['localhost:5432', /does not begin with postgres:/],
    ['not a url', /is no URL/],
    ['mysql://u@db/x', /does not begin with postgres:/],
    ['postgres://db/x', /names no user/],
    ['postgres://u:hidden@a:1,b:2/x', /is no URL/],
    ['postgres://u:hidden@db/x?port=70000', /its port/],
    ['postgres://u:hidden%@db/x', /begins no code/],
    // A typing error must not turn TLS off.
    ['postgres://u:hidden@db/x?sslmod=verify-full', /not known: sslmod/],
    ['postgres://u:hidden@db/x?ssl=true', /not known: ssl/],
    ['postgres://u:hidden@db/x?sslmode=verify_full', /sslmode is not known/],
    // libpq falls back to no TLS with these.
    ['postgres://u:hidden@db/x?sslmode=prefer', /goes on without TLS/],
    ['postgres://u:hidden@db/x?sslmode=allow', /goes on without TLS/],
    ['postgres://u:hidden@db/x?sslmode=verify-ca', /needs sslrootcert/],
    ['postgres://u:hidden@db/x?sslmode=require&sslrootcert=system', /whoever has any public certificate/],
  ])('%s is refused, and its password not shown', (url, message) => {
    let error: unknown
    try {
      parseDatabaseUrl(url)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ code: 'invalid_database_url', message: expect.stringMatching(message) })
    expect(`${error} ${(error as { hint: string }).hint}`).not.toContain('hidden')
  })

  test('for another user it loses the password and the certificate of the first', () => {
    const url = 'postgres://u:p@[::1]:26257/x?sslmode=verify-full&sslcert=/u.crt&sslkey=/u.key&sslrootcert=/ca.crt'
    expect(withUser(url, 'gateway_admin', 'a/b')).toBe(
      'postgres://gateway_admin:a%2Fb@[::1]:26257/x?sslmode=verify-full&sslrootcert=%2Fca.crt',
    )
    expect(parseDatabaseUrl(withUser(url, 'w'))).toMatchObject({ user: 'w', password: undefined, host: '::1' })
  })
})
