import { type InputDefinition, kind, type ReadTables, type RowOf, type Transaction } from '@terrane/engine'
import { bigint, integer, json, pgTable, text } from 'drizzle-orm/pg-core'
import type { z } from 'zod'
import type { OpSchemas } from './op-schemas.js'
import { CARS } from './rules.js'

const instant = (name: string) => bigint(name, { mode: 'number' })

/** What goes on in a car: one row in each car's zone. */
const cars = kind(
  pgTable('maglev_cars', {
    /** The car's zone. */
    car: text().primaryKey(),
    /** `lobby`, `running`, `debrief`. */
    phase: text().notNull(),
    /** Number of the mission, from 1; 0 before the first. */
    mission: integer().notNull(),
    /** How the floor banks. */
    seed: integer().notNull(),
    /** Ticks of this car since the mission began. Positions of one tick belong together. */
    tick: integer().notNull(),
    /** When the mission ends at the latest, ms since the Unix epoch; 0 in the lobby. */
    endsAt: instant('ends_at').notNull(),
    /** Cores that must be slotted, and those that were: known in the car with the terminal. */
    quota: integer().notNull(),
    slotted: integer().notNull(),
    /** Id of the next core, never used again, and cores slotted in all missions: of the car with the terminal. */
    nextCore: integer('next_core').notNull(),
    slotEvents: integer('slot_events').notNull(),
    /** Scores that persona zones told this car, those whose copy was behind and said so, and those that did not say so. */
    tallies: integer().notNull(),
    talliesStale: integer('tallies_stale').notNull(),
    talliesWrong: integer('tallies_wrong').notNull(),
  }),
)

/** Missions, newest last, in the zone of the terminal. */
const missions = kind(
  pgTable('maglev_missions', {
    id: integer().primaryKey(),
    seed: integer().notNull(),
    startedAt: instant('started_at').notNull(),
    /** Null while it runs. */
    endedAt: instant('ended_at'),
    quota: integer().notNull(),
    slotted: integer().notNull(),
    /** `won` or `lost`; null while it runs. */
    result: text(),
  }),
  { persist: 'commit' },
)

/** Who plays, as the terminal knows. */
const crew = kind(pgTable('maglev_crew', { player: text().primaryKey() }), { visible: { to: 'nobody' } })

/** Who has a runner in one of the cars, as the car knows in which they start. */
const roster = kind(pgTable('maglev_roster', { player: text().primaryKey() }), { visible: { to: 'nobody' } })

/** Players on the floor. In one car at a time: they go through the door with what they carry. */
const runners = kind(
  pgTable('maglev_runners', {
    player: text().primaryKey(),
    x: integer().notNull(),
    y: integer().notNull(),
    /** What the stick says, µm per tick. */
    vx: integer().notNull(),
    vy: integer().notNull(),
    /** Key of the core; null with empty hands. */
    carries: integer(),
    /** Cores brought through the door in the mission of this number. */
    mission: integer().notNull(),
    carried: integer().notNull(),
    /** Tick of the car up to which it cannot move, and from which it can zap again. */
    stunnedUntil: integer('stunned_until').notNull(),
    zapAt: integer('zap_at').notNull(),
    /** Last input, to within a few seconds. */
    seenAt: instant('seen_at').notNull(),
  }),
)

/** Head and hands of players with a headset: the newest pose counts. */
const poses = kind(
  pgTable('maglev_poses', {
    player: text().primaryKey(),
    /** Of the device's frames. */
    seq: integer().notNull(),
    /** Where the player stands. */
    x: integer().notNull(),
    y: integer().notNull(),
    /**
     * Head, left and right hand: position in mm from the floor under the player, x to their right, y forward, z up; and
     * a unit quaternion in 1/10,000.
     */
    limbs: json().$type<Limbs>().notNull(),
  }),
  { visible: { to: 'nearby', x: 'x', y: 'y' } },
)

/** x, y, z, qx, qy, qz, qw. */
export type Limb = readonly [number, number, number, number, number, number, number]
export type Limbs = readonly [head: Limb, left: Limb, right: Limb]

/** Quantum data-cores that roll, or are carried. */
const cores = kind(
  pgTable('maglev_cores', {
    id: integer().primaryKey(),
    x: integer().notNull(),
    y: integer().notNull(),
    vx: integer().notNull(),
    vy: integer().notNull(),
    /** Who touched it last. */
    touchedBy: text('touched_by'),
    /** In whose hands it is. */
    carriedBy: text('carried_by'),
  }),
)

/** Holes of the terminal. */
const slots = kind(
  pgTable('maglev_slots', {
    id: integer().primaryKey(),
    x: integer().notNull(),
    y: integer().notNull(),
    /** The core that is being read, whose score it is, and at which tick it is done. */
    core: integer(),
    by: text(),
    freeAt: integer('free_at').notNull(),
  }),
)

const drones = kind(
  pgTable('maglev_drones', {
    id: integer().primaryKey(),
    x: integer().notNull(),
    y: integer().notNull(),
    /** Tick up to which it hangs still. */
    idleUntil: integer('idle_until').notNull(),
  }),
)

/** What players have scored, ever. Written by their persona zones alone; copied to both cars. */
const scores = kind(
  pgTable('maglev_scores', {
    player: text().primaryKey(),
    points: integer().notNull(),
    cores: integer().notNull(),
    /** The mission of what follows. */
    mission: integer().notNull(),
    missionCores: integer('mission_cores').notNull(),
    /** Cores brought through the door, as the car behind the player said. */
    carried: integer().notNull(),
    /** Number of the last slot event of the terminal. */
    slotEvent: integer('slot_event').notNull(),
    /** Events that came before something that caused them. Always 0. */
    outOfOrder: integer('out_of_order').notNull(),
  }),
  {
    persist: 'commit',
    placed: { by: 'player', column: 'player' },
    replicate: { to: () => Object.keys(CARS), columns: ['points', 'cores', 'mission', 'missionCores'] },
  },
)

/** How each mission ended for each player. */
const runs = kind(
  pgTable('maglev_runs', {
    /** Mission and player. */
    id: text().primaryKey(),
    player: text().notNull(),
    mission: integer().notNull(),
    cores: integer().notNull(),
    points: integer().notNull(),
    result: text().notNull(),
    endedAt: instant('ended_at').notNull(),
  }),
  {
    persist: 'commit',
    placed: { by: 'player', column: 'player' },
    indexes: { player: { on: ['player', 'mission'], ordered: true } },
    visible: { to: 'owner', column: 'player' },
  },
)

export const kinds = { cars, missions, crew, roster, runners, poses, cores, slots, drones, scores, runs }

export type MaglevKinds = typeof kinds
export type Tx = Transaction<MaglevKinds, OpSchemas>
export type Tables = ReadTables<MaglevKinds>
export type Input<A extends z.ZodType> = InputDefinition<MaglevKinds, A, OpSchemas>

export type Car = Readonly<RowOf<typeof cars>>
export type Mission = Readonly<RowOf<typeof missions>>
export type Runner = Readonly<RowOf<typeof runners>>
export type CoreRow = Readonly<RowOf<typeof cores>>
export type SlotRow = Readonly<RowOf<typeof slots>>
export type Drone = Readonly<RowOf<typeof drones>>
export type Score = Readonly<RowOf<typeof scores>>
