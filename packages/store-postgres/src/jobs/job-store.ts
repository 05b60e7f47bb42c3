import { arrayLiteral } from '../checkpoints/array-literal.js'
import type { ConnectionPool } from '../connection/pool.js'
import type { Session, TextRow } from '../connection/session.js'
import { type JobStatus, statusesBefore } from './job-status.js'

export interface NewJob {
  /** A UUID. */
  readonly id: string
  readonly userId: string
  readonly simConfig: string
  readonly sentinelConfig: string
  readonly meta: Readonly<Record<string, unknown>>
  readonly priority: number
  /** Of the game data. */
  readonly revision: string
}

/** A job without what weighs: configurations, checkpoint and results. */
export interface JobRecord {
  readonly id: string
  readonly userId: string
  readonly status: JobStatus
  readonly meta: Readonly<Record<string, unknown>>
  readonly priority: number
  readonly revision: string
  /** Why it failed. */
  readonly error: string | undefined
  /** ms since the epoch */
  readonly createdAt: number
  readonly finishedAt: number | undefined
}

/** Proof of having taken a job; whoever takes it next makes it worthless. */
export interface JobHold {
  readonly id: string
  readonly sentinel: string
  readonly epoch: number
}

/** What has been accepted of a job that a sentinel has. */
export interface JobCheckpoint {
  readonly hold: JobHold
  readonly checkpoint: Uint8Array
}

export interface TakenJob extends NewJob {
  readonly hold: JobHold
  readonly createdAt: number
  /** What the sentinel before had accepted; undefined for nothing. */
  readonly checkpoint: Uint8Array | undefined
  /** Another sentinel had it before. */
  readonly wasRunning: boolean
}

/** What decides whether a sentinel can do anything for a job. */
export type AvailableJob = Pick<NewJob, 'id' | 'userId' | 'sentinelConfig'>

/** An end, with what belongs to it. */
export type JobEnd =
  | {
      readonly status: 'completed'
      readonly meta: Readonly<Record<string, unknown>>
      readonly resultPb: Uint8Array
      readonly timelinePb: Uint8Array | undefined
    }
  | { readonly status: 'failed'; readonly error: string }

export interface ChunkEvent {
  readonly jobId: string
  readonly nodePublicKey?: string | undefined
  readonly claimToken?: string | undefined
  readonly eventType: string
  readonly error?: string | undefined
}

const msOf = (column: string) => `(extract(epoch FROM ${column}) * 1000)::int8`

const RECORD = `id, user_id, status, meta, priority, revision, error, ${msOf('created_at')}, ${msOf('finished_at')}`

const HELD = 'id = $1 AND sentinel = $2 AND epoch = $3'

/** Each checkpoint is a binary parameter: arrays of bytea travel as text. */
function saveText(count: number): string {
  const rows = Array.from({ length: count }, (_, i) => {
    const p = i * 4
    return `($${p + 1}::uuid, $${p + 2}::text, $${p + 3}::int8, $${p + 4}::bytea)`
  })
  return (
    'UPDATE public.jobs AS j SET checkpoint = v.checkpoint ' +
    `FROM (VALUES ${rows.join(', ')}) AS v (id, sentinel, epoch, checkpoint) ` +
    "WHERE j.id = v.id AND j.sentinel = v.sentinel AND j.epoch = v.epoch AND j.status = 'running' RETURNING j.id"
  )
}

/** The table `public.jobs`. Leases go by the database's clock alone; safety rests on the epoch, not on them. */
export class PostgresJobs {
  readonly #pool: ConnectionPool
  #turn: Promise<unknown> = Promise.resolve()

  constructor(pool: ConnectionPool) {
    this.#pool = pool
  }

