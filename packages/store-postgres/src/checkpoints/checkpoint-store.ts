import type { CheckpointStore, CheckpointWrite, KindChanges, KindSchema, StreamPosition } from '@terrane/engine'
import type { ConnectionPool } from '../connection/pool.js'
import type { Session } from '../connection/session.js'
import { arrayLiteral } from './array-literal.js'
import { readKind } from './kind-reader.js'
import { writeKindChanges } from './kind-writer.js'

const STREAMS_PER_PAGE = 10_000

export class PostgresCheckpoints implements CheckpointStore {
  readonly #pool: ConnectionPool

  constructor(pool: ConnectionPool) {
    this.#pool = pool
  }

  write(checkpoint: CheckpointWrite): Promise<'written' | 'fenced'> {
    return this.#pool.run('checkpoint', (session) =>
      session.transaction(async () => {
        for (const changes of checkpoint.changes) await writeKindChanges(session, checkpoint.zone, changes)
        await writeStreams(session, checkpoint)
        // Last, so that the zone's row is locked for a moment only: leases are renewed on the same row.
        return (await advance(session, checkpoint))
          ? { keep: true, result: 'written' }
          : { keep: false, result: 'fenced' }
      }),
    )
  }

  rows(zone: string, kind: KindSchema): AsyncGenerator<KindChanges> {
    return readKind(this.#pool, zone, kind)
  }

  async *streams(zone: string): AsyncGenerator<readonly StreamPosition[]> {
    let after = ''
    for (;;) {
      const { rows } = await this.#pool.run('streams', (session) =>
        session.query(
          'SELECT stream, last_input, at_ms FROM terrane.streams WHERE zone_id = $1 AND stream > $2 ORDER BY zone_id, stream LIMIT $3',
          [zone, after, STREAMS_PER_PAGE],
        ),
      )
      if (rows.length === 0) return
      yield rows.map(([stream, lastInput, at]) => ({
        stream: stream ?? '',
        lastInput: Number(lastInput),
        at: Number(at),
      }))
      if (rows.length < STREAMS_PER_PAGE) return
      after = rows.at(-1)?.[0] ?? ''
    }
  }
}

async function advance(session: Session, { zone, epoch, from, to }: CheckpointWrite): Promise<boolean> {
  const { rowCount } = await session.query(
    'UPDATE terrane.zones SET checkpoint_seq = $1, checkpoint_at = now() ' +
      'WHERE zone_id = $2 AND checkpoint_seq = $3 AND ($4::int8 IS NULL OR epoch = $4::int8)',
    [to, zone, from, epoch ?? null],
  )
  return rowCount === 1
}

async function writeStreams(session: Session, { zone, streams, endedStreams }: CheckpointWrite): Promise<void> {
  if (endedStreams.length > 0) {
    await session.query('DELETE FROM terrane.streams WHERE zone_id = $1 AND stream = ANY($2::text[])', [
      zone,
      arrayLiteral('text', endedStreams),
    ])
  }
  if (streams.length > 0) {
    await session.query(
      'INSERT INTO terrane.streams (zone_id, stream, last_input, at_ms) ' +
        'SELECT $1::text, u.stream, u.last_input, u.at_ms ' +
        'FROM unnest($2::text[], $3::int8[], $4::float8[]) AS u (stream, last_input, at_ms) ' +
        'ON CONFLICT (zone_id, stream) DO UPDATE SET last_input = excluded.last_input, at_ms = excluded.at_ms',
      [
        zone,
        arrayLiteral(
          'text',
          streams.map(({ stream }) => stream),
        ),
        arrayLiteral(
          'integer',
          streams.map(({ lastInput }) => lastInput),
        ),
        arrayLiteral(
          'float',
          streams.map(({ at }) => at),
        ),
      ],
    )
  }
}
