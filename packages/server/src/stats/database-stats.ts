import type { DatabaseStats } from '@terrane/protocol'
import type { ConnectionInfo } from '@terrane/store-postgres'

/** What operators are told of the database: how it is connected, and never where it is. */
export function databaseStats(info: ConnectionInfo, isUp: boolean, production: boolean): DatabaseStats {
  const { user, role, profile, serverVersion, addressFamily, tls, pool, reconnects } = info
  const ends = [tls?.notAfter, tls?.clientNotAfter].filter((end) => end !== undefined)
  return {
    state: isUp ? 'up' : 'down',
    production,
    user,
    role,
    version: profile === 'postgres' ? `PostgreSQL ${serverVersion}` : serverVersion,
    addressFamily: addressFamily ?? null,
    tls:
      tls === undefined
        ? null
        : {
            protocol: tls.protocol,
            cipher: tls.cipher,
            certificateEndsAt: ends.length === 0 ? null : Math.min(...ends),
          },
    pool: { size: pool.size, open: pool.open, idle: pool.idle, waiting: pool.waiting },
    reconnects,
  }
}
