import { JOB_STATUSES } from './job-status.js'

const anyOf = (column: string, values: readonly string[]) => values.map((each) => `${column} = '${each}'`).join(' OR ')

/**
 * Jobs and the nodes that compute them. There is no table of chunks: what is under way is in the sentinel's memory,
 * and of what has been accepted `jobs.checkpoint` holds the aggregates.
 *
 * `jobs.epoch` counts the sentinels that have had the job: what one writes demands its own epoch, so that whoever
 * has been taken over from can write nothing more. The constraints say what a row must look like in each status;
 * which status may follow which is said in `job-status.ts`, and held by the only statement that changes one.
 */
export const JOBS_STATEMENTS: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS public.jobs (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    user_id text NOT NULL,
    sim_config text NOT NULL,
    sentinel_config text NOT NULL,
    meta jsonb NOT NULL DEFAULT '{}',
    status text NOT NULL DEFAULT 'pending',
    result_pb bytea,
    timeline_pb bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    priority int8 NOT NULL DEFAULT 0,
    revision text NOT NULL DEFAULT '',
    error text,
    sentinel text,
    epoch int8 NOT NULL DEFAULT 0,
    lease_until timestamptz,
    checkpoint bytea,
    PRIMARY KEY (id),
    CONSTRAINT jobs_status_known CHECK (${anyOf('status', JOB_STATUSES)}),
    CONSTRAINT jobs_result_when_completed CHECK ((status = 'completed') = (result_pb IS NOT NULL)),
    CONSTRAINT jobs_finished_when_ended CHECK ((${anyOf('status', ['pending', 'running'])}) = (finished_at IS NULL)),
    CONSTRAINT jobs_reason_when_failed CHECK ((status = 'failed') = (error IS NOT NULL))
  )`,
  // What a sweep reads: a few rows, however many jobs have ended.
  `CREATE INDEX IF NOT EXISTS jobs_open ON public.jobs (priority DESC, created_at) WHERE status = 'pending' OR status = 'running'`,
  'CREATE INDEX IF NOT EXISTS jobs_of_user ON public.jobs (user_id, created_at DESC)',
  `CREATE TABLE IF NOT EXISTS public.nodes (
    public_key text NOT NULL,
    user_id text NOT NULL,
    name text NOT NULL,
    total_cores int8 NOT NULL,
    max_parallel int8 NOT NULL,
    platform text NOT NULL,
    version text NOT NULL,
    status text NOT NULL DEFAULT 'offline',
    created_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (public_key),
    CONSTRAINT nodes_status_known CHECK (${anyOf('status', ['online', 'offline', 'revoked'])}),
    CONSTRAINT nodes_have_cores CHECK (total_cores >= 1 AND max_parallel >= 1)
  )`,
  'CREATE INDEX IF NOT EXISTS nodes_of_user ON public.nodes (user_id)',
  `CREATE INDEX IF NOT EXISTS nodes_online ON public.nodes (last_seen_at) WHERE status = 'online'`,
  `CREATE TABLE IF NOT EXISTS public.nodes_permissions (
    public_key text NOT NULL,
    access_type text NOT NULL,
    target_id text NOT NULL DEFAULT '',
    PRIMARY KEY (public_key, access_type, target_id),
    CONSTRAINT nodes_permissions_known CHECK (${anyOf('access_type', ['friends', 'guild', 'public'])})
  )`,
  `CREATE TABLE IF NOT EXISTS public.node_claim_tokens (
    token_hash text NOT NULL,
    user_id text NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (token_hash)
  )`,
  'CREATE INDEX IF NOT EXISTS node_claim_tokens_of_user ON public.node_claim_tokens (user_id)',
  `CREATE TABLE IF NOT EXISTS public.friend_lists (
    user_id text NOT NULL,
    invite_code text NOT NULL,
    PRIMARY KEY (user_id)
  )`,
  'CREATE UNIQUE INDEX IF NOT EXISTS friend_lists_invite_code ON public.friend_lists (invite_code)',
  `CREATE TABLE IF NOT EXISTS public.friend_list_members (
    user_id text NOT NULL,
    member_id text NOT NULL,
    PRIMARY KEY (user_id, member_id)
  )`,
  `CREATE TABLE IF NOT EXISTS public.guild_members (
    guild_id text NOT NULL,
    discord_id text NOT NULL,
    PRIMARY KEY (guild_id, discord_id)
  )`,
  'CREATE INDEX IF NOT EXISTS guild_members_of_person ON public.guild_members (discord_id)',
  `CREATE TABLE IF NOT EXISTS public.chunk_event_log (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    job_id uuid NOT NULL,
    node_public_key text,
    claim_token text,
    event_type text NOT NULL,
    error text,
    occurred_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id)
  )`,
  'CREATE INDEX IF NOT EXISTS chunk_event_log_of_job ON public.chunk_event_log (job_id, occurred_at)',
]

/** What sentinels have found out about nodes. A key that was rotated hands it on. */
export const STANDING_STATEMENTS: readonly string[] = [
  'ALTER TABLE public.nodes ADD COLUMN IF NOT EXISTS confirmations int8 NOT NULL DEFAULT 0',
  'ALTER TABLE public.nodes ADD COLUMN IF NOT EXISTS distrust text',
]

/** A node that is paused gets no work: its owner or an operator wants it so, and an operator's wish goes first. */
export const PAUSE_STATEMENTS: readonly string[] = ['ALTER TABLE public.nodes ADD COLUMN IF NOT EXISTS paused_by text']

/** As an identity provider keeps them: whose account at which provider. Where there is one already it is left alone. */
export const IDENTITIES_STATEMENTS: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS auth',
  `CREATE TABLE IF NOT EXISTS auth.identities (
    provider text NOT NULL,
    provider_id text NOT NULL,
    user_id text NOT NULL,
    PRIMARY KEY (provider, provider_id)
  )`,
]

/** The tables of these in the schema `public`, which kinds of worlds must leave alone. */
export const JOBS_TABLES: readonly string[] = JOBS_STATEMENTS.flatMap(
  (statement) => /^CREATE TABLE IF NOT EXISTS public\.(\w+)/.exec(statement)?.[1] ?? [],
)

/** Wakes sentinels on PostgreSQL. Only a hint: what is not heard is found by the next sweep. */
export const NOTIFY_PENDING_JOB: readonly string[] = [
  `CREATE OR REPLACE FUNCTION terrane.notify_pending_job() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_notify('pending_job', NEW.id::text); RETURN NULL; END $$`,
  'DROP TRIGGER IF EXISTS notify_pending_job ON public.jobs',
  `CREATE TRIGGER notify_pending_job AFTER INSERT ON public.jobs FOR EACH ROW
    WHEN (NEW.status = 'pending') EXECUTE FUNCTION terrane.notify_pending_job()`,
]
