import type { DatabaseStats, ZoneStats } from '@terrane/protocol'
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

const zone = (id: string, stalledBecause?: string): ZoneStats => ({
  id,
  state: stalledBecause === undefined ? 'active' : 'stalled',
  ...(stalledBecause !== undefined && { stalledBecause }),
  entities: 0,
  sessions: 0,
  epoch: 1,
  seq: 1,
  ops: { outbox: 0, oldestMs: 0, buffered: 0, deadLetters: 0 },
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
    expect(
      databaseWarnings({ database, zones: [zone('main')], at: AT }).map(({ level, about }) => `${level} ${about}`),
    ).toEqual(expected)
  })
})

describe('of writes that it does not take', () => {
  const full = 'append: could not extend file: No space left on device'
  const warnings = (database: DatabaseStats, zones: readonly ZoneStats[]) =>
    databaseWarnings({ database, zones, at: AT })

  test('names the zone and what the database says', () => {
    expect(warnings(WELL, [zone('east'), zone('west', full)])).toEqual([
      {
        about: 'writes',
        level: 'bad',
        text: expect.stringMatching(/nothing of zone west, .*It says: append: .*No space left on device/),
      },
    ])
  })

  test('counts zones when there are several', () => {
    expect(warnings(WELL, [zone('east', full), zone('west', full)])[0]?.text).toContain('nothing of 2 zones')
  })

  test('not beside a database that does not answer at all', () => {
    expect(warnings({ ...WELL, state: 'down' }, [zone('west', full)]).map(({ about }) => about)).toEqual(['state'])
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
