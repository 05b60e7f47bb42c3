import { Histogram } from '@terrane/core'
import type { AppendResult, CommitLog, LogAppend, LogEntry } from '@terrane/engine'
import { arrayLiteral } from '../checkpoints/array-literal.js'
import { statementsFor, writeChangesOfZones, type ZoneChanges } from '../checkpoints/kind-writer.js'
import type { DedicatedConnection } from '../connection/dedicated.js'
import type { Statement } from '../connection/one-trip-transaction.js'
import type { ConnectionPool } from '../connection/pool.js'
import type { Session } from '../connection/session.js'
import { violatesConstraint } from '../errors.js'

/**
 * The log's primary key is the lock: of two appends at one position, one finds the row of the other
 * and inserts nothing. That is not enough once old batches have been trimmed, because an owner that
 * fell far behind could then append at a position that was taken and deleted again. So an append also
 * demands that its predecessor is the newest batch, and `trim` never deletes the newest. Nor may it follow a batch of a
 * later epoch: an owner that slept through its successor's time would go on from a state that it never saw.
 */
const FOLLOWS_NEWEST =
  'coalesce((SELECT l.seq = v.seq - 1 AND l.epoch <= v.epoch FROM terrane.commit_log l ' +
  'WHERE l.zone_id = v.zone_id ORDER BY l.seq DESC LIMIT 1), v.seq = 1)'

/**
 * Several batches travel as arrays, and their payloads as one binary parameter that is cut up there: 64 batches of
 * 1.5 KB take 3.3 ms, where as rows of a VALUES list they took 5.1 ms; arrays of bytea travel as text, which is slower
 * than both. Parameters: zones, positions, epochs, where each payload begins, its length, all payloads.
 */
const BATCHES =
  'FROM unnest($1::text[], $2::int8[], $3::int8[], $4::int8[], $5::int8[]) AS v (zone_id, seq, epoch, f, n)'
const PAYLOAD = 'substring($6::bytea, v.f::integer, v.n::integer)'
const INTO = 'INSERT INTO terrane.commit_log (zone_id, seq, epoch, payload)'

/**
 * Inserts all or fails, by a constraint: a batch that does not follow the newest gets no position. As a rule nothing is
 * fenced, and this takes an eighth less time than what finds out.
 */
const APPEND_ALL = `${INTO} SELECT v.zone_id, CASE WHEN ${FOLLOWS_NEWEST} THEN v.seq END, v.epoch, ${PAYLOAD} ${BATCHES}`

/** Leaves out what is fenced; returns the zones whose batch was inserted. */
const APPEND_UNFENCED =
  `${INTO} SELECT v.zone_id, v.seq, v.epoch, ${PAYLOAD} ${BATCHES} ` +
  `WHERE ${FOLLOWS_NEWEST} ON CONFLICT (zone_id, seq) DO NOTHING RETURNING zone_id`

/** Batches per statement: one statement should not hold the others up for long. */
const APPEND_ROWS_MAX = 256

/** What one chunk of `read` should weigh. Payloads travel as hex, so it costs three times this in memory. */
const READ_CHUNK_BYTES = 4 * 1024 * 1024
const READ_CHUNK_ROWS_MAX = 1_024
const READ_CHUNK_ROWS_FIRST = 16

/** Positions per DELETE of `trim`, so that no statement runs long or holds many locks. */
const TRIM_CHUNK = 1_000

export interface AppendStatistics {
  /** Batches that were committed. */
  batches: number
  /** Bytes of their payloads. */
  bytes: number
  /** Batches that found their position taken. */
  fenced: number
  /** Calls that failed. */
  failures: number
  /** Milliseconds per append call, waiting for the connection included. */
  readonly latencyMs: Histogram
}

export class PostgresLog implements CommitLog {
  readonly statistics: AppendStatistics = { batches: 0, bytes: 0, fenced: 0, failures: 0, latencyMs: new Histogram() }
  readonly #appends: DedicatedConnection
  readonly #pool: ConnectionPool

  constructor(appends: DedicatedConnection, pool: ConnectionPool) {
    this.#appends = appends
    this.#pool = pool
  }

  async append(entries: readonly LogAppend[]): Promise<readonly AppendResult[]> {
    const started = performance.now()
    let results: readonly AppendResult[]
    try {
      results = await this.#append(entries)
    } catch (error) {
      this.statistics.failures++
      throw error
    }
    this.statistics.latencyMs.record(performance.now() - started)
    for (let i = 0; i < results.length; i++) {
      if (results[i] === 'committed') {
        this.statistics.batches++
        this.statistics.bytes += entries[i]?.payload.length ?? 0
      } else this.statistics.fenced++
    }
    return results
  }

