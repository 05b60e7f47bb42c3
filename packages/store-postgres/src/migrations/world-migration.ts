import { TerraneError } from '@terrane/core'
import type { AnyWorld } from '@terrane/engine'
import { arrayLiteral } from '../checkpoints/array-literal.js'
import type { Session } from '../connection/session.js'
import { sqlStateOf } from '../errors.js'
import { loadDrizzleKit, type Snapshot } from './drizzle-kit.js'
import type { MigrateOptions, MigrationContext } from './migrator.js'
import { personaTables, planWorld, type WorldPlan, withZoneColumn } from './world-plan.js'
import { fingerprintOf, worldTables } from './world-tables.js'

interface WorldRecord {
  readonly fingerprint: string
  readonly snapshot: Snapshot
  /** What an interrupted migration was on its way to; only where schema changes are not transactional. */
  readonly pending: Snapshot | undefined
}

/** Whether the tables in the database are those that the world declares. Throws `other_world`, `invalid_world`. */
export async function worldIsCurrent(session: Session, world: AnyWorld): Promise<boolean> {
  const fingerprint = fingerprintOf(worldTables(world), personaTables(world))
  const record = await readRecord(session, world)
  return record?.fingerprint === fingerprint && record.pending === undefined
}

/** Brings the kinds' tables to what the world declares. The caller holds the migration lock. */
export async function migrateWorld(context: MigrationContext, world: AnyWorld, options: MigrateOptions): Promise<void> {
  const { session, profile, log } = context
  const tables = worldTables(world)
  const fingerprint = fingerprintOf(tables, personaTables(world))
  const record = await readRecord(session, world)
  if (record?.fingerprint === fingerprint && record.pending === undefined) return

  const kit = loadDrizzleKit()
  const before = record?.snapshot ?? kit.generateDrizzleJson({})
  const after = withZoneColumn(kit.generateDrizzleJson(tables), world)
  const plan = await planWorld(kit, before, after)
  if (plan.destructive.length > 0 && options.allowDestructive !== true) throw destructive(world, plan)
  await checkNoStrangers(session, plan, record?.pending)

  const write = (values: { fingerprint: string; snapshot: Snapshot; pending: Snapshot | undefined }) =>
    writeRecord(context, world, values.fingerprint, values.snapshot, values.pending)
  const run = async (mayBeDone: boolean) => {
    for (const statement of plan.statements) {
      log(`world "${world.name}": ${statement.replace(/\s+/g, ' ')}`)
      await runStatement(session, statement, mayBeDone)
    }
  }
  if (profile.transactionalDdl) {
    await session.transaction(async () => {
      await run(false)
      await write({ fingerprint, snapshot: after, pending: undefined })
      return { keep: true, result: undefined }
    })
  } else {
    await write({ fingerprint: record?.fingerprint ?? '', snapshot: before, pending: after })
    await run(record?.pending !== undefined)
    await write({ fingerprint, snapshot: after, pending: undefined })
  }
}

async function readRecord(session: Session, world: AnyWorld): Promise<WorldRecord | undefined> {
  let rows: readonly (readonly (string | null)[])[]
  try {
    rows = (await session.query('SELECT world, fingerprint, snapshot, pending FROM terrane.world_schema')).rows
  } catch (error) {
    if (['42P01', '3F000'].includes(sqlStateOf(error) ?? '')) return undefined
    throw error
  }
  const other = rows.find((row) => row[0] !== world.name)
  if (other !== undefined) {
    // Zones are named alike in all worlds ("main"): two worlds would write one log.
    throw new TerraneError('other_world', `the database holds the world "${other[0]}", not "${world.name}"`, {
      hint: 'Give each world a database of its own.',
    })
  }
  const row = rows[0]
  if (row === undefined) return undefined
  const parse = (text: string | null | undefined) => (text ? (JSON.parse(text) as Snapshot) : undefined)
  const snapshot = parse(row[2])
  return snapshot && { fingerprint: row[1] ?? '', snapshot, pending: parse(row[3]) }
}

async function writeRecord(
  { session, terraneVersion }: MigrationContext,
  world: AnyWorld,
  fingerprint: string,
  snapshot: Snapshot,
  pending: Snapshot | undefined,
): Promise<void> {
  await session.query(
    'INSERT INTO terrane.world_schema (world, fingerprint, snapshot, pending, terrane_version) ' +
      'VALUES ($1, $2, $3::jsonb, $4::jsonb, $5) ON CONFLICT (world) DO UPDATE ' +
      'SET fingerprint = excluded.fingerprint, snapshot = excluded.snapshot, pending = excluded.pending, ' +
      'terrane_version = excluded.terrane_version, migrated_at = now()',
    [world.name, fingerprint, JSON.stringify(snapshot), pending ? JSON.stringify(pending) : null, terraneVersion],
  )
}

/** Refuses to take over tables that somebody else made. */
async function checkNoStrangers(session: Session, plan: WorldPlan, pending: Snapshot | undefined): Promise<void> {
  const ours = Object.values(pending?.tables ?? {}).map((table) => table.name)
  const created = plan.creates.filter((name) => !ours.includes(name))
  const dropped = plan.destructive.join('\n')
  const { rows } = await session.query(
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_name = ANY($1::text[])",
    [arrayLiteral('text', created)],
  )
  const strangers = rows.map((row) => row[0] ?? '').filter((name) => !dropped.includes(`DROP TABLE "${name}"`))
  if (strangers.length === 0) return
  throw new TerraneError('table_exists', `the database has tables of these names already: ${strangers.join(', ')}`, {
    hint: 'Use an empty database, or give the kinds other table names.',
  })
}

/** "Already there" and "already gone": what a repeated statement meets after an interrupted migration. */
const DONE = ['42P07', '42701', '42710', '42P16', '42P01', '42703', '42704']

async function runStatement(session: Session, statement: string, mayBeDone: boolean): Promise<void> {
  try {
    await session.query(statement)
  } catch (error) {
    const state = sqlStateOf(error) ?? ''
    if (mayBeDone && DONE.includes(state)) return
    if (state === '23502') {
      throw new TerraneError('unfillable_column', `existing rows have no value for a new column: ${statement}`, {
        hint: 'Give the column a default, or declare it without .notNull().',
        cause: error,
      })
    }
    if (state === '23514') {
      throw new TerraneError(
        'rows_elsewhere',
        `rows that only persona zones may write are in other zones: ${statement}`,
        {
          hint: 'Move them first: set their terrane_zone to the zone that their player belongs to.',
          cause: error,
        },
      )
    }
    throw error
  }
}

function destructive(world: AnyWorld, plan: WorldPlan): TerraneError {
  const list = plan.destructive.map((statement) => `  ${statement}`).join('\n')
  return new TerraneError('destructive_migration', `migrating the world "${world.name}" would lose data:\n${list}`, {
    hint: 'Keep the old tables and columns, or migrate with allowDestructive. A rename counts as a removal: rename in SQL first, or copy the data.',
  })
}
