import { type MapRange, type MapWrite, type StoredMap, ZoneMap, type ZoneMapStore } from '@terrane/engine'
import { arrayLiteral } from '../checkpoints/array-literal.js'
import type { ConnectionPool } from '../connection/pool.js'
import type { Session } from '../connection/session.js'
import { appendWithin } from '../log/commit-log.js'
import { CODE_MAX } from './map-migration.js'

/** The map's version is one row, which writers take turns to raise: what they read before they wrote still holds. */
export class PostgresMap implements ZoneMapStore {
  readonly #pool: ConnectionPool

  constructor(pool: ConnectionPool) {
    this.#pool = pool
  }

  read(): Promise<StoredMap> {
    return this.#pool.run('readMap', async (session) => {
      const current = await session.query('SELECT version FROM terrane.zone_map_version WHERE id = 1')
      const version = Number(current.rows[0]?.[0])
      // The ranges of a version never change.
      const { rows } = await session.query(
        'SELECT authority, lo, hi, zone_id FROM terrane.zone_map WHERE version = $1 ORDER BY authority DESC, lo',
        [version],
      )
      const ranges = rows.map(
        ([authority, lo, hi, zone]): MapRange => ({
          authority: authority as MapRange['authority'],
          lo: Number(lo),
          hi: Number(hi),
          zone: zone ?? '',
        }),
      )
      return { version, ranges }
    })
  }

  async write({ from, ranges, appends }: MapWrite): Promise<'written' | 'stale' | 'fenced'> {
    // The table's constraints say the same, but not which ranges are at fault.
    const map = ZoneMap.of(from + 1, ranges)
    return this.#pool.run('writeMap', (session) =>
      session.transaction(async () => {
        const { rowCount } = await session.query(
          'UPDATE terrane.zone_map_version SET version = version + 1 WHERE id = 1 AND version = $1',
          [from],
        )
        if (rowCount === 0) return { keep: false, result: 'stale' }
        if ((await appendWithin(session, appends)).includes('fenced')) return { keep: false, result: 'fenced' }
        await insertRanges(session, map)
        return { keep: true, result: 'written' }
      }),
    )
  }
}

async function insertRanges(session: Session, { version, ranges }: ZoneMap): Promise<void> {
  const texts = (of: (range: MapRange) => string) => arrayLiteral('text', ranges.map(of))
  const codes = (of: (range: MapRange) => number) => arrayLiteral('integer', ranges.map(of))
  await session.query(
    'INSERT INTO terrane.zone_map (version, authority, lo, hi, next, zone_id) ' +
      'SELECT $1::int8, u.authority, u.lo, u.hi, u.next, u.zone_id ' +
      'FROM unnest($2::text[], $3::int8[], $4::int8[], $5::int8[], $6::text[]) AS u (authority, lo, hi, next, zone_id)',
    [
      version,
      texts(({ authority }) => authority),
      codes(({ lo }) => lo),
      codes(({ hi }) => hi),
      codes(({ hi }) => (hi === CODE_MAX ? 0 : hi + 1)),
      texts(({ zone }) => zone),
    ],
  )
}