  async #append(entries: readonly LogAppend[]): Promise<readonly AppendResult[]> {
    const results: AppendResult[] = []
    for (let start = 0; start < entries.length; start += APPEND_ROWS_MAX) {
      const part = entries.slice(start, start + APPEND_ROWS_MAX)
      // Each part is a `run` of its own, so that a repeat after 40001 repeats nothing that has committed.
      results.push(...(await this.#appends.run('append', (session) => appendPart(session, part))))
    }
    return results
  }

  headOf(zone: string): Promise<{ seq: number; epoch: number } | undefined> {
    return this.#pool.run('headOf', async (session) => {
      const { rows } = await session.query(
        'SELECT seq, epoch FROM terrane.commit_log WHERE zone_id = $1 ORDER BY seq DESC LIMIT 1',
        [zone],
      )
      return rows[0] && { seq: Number(rows[0][0]), epoch: Number(rows[0][1]) }
    })
  }

  async *read(zone: string, after: number): AsyncGenerator<readonly LogEntry[]> {
    let position = after
    let limit = READ_CHUNK_ROWS_FIRST
    for (;;) {
      const chunk = await this.#pool.run('read', (session) => readChunk(session, zone, position, limit))
      if (chunk.length > 0) yield chunk
      if (chunk.length < limit) return
      position = chunk.at(-1)?.seq ?? position
      const bytes = chunk.reduce((sum, entry) => sum + entry.payload.length, 0)
      limit = Math.max(1, Math.min(READ_CHUNK_ROWS_MAX, Math.floor((READ_CHUNK_BYTES * chunk.length) / (bytes + 1))))
    }
  }

  async trim(zone: string, upTo: number): Promise<number> {
    const range = await this.#pool.run('trim', (session) => trimRange(session, zone, upTo))
    let deleted = 0
    for (let low = range.low; low <= range.high; low += TRIM_CHUNK) {
      const high = Math.min(range.high, low + TRIM_CHUNK - 1)
      const { rowCount } = await this.#pool.run('trim', (session) =>
        session.commit('DELETE FROM terrane.commit_log WHERE zone_id = $1 AND seq <= $2', [zone, high]),
      )
      deleted += rowCount
    }
    return deleted
  }
}

/**
 * Appends batches with their rows, inside the caller's transaction. What is fenced is not inserted, nor are its rows; a
 * row that is refused fails all.
 */
export async function appendWithin(session: Session, entries: readonly LogAppend[]): Promise<AppendResult[]> {
  const { rows } = await session.query(APPEND_UNFENCED, appendValues(entries))
  const inserted = new Set(rows.map(([zone]) => zone))
  await writeChangesOfZones(session, changesOf(entries.filter(({ zone }) => inserted.has(zone))))
  return entries.map(({ zone }) => (inserted.has(zone) ? 'committed' : 'fenced'))
}

/**
 * Appends batches, with rows or without, in one transaction, because each COMMIT is a wait for the disk, and in one
 * round trip; when a constraint says no, step by step, to find out whose. When a row is refused the caller tries each
 * batch alone.
 */
async function appendPart(session: Session, entries: readonly LogAppend[]): Promise<AppendResult[]> {
  const rows = statementsFor(changesOf(entries))
  if (rows === undefined) return appendInSteps(session, entries)
  const append: Statement = { text: APPEND_ALL, values: appendValues(entries) }
  try {
    if (rows.length === 0) await session.commit(append.text, append.values)
    else await session.transactionInOneTrip([append, ...rows])
  } catch (error) {
    if (!violatesConstraint(error)) throw error
    return appendInSteps(session, entries)
  }
  return entries.map(() => 'committed')
}

function appendInSteps(session: Session, entries: readonly LogAppend[]): Promise<AppendResult[]> {
  return session.transaction(async () => {
    const result = await appendWithin(session, entries)
    return { keep: result.includes('committed'), result }
  })
}

function changesOf(entries: readonly LogAppend[]): ZoneChanges[] {
  return entries.flatMap(({ zone, rows = [] }) => rows.map((changes) => ({ zone, changes })))
}

function appendValues(entries: readonly LogAppend[]): (string | Buffer)[] {
  const begins: number[] = []
  let end = 1
  for (const { payload } of entries) {
    begins.push(end)
    end += payload.length
  }
  const numbers = (of: (entry: LogAppend) => number) => `{${entries.map(of).join()}}`
  return [
    arrayLiteral(
      'text',
      entries.map(({ zone }) => zone),
    ),
    numbers(({ seq }) => seq),
    numbers(({ epoch }) => epoch),
    `{${begins.join()}}`,
    numbers(({ payload }) => payload.length),
    entries.length === 1
      ? bufferOf((entries[0] as LogAppend).payload)
      : Buffer.concat(entries.map(({ payload }) => payload)),
  ]
}

function bufferOf(payload: Uint8Array): Buffer {
  return Buffer.isBuffer(payload) ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
}

async function readChunk(session: Session, zone: string, after: number, limit: number): Promise<LogEntry[]> {
  const { rows } = await session.query(
    "SELECT seq, epoch, encode(payload, 'hex') FROM terrane.commit_log WHERE zone_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
    [zone, after, limit],
  )
  return rows.map(([seq, epoch, payload]) => ({
    zone,
    seq: Number(seq),
    epoch: Number(epoch),
    payload: Buffer.from(payload ?? '', 'hex'),
  }))
}

/** Positions that may go: up to `upTo`, the checkpoint, and the batch before the newest. */
async function trimRange(session: Session, zone: string, upTo: number): Promise<{ low: number; high: number }> {
  const { rows } = await session.query(
    'SELECT coalesce(min(l.seq), 0), coalesce(max(l.seq), 0), ' +
      'coalesce((SELECT z.checkpoint_seq FROM terrane.zones z WHERE z.zone_id = $1), 0) ' +
      'FROM terrane.commit_log l WHERE l.zone_id = $1',
    [zone],
  )
  const [oldest, newest, checkpoint] = (rows[0] ?? []).map(Number) as [number, number, number]
  return { low: oldest, high: Math.min(upTo, checkpoint, newest - 1) }
}
