import type { DatabaseStats } from '@terrane/protocol'
import { describe, expect, test } from 'vitest'
import { certificateDays, cipherName, databaseWarnings } from './database-health.js'

const AT = Date.UTC(2026, 0, 1)
const DAY_MS = 86_400_000

const WELL: DatabaseStats = {
  state: 'up',
  production: true,
  user: 'gateway_writer',
  role: 'writer',
  version: 'PostgreSQL 18.4',
  addressFamily: 6,
  tls: { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', certificateEndsAt: AT + 365 * DAY_MS },
  pool: { size: 4, open: 1, idle: 1, waiting: 0 },
  reconnects: 0,
}

const ending = (certificateEndsAt: number | null): DatabaseStats => ({
  ...WELL,
  tls: { protocol: 'TLSv1.3', cipher: '', certificateEndsAt },
})

describe('warns', () => {
  test.each<[string, DatabaseStats, string[]]>([
    ['of nothing when all is well', WELL, []],
    ['when it does not answer', { ...WELL, state: 'down' }, ['bad state']],
    ['when it is not encrypted in production', { ...WELL, tls: null }, ['bad tls']],
    ['not when it is not encrypted elsewhere', { ...WELL, production: false, tls: null }, []],
    ['not of a certificate with 14 days', ending(AT + 14 * DAY_MS), []],
    ['of a certificate with less', ending(AT + 14 * DAY_MS - 1), ['warn certificate']],
    ['of a certificate that has ended', ending(AT - 1), ['bad certificate']],
    ['not of a certificate whose end is unknown', ending(null), []],
    ['of a pool that has nothing left', { ...WELL, pool: { size: 4, open: 4, idle: 0, waiting: 2 } }, ['warn pool']],
    ['not of a pool that is just in use', { ...WELL, pool: { size: 4, open: 4, idle: 0, waiting: 0 } }, []],
    ['not of one that can still open more', { ...WELL, pool: { size: 4, open: 3, idle: 0, waiting: 1 } }, []],
    [
      'of the worst first',
      { ...ending(AT), state: 'down', pool: { size: 1, open: 1, idle: 0, waiting: 1 } },
      ['bad state', 'warn certificate', 'warn pool'],
    ],
  ])('%s', (_, database, expected) => {
    expect(databaseWarnings(database, AT).map(({ level, about }) => `${level} ${about}`)).toEqual(expected)
  })
})

test('days until a certificate ends', () => {
  expect(certificateDays(WELL, AT)).toBe(365)
  expect(certificateDays(ending(AT + DAY_MS - 1), AT)).toBe(0)
  expect(certificateDays(ending(AT - 1), AT)).toBe(-1)
  expect(certificateDays({ ...WELL, tls: null }, AT)).toBeNull()
})

test('names of ciphers as people read them', () => {
  expect(cipherName('TLS_AES_256_GCM_SHA384')).toBe('AES-256-GCM')
  expect(cipherName('TLS_CHACHA20_POLY1305_SHA256')).toBe('CHACHA20-POLY1305')
  expect(cipherName('ECDHE-ECDSA-AES256-GCM-SHA384')).toBe('ECDHE-ECDSA-AES256-GCM-SHA384')
})
