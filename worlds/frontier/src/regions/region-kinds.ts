import { kind, type RowOf } from '@terrane/engine'
import { bigint, boolean, doublePrecision, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core'

const instant = (name: string) => bigint(name, { mode: 'number' })

/** The region that was imported into this zone: one row, none before. */
const regions = kind(
  pgTable('regions', {
    /** Its name in the universe. */
    id: text().primaryKey(),
    /** `player_owned` or `central_nexus`. */
    type: text().notNull(),
    /** Of the region as it was generated: what was imported is told by it. */
    checksum: text().notNull(),
    seed: text().notNull(),
    sectors: integer().notNull(),
    capital: integer().notNull(),
    /** Where its warp to the Nexus begins. */
    landing: integer().notNull(),
    importedAt: instant('imported_at').notNull(),
    /** `active`; or `dormant`: put away for want of players, kept in the database. */
    state: text().notNull(),
    /** Last time that a player came in, by whatever way; to within `ACTIVITY_EVERY_MS`. */
    activeAt: instant('active_at').notNull(),
    /** `detached`, `waiting`, `attached`; or `refused`, `given_up`, for the `reason` below. */
    attachment: text().notNull(),
    /** Requests for attachment so far, and when the next is due. */
    attempts: integer().notNull(),
    attemptAt: instant('attempt_at').notNull(),
    /** Sector of the Gateway Plaza to which its warp leads; null until it is attached. */
    plazaSector: integer('plaza_sector'),
    /** Why it is not attached; empty when nothing has gone wrong. */
    reason: text().notNull(),
  }),
  { visible: { to: 'everyone' } },
)

/** Neighbouring sectors under one name: a range of sector numbers, both ends included. */
const clusters = kind(
  pgTable('clusters', {
    name: text().primaryKey(),
    type: text().notNull(),
    first: integer().notNull(),
    last: integer().notNull(),
  }),
  { visible: { to: 'everyone' } },
)

/** Warps over a long distance. */
const tunnels = kind(
  pgTable('tunnels', {
    id: integer().primaryKey(),
    source: integer().notNull(),
    target: integer().notNull(),
    twoWay: boolean('two_way').notNull(),
    turns: integer().notNull(),
  }),
  { visible: { to: 'everyone' } },
)

/** Lanes that look two-way and are not. */
const latentWarps = kind(pgTable('latent_warps', { lane: integer().primaryKey() }), { visible: { to: 'nobody' } })

const stations = kind(
  pgTable('stations', {
    sector: integer().primaryKey(),
    name: text().notNull(),
    /** 1 to 11: what it buys and sells. */
    class: integer().notNull(),
    /** `first_station`, `starter_spacedock`, …; empty for any other. */
    anchor: text().notNull(),
  }),
  { visible: { to: 'everyone' } },
)

const planets = kind(
  pgTable('planets', { sector: integer().primaryKey(), name: text().notNull(), type: text().notNull() }),
  { visible: { to: 'everyone' } },
)

/** To be discovered: no client is told. */
const formations = kind(
  pgTable('formations', {
    name: text().primaryKey(),
    kind: text().notNull(),
    anchor: integer().notNull(),
    /** The numbers of its other sectors. */
    interior: jsonb().notNull(),
    /** What its kind has besides, by name. */
    details: jsonb().notNull(),
  }),
  { visible: { to: 'nobody' } },
)

/** How the region was generated, phase by phase; none when its file did not say. */
const phases = kind(
  pgTable('generation_phases', {
    /** In the order of the file, from 1. */
    position: integer().primaryKey(),
    number: integer().notNull(),
    name: text().notNull(),
    /** Steps along warps that the phase looked at. */
    operations: integer().notNull(),
    /** Of what the phase made. */
    checksum: text().notNull(),
    /** Null when it was generated without timings. */
    milliseconds: doublePrecision(),
  }),
  { visible: { to: 'nobody' } },
)

export const regionKinds = { regions, clusters, tunnels, latentWarps, stations, planets, formations, phases }

export type RegionRow = Readonly<RowOf<typeof regions>>