  /** Inserts a job at `pending`; once, also when it is repeated after an uncertain outcome. */
  async create(job: NewJob): Promise<void> {
    await this.#pool.run('createJob', (session) =>
      session.commit(
        'INSERT INTO public.jobs (id, user_id, sim_config, sentinel_config, meta, priority, revision) ' +
          'VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7) ON CONFLICT (id) DO NOTHING',
        [job.id, job.userId, job.simConfig, job.sentinelConfig, JSON.stringify(job.meta), job.priority, job.revision],
      ),
    )
  }

  async find(id: string): Promise<JobRecord | undefined> {
    const { rows } = await this.#pool.run('findJob', (session) =>
      session.query(`SELECT ${RECORD} FROM public.jobs WHERE id = $1`, [id]),
    )
    return rows[0] && recordOf(rows[0])
  }

  /** The newest first. */
  async ofUser(userId: string, limit: number): Promise<readonly JobRecord[]> {
    const { rows } = await this.#pool.run('jobsOfUser', (session) =>
      session.query(`SELECT ${RECORD} FROM public.jobs WHERE user_id = $1 ORDER BY created_at DESC LIMIT $2`, [
        userId,
        limit,
      ]),
    )
    return rows.map(recordOf)
  }

  /** How many of a user's jobs have not ended. */
  async openCount(userId: string): Promise<number> {
    const { rows } = await this.#pool.run('openJobsOfUser', (session) =>
      session.query(
        "SELECT count(*) FROM public.jobs WHERE user_id = $1 AND (status = 'pending' OR status = 'running')",
        [userId],
      ),
    )
    return Number(rows[0]?.[0] ?? 0)
  }

  /** What a completed job came to. */
  async resultOf(id: string): Promise<{ resultPb: Uint8Array; timelinePb: Uint8Array | undefined } | undefined> {
    const { rows } = await this.#pool.run('resultOfJob', (session) =>
      session.query("SELECT encode(result_pb, 'hex'), encode(timeline_pb, 'hex') FROM public.jobs WHERE id = $1", [id]),
    )
    const resultPb = bytesOf(rows[0]?.[0])
    return resultPb && { resultPb, timelinePb: bytesOf(rows[0]?.[1]) }
  }

  /** What was asked for: the two configurations as JSON. */
  async configOf(id: string): Promise<{ simConfig: string; sentinelConfig: string } | undefined> {
    const { rows } = await this.#pool.run('configOfJob', (session) =>
      session.query('SELECT sim_config, sentinel_config FROM public.jobs WHERE id = $1', [id]),
    )
    const [simConfig, sentinelConfig] = rows[0] ?? []
    return simConfig == null || sentinelConfig == null ? undefined : { simConfig, sentinelConfig }
  }

  /** Whoever has open jobs, by name. */
  async sentinels(): Promise<readonly string[]> {
    const { rows } = await this.#pool.run('sentinels', (session) =>
      session.query(
        "SELECT sentinel FROM public.jobs WHERE (status = 'pending' OR status = 'running') AND sentinel IS NOT NULL GROUP BY sentinel",
      ),
    )
    return rows.map(([sentinel]) => sentinel ?? '')
  }

  /**
   * Jobs that nobody has: new ones, and those whose sentinel has let its lease run out.
   * @param dead sentinels that are known to be gone, whatever their leases say
   */
  async available(limit: number, dead: readonly string[] = []): Promise<readonly AvailableJob[]> {
    const { rows } = await this.#pool.run('availableJobs', (session) =>
      session.query(
        "SELECT id, user_id, sentinel_config FROM public.jobs WHERE (status = 'pending' OR status = 'running') AND " +
          '(sentinel IS NULL OR lease_until <= now() OR sentinel = ANY($2::text[])) ' +
          'ORDER BY priority DESC, created_at LIMIT $1',
        [limit, arrayLiteral('text', dead)],
      ),
    )
    return rows.map(([id, userId, sentinelConfig]) => ({
      id: id ?? '',
      userId: userId ?? '',
      sentinelConfig: sentinelConfig ?? '',
    }))
  }

  /** Makes a job this sentinel's; undefined when it is another's, or has ended. */
  async take(
    id: string,
    sentinel: string,
    leaseMs: number,
    dead: readonly string[] = [],
  ): Promise<TakenJob | undefined> {
    const before = statusesBefore('running')
    const { rows } = await this.#pool.run('takeJob', (session) =>
      session.commit(
        "UPDATE public.jobs SET status = 'running', sentinel = $2, epoch = epoch + 1, " +
          "lease_until = now() + $3::float8 * INTERVAL '1 millisecond' " +
          'WHERE id = $1 AND status = ANY($4::text[]) AND ' +
          '(sentinel IS NULL OR sentinel = $2 OR lease_until <= now() OR sentinel = ANY($5::text[])) ' +
          'RETURNING epoch, user_id, sim_config, sentinel_config, meta, priority, revision, ' +
          `${msOf('created_at')}, encode(checkpoint, 'hex')`,
        [id, sentinel, leaseMs, arrayLiteral('text', before), arrayLiteral('text', dead)],
      ),
    )
    const row = rows[0]
    if (row === undefined) return undefined
    const epoch = Number(row[0])
    return {
      id,
      userId: row[1] ?? '',
      simConfig: row[2] ?? '',
      sentinelConfig: row[3] ?? '',
      meta: JSON.parse(row[4] ?? '{}'),
      priority: Number(row[5]),
      revision: row[6] ?? '',
      createdAt: Number(row[7]),
      checkpoint: bytesOf(row[8]),
      // Only `take` counts epochs.
      wasRunning: epoch > 1,
      hold: { id, sentinel, epoch },
    }
  }

  /** Extends the leases of a sentinel; returns those of `ids` that are still its own and open. */
  async renew(sentinel: string, ids: readonly string[], leaseMs: number): Promise<readonly string[]> {
    const { rows } = await this.#alone(() =>
      this.#pool.run('renewJobs', (session) =>
        session.commit(
          "UPDATE public.jobs SET lease_until = now() + $3::float8 * INTERVAL '1 millisecond' " +
            "WHERE sentinel = $1 AND id = ANY($2::uuid[]) AND status = 'running' RETURNING id",
          [sentinel, arrayLiteral('text', ids), leaseMs],
        ),
      ),
    )
    return rows.map(([id]) => id ?? '')
  }

  /** Lets the next sentinel have a job at once. */
  async release({ id, sentinel, epoch }: JobHold): Promise<void> {
    await this.#pool.run('releaseJob', (session) =>
      session.commit(`UPDATE public.jobs SET sentinel = NULL, lease_until = NULL WHERE ${HELD}`, [id, sentinel, epoch]),
    )
  }

  /**
   * Keeps what has been accepted, of several jobs in one statement. @returns ids of those that were kept; the others have
   * ended or are another's, and nothing was written of them
   */
  async saveCheckpoints(checkpoints: readonly JobCheckpoint[]): Promise<ReadonlySet<string>> {
    if (checkpoints.length === 0) return new Set()
    const { rows } = await this.#alone(() =>
      this.#pool.run('saveJobCheckpoints', (session) =>
        session.commit(
          saveText(checkpoints.length),
          checkpoints.flatMap(({ hold: { id, sentinel, epoch }, checkpoint }) => [
            ...[id, sentinel, epoch],
            Buffer.from(checkpoint.buffer, checkpoint.byteOffset, checkpoint.byteLength),
          ]),
        ),
      ),
    )
    return new Set(rows.map(([id]) => id ?? ''))
  }

  /** Statements that lock several jobs go one after the other: in different orders they could wait for each other. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work)
    this.#turn = turn.catch(() => {})
    return turn
  }

  /** Ends a job that this sentinel has. False: it has ended otherwise, or is another's. */
  finish(hold: JobHold, end: JobEnd): Promise<boolean> {
    return this.#pool.run('finishJob', async (session) => {
      const { rowCount } = await session.commit(
        'UPDATE public.jobs SET status = $4, finished_at = now(), sentinel = NULL, lease_until = NULL, checkpoint = NULL, ' +
          'meta = coalesce($5::jsonb, meta), result_pb = $6::bytea, timeline_pb = coalesce($7::bytea, timeline_pb), error = $8 ' +
          `WHERE ${HELD} AND status = ANY($9::text[])`,
        [
          ...[hold.id, hold.sentinel, hold.epoch, end.status],
          ...(end.status === 'completed'
            ? [JSON.stringify(end.meta), Buffer.from(end.resultPb), bufferOf(end.timelinePb), null]
            : [null, null, null, end.error]),
          arrayLiteral('text', statusesBefore(end.status)),
        ],
      )
      // An answer may have been lost, and this be the second time that it is asked.
      return rowCount === 1 || (await endedBy(session, hold, end.status))
    })
  }

  /** Ends a job at its user's wish. Returns where it stands then; undefined when there is no such job of theirs. */
  cancel(id: string, userId: string): Promise<JobStatus | undefined> {
    return this.#pool.run('cancelJob', async (session) => {
      await session.commit(
        "UPDATE public.jobs SET status = 'cancelled', finished_at = now(), sentinel = NULL, lease_until = NULL, checkpoint = NULL " +
          'WHERE id = $1 AND user_id = $2 AND status = ANY($3::text[])',
        [id, userId, arrayLiteral('text', statusesBefore('cancelled'))],
      )
      const { rows } = await session.query('SELECT status FROM public.jobs WHERE id = $1 AND user_id = $2', [
        id,
        userId,
      ])
      return rows[0]?.[0] as JobStatus | undefined
    })
  }

  /** Writes down what went wrong with a chunk. */
  async logEvent(event: ChunkEvent): Promise<void> {
    await this.#pool.run('logChunkEvent', (session) =>
      session.commit(
        'INSERT INTO public.chunk_event_log (job_id, node_public_key, claim_token, event_type, error) VALUES ($1, $2, $3, $4, $5)',
        [
          event.jobId,
          event.nodePublicKey ?? null,
          event.claimToken ?? null,
          event.eventType,
          event.error?.slice(0, ERROR_CHARS_MAX) ?? null,
        ],
      ),
    )
  }

  async eventsOf(jobId: string, limit: number): Promise<readonly (ChunkEvent & { occurredAt: number })[]> {
    const { rows } = await this.#pool.run('chunkEvents', (session) =>
      session.query(
        `SELECT node_public_key, claim_token, event_type, error, ${msOf('occurred_at')} FROM public.chunk_event_log ` +
          'WHERE job_id = $1 ORDER BY occurred_at LIMIT $2',
        [jobId, limit],
      ),
    )
    return rows.map(([node, token, eventType, error, occurredAt]) => ({
      jobId,
      nodePublicKey: node ?? undefined,
      claimToken: token ?? undefined,
      eventType: eventType ?? '',
      error: error ?? undefined,
      occurredAt: Number(occurredAt),
    }))
  }
}

