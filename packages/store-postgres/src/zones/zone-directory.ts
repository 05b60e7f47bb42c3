import type { ZoneClaim, ZoneDirectory, ZoneHeld, ZoneRecord } from '@terrane/engine'
import { TransientStoreError } from '@terrane/engine'
import { arrayLiteral } from '../checkpoints/array-literal.js'
import type { ConnectionPool } from '../connection/pool.js'
import type { Session, TextRow } from '../connection/session.js'

const LEASE_MS = '(extract(epoch FROM lease_until) * 1000)::int8'
const LEASE_LEFT_MS = '(extract(epoch FROM lease_until - now()) * 1000)::int8'

/** A claim that finds the zone held, and then free when it asks by whom, tries again. */
const CLAIM_ATTEMPTS_MAX = 5

/** Leases are measured by the database's clock alone, so that processes' clocks need not agree. */
export class PostgresZones implements ZoneDirectory {
  readonly #pool: ConnectionPool

  constructor(pool: ConnectionPool) {
    this.#pool = pool
  }

  async claim(zone: string, owner: string, leaseMs: number): Promise<ZoneClaim | ZoneHeld> {
    await this.register(zone)
    return this.#pool.run('claim', async (session) => {
      for (let attempt = 0; attempt < CLAIM_ATTEMPTS_MAX; attempt++) {
        const claimed = await tryClaim(session, zone, owner, leaseMs)
        if (claimed !== undefined) return claimed
        const held = await holderOf(session, zone)
        if (held !== undefined) return held
      }
      throw new TransientStoreError(`claim: zone "${zone}" keeps changing hands`)
    })
  }

  renew(owner: string, zones: readonly string[], leaseMs: number): Promise<readonly string[]> {
    return this.#pool.run('renew', async (session) => {
      const { rows } = await session.commit(
        "UPDATE terrane.zones SET lease_until = now() + $3::float8 * INTERVAL '1 millisecond' " +
          'WHERE owner = $1 AND zone_id = ANY($2::text[]) RETURNING zone_id',
        [owner, arrayLiteral('text', zones), leaseMs],
      )
      const renewed = new Set(rows.map((row) => row[0]))
      return zones.filter((zone) => !renewed.has(zone))
    })
  }

  async release(zone: string, owner: string): Promise<void> {
    await this.#pool.run('release', (session) =>
      session.commit('UPDATE terrane.zones SET owner = NULL, lease_until = NULL WHERE zone_id = $1 AND owner = $2', [
        zone,
        owner,
      ]),
    )
  }

  register(zone: string): Promise<number> {
    return this.#pool.run('register', async (session) => (await numberOf(session, zone)) ?? giveNumber(session, zone))
  }

  unsettled(): Promise<readonly string[]> {
    return this.#pool.run('unsettled', async (session) => {
      const { rows } = await session.query(
        'SELECT z.zone_id FROM terrane.zones z WHERE ' +
          'coalesce((SELECT max(l.seq) FROM terrane.commit_log l WHERE l.zone_id = z.zone_id), 0) > z.checkpoint_seq ' +
          'OR coalesce((SELECT max(o.id) FROM terrane.op_outbox o WHERE o.terrane_zone = z.zone_id), 0) > 0',
      )
      return rows.map(([zone]) => zone ?? '').sort()
    })
  }

  list(): Promise<readonly ZoneRecord[]> {
    return this.#pool.run('list', async (session) => {
      const { rows } = await session.query(
        `SELECT zone_id, owner, epoch, coalesce(${LEASE_MS}, 0), coalesce(${LEASE_LEFT_MS}, 0), checkpoint_seq, number FROM terrane.zones`,
      )
      return rows.map(recordOf).sort((a, b) => (a.zone < b.zone ? -1 : 1))
    })
  }
}

function recordOf([zone, owner, epoch, leaseUntil, leaseLeftMs, checkpoint, number]: TextRow): ZoneRecord {
  return {
    zone: zone ?? '',
    number: number ? Number(number) : undefined,
    owner: owner ?? undefined,
    epoch: Number(epoch),
    leaseUntil: Number(leaseUntil),
    leaseLeftMs: Number(leaseLeftMs),
    checkpoint: Number(checkpoint),
  }
}

async function tryClaim(
  session: Session,
  zone: string,
  owner: string,
  leaseMs: number,
): Promise<ZoneClaim | undefined> {
  const { rows } = await session.commit(
    "UPDATE terrane.zones SET epoch = epoch + 1, owner = $2, lease_until = now() + $3::float8 * INTERVAL '1 millisecond' " +
      'WHERE zone_id = $1 AND (owner IS NULL OR owner = $2 OR lease_until <= now()) ' +
      'RETURNING epoch, checkpoint_seq, number',
    [zone, owner, leaseMs],
  )
  const row = rows[0]
  if (row === undefined) return undefined
  const checkpoint = Number(row[1])
  const existed = checkpoint > 0 || (await hasLog(session, zone))
  return { claimed: true, epoch: Number(row[0]), checkpoint, existed, number: Number(row[2]) }
}

async function numberOf(session: Session, zone: string): Promise<number | undefined> {
  const { rows } = await session.query('SELECT number FROM terrane.zones WHERE zone_id = $1 AND number IS NOT NULL', [
    zone,
  ])
  return rows[0] && Number(rows[0][0])
}

/** The counter's row makes those that give numbers take turns, so that numbers become visible in their order. */
async function giveNumber(session: Session, zone: string): Promise<number> {
  const given = await session.transaction(async () => {
    const { rows: next } = await session.query(
      'UPDATE terrane.zone_numbers SET last = last + 1 WHERE id = 1 RETURNING last',
    )
    const { rows } = await session.query(
      'INSERT INTO terrane.zones AS z (zone_id, epoch, checkpoint_seq, number) VALUES ($1, 0, 0, $2) ' +
        'ON CONFLICT (zone_id) DO UPDATE SET number = excluded.number WHERE z.number IS NULL RETURNING number',
      [zone, next[0]?.[0]],
    )
    return { keep: rows.length > 0, result: rows[0] && Number(rows[0][0]) }
  })
  const number = given ?? (await numberOf(session, zone))
  if (number === undefined) throw new TransientStoreError(`register: zone "${zone}" was given a number and has none`)
  return number
}

/** Not "was claimed before": an owner that died before its first commit left nothing, so `init` is still due. */
async function hasLog(session: Session, zone: string): Promise<boolean> {
  const { rows } = await session.query('SELECT seq FROM terrane.commit_log WHERE zone_id = $1 LIMIT 1', [zone])
  return rows.length > 0
}

async function holderOf(session: Session, zone: string): Promise<ZoneHeld | undefined> {
  const { rows } = await session.query(
    `SELECT owner, ${LEASE_MS} FROM terrane.zones WHERE zone_id = $1 AND owner IS NOT NULL AND lease_until > now()`,
    [zone],
  )
  const row = rows[0]
  return row && { claimed: false, owner: row[0] ?? '', leaseUntil: Number(row[1]) }
}
