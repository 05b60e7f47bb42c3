import { type InputDefinition, kind, type ReadTables, type RowOf, type Transaction } from '@terrane/engine'
import { bigint, boolean, integer, pgTable, text } from 'drizzle-orm/pg-core'
import type { z } from 'zod'
import { nexusKinds } from './nexus/nexus-kinds.js'
import type { OpSchemas } from './nexus/op-schemas.js'
import { regionKinds } from './regions/region-kinds.js'

const instant = (name: string) => bigint(name, { mode: 'number' })

/** A place with a name. Sectors never change after the region was made. */
const sectors = kind(
  pgTable('sectors', {
    /** Number within the region, from 1. */
    id: integer().primaryKey(),
    name: text().notNull(),
    cluster: text().notNull(),
    /** `standard`, `nebula`, …: see `SECTOR_TYPES`. */
    type: text().notNull(),
    /** Security: `federation`, `border` or `frontier`. */
    band: text().notNull(),
    /** Whether new players start here. */
    haven: boolean().notNull(),
    x: integer().notNull(),
    y: integer().notNull(),
    z: integer().notNull(),
    /** Square of the lookup grid in which it lies: see sector-lookup. */
    tile: integer().notNull(),
  }),
  { indexes: { tile: { on: ['tile'] }, haven: { on: ['haven'] } }, visible: { to: 'everyone' } },
)

/** A warp between two sectors. */
const lanes = kind(
  pgTable('lanes', {
    id: integer().primaryKey(),
    source: integer().notNull(),
    target: integer().notNull(),
    twoWay: boolean('two_way').notNull(),
  }),
  { visible: { to: 'everyone' } },
)

/** What a player's own client needs to know about them. Others see the ship. */
const players = kind(
  pgTable('players', {
    id: text().primaryKey(),
    name: text().notNull(),
    /** Key of the ship; it keeps it while it is moored. */
    ship: text().notNull(),
    joinedAt: instant('joined_at').notNull(),
    /** Last activity, to within `SEEN_EVERY_MS`. */
    seenAt: instant('seen_at').notNull(),
    /** When the harvester may be used again. */
    readyAt: instant('ready_at').notNull(),
    /** Place of the first foundation; null before it is built. */
    homeX: integer('home_x'),
    homeY: integer('home_y'),
    /** Where the ship is moored, and its hull; null while it is under way. */
    mooredX: integer('moored_x'),
    mooredY: integer('moored_y'),
    mooredHull: integer('moored_hull'),
    /** Units harvested, pieces crafted, structures built, in all. */
    harvested: integer().notNull(),
    crafted: integer().notNull(),
    built: integer().notNull(),
  }),
  { visible: { to: 'owner', column: 'id' } },
)

const ships = kind(
  pgTable('ships', {
    id: text().primaryKey(),
    owner: text().notNull(),
    name: text().notNull(),
    /** The player's name, so that a map can label the ship. */
    captain: text().notNull(),
    x: integer().notNull(),
    y: integer().notNull(),
    targetX: integer('target_x').notNull(),
    targetY: integer('target_y').notNull(),
    /** Exactly while it is not at its target. */
    moving: boolean().notNull(),
    speed: integer().notNull(),
    hull: integer().notNull(),
    /** The nearest sector, brought up to date every 1,000 units or so. */
    sector: integer().notNull(),
  }),
  {
    indexes: { owner: { on: ['owner'], unique: true }, moving: { on: ['moving'] } },
    visible: { to: 'nearby', x: 'x', y: 'y' },
  },
)

const resourceNodes = kind(
  pgTable('resource_nodes', {
    id: integer().primaryKey(),
    sector: integer().notNull(),
    resource: text().notNull(),
    x: integer().notNull(),
    y: integer().notNull(),
    remaining: integer().notNull(),
    capacity: integer().notNull(),
    /** Exactly while it is below capacity. */
    regrowing: boolean().notNull(),
  }),
  { indexes: { regrowing: { on: ['regrowing'] } }, visible: { to: 'nearby', x: 'x', y: 'y' } },
)

const structures = kind(
  pgTable('structures', {
    id: text().primaryKey(),
    owner: text().notNull(),
    kind: text().notNull(),
    x: integer().notNull(),
    y: integer().notNull(),
    hp: integer().notNull(),
    sector: integer().notNull(),
  }),
  { indexes: { owner: { on: ['owner'] } }, visible: { to: 'nearby', x: 'x', y: 'y' } },
)

/** How many pieces of one item lie in one place. Never zero: the row goes with the last piece. */
const inventories = kind(
  pgTable('inventories', {
    /** See `stockKey`. */
    id: text().primaryKey(),
    owner: text().notNull(),
    /** Key of a storage; empty for the hold of the owner's ship. */
    storage: text().notNull(),
    item: text().notNull(),
    amount: integer().notNull(),
  }),
  { visible: { to: 'owner', column: 'owner' } },
)

/**
 * Where every unit of a resource came from and went: what the conservation invariants compare with
 * what is there.
 */
const ledger = kind(
  pgTable('ledger', {
    resource: text().primaryKey(),
    /** In the nodes when the region was made. */
    initial: instant('initial').notNull(),
    regrown: instant('regrown').notNull(),
    /** From nodes into holds. */
    harvested: instant('harvested').notNull(),
    /** Gone for good: waste of recipes, repairs, what a dismantled structure does not give back. */
    consumed: instant('consumed').notNull(),
    /** From holds into structures, and back out of them. */
    embodied: instant('embodied').notNull(),
    released: instant('released').notNull(),
  }),
  { visible: { to: 'nobody' } },
)

/** The last notable events of the region. */
const chronicle = kind(
  pgTable('chronicle', {
    id: integer().primaryKey(),
    at: instant('at').notNull(),
    /** `founded`, `beacon` or `storm`. */
    event: text().notNull(),
    /** Who did it; empty for what happens by itself. */
    captain: text().notNull(),
    sector: integer().notNull(),
    x: integer().notNull(),
    y: integer().notNull(),
  }),
  { indexes: { id: { on: ['id'], ordered: true } }, visible: { to: 'everyone' } },
)

export const kinds = {
  sectors,
  lanes,
  players,
  ships,
  resourceNodes,
  structures,
  inventories,
  ledger,
  chronicle,
  ...regionKinds,
  ...nexusKinds,
}

export type FrontierKinds = typeof kinds
export type Tx = Transaction<FrontierKinds, OpSchemas>
export type Tables = ReadTables<FrontierKinds>
export type Input<A extends z.ZodType> = InputDefinition<FrontierKinds, A, OpSchemas>

export type Sector = Readonly<RowOf<typeof sectors>>
export type Lane = Readonly<RowOf<typeof lanes>>
export type Player = Readonly<RowOf<typeof players>>
export type Ship = Readonly<RowOf<typeof ships>>
export type ResourceNode = Readonly<RowOf<typeof resourceNodes>>
export type Structure = Readonly<RowOf<typeof structures>>
export type Stock = Readonly<RowOf<typeof inventories>>
export type LedgerLine = Readonly<RowOf<typeof ledger>>
export type ChronicleEntry = Readonly<RowOf<typeof chronicle>>