/** Nodes write these: a row stays small. */
const ERROR_CHARS_MAX = 1_000

/** Only one sentinel has a job in one epoch, and an end clears its name: so the end at our epoch is ours, or the user's. */
async function endedBy(session: Session, { id, epoch }: JobHold, status: JobStatus): Promise<boolean> {
  const { rows } = await session.query('SELECT 1 FROM public.jobs WHERE id = $1 AND epoch = $2 AND status = $3', [
    id,
    epoch,
    status,
  ])
  return rows.length === 1
}

function recordOf(row: TextRow): JobRecord {
  const [id, userId, status, meta, priority, revision, error, createdAt, finishedAt] = row
  return {
    id: id ?? '',
    userId: userId ?? '',
    status: status as JobStatus,
    meta: JSON.parse(meta ?? '{}'),
    priority: Number(priority),
    revision: revision ?? '',
    error: error ?? undefined,
    createdAt: Number(createdAt),
    finishedAt: finishedAt ? Number(finishedAt) : undefined,
  }
}

function bytesOf(hex: string | null | undefined): Uint8Array | undefined {
  return hex === null || hex === undefined ? undefined : Buffer.from(hex, 'hex')
}

function bufferOf(bytes: Uint8Array | undefined): Buffer | null {
  return bytes === undefined ? null : Buffer.from(bytes)
}
