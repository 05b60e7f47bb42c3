import { assert } from '@terrane/core'

/**
 * Every number that bounds the world, with its reason. Lengths are in world units, positions are whole
 * units, speeds are units per second.
 */

/**
 * Edge of the square region. The largest round number below 65,536: a coordinate then takes three
 * bytes on the wire and in the log, and a unit is fine enough that rounding is not seen.
 */
export const REGION_SIZE = 60_000

/** Sectors of a region in this cut. */
export const SECTORS_PER_REGION = 300

/** A client sees about a dozen of 300 sectors, and about 100 of 2,000 ships that are spread evenly. */
export const INTEREST_RADIUS = 7_500

/** From a sector to its neighbour in about nine seconds, across the region in two and a half minutes. */
export const SHIP_SPEED = 400
/** With a hull below `HULL_SOUND`. */
export const SHIP_SPEED_DAMAGED = 200
export const HULL_MAX = 100
export const HULL_SOUND = 50

export const FLY_EVERY_MS = 100

/** Ship to node. */
export const HARVEST_RANGE = 400
/** At most two a second: what a person can press. Slightly below, so that jitter does not reject. */
export const HARVEST_COOLDOWN_MS = 450
export const HARVEST_YIELD = 10

/** Mass that a ship carries: twenty to thirty harvests, so that a trip is worth a minute. */
export const HOLD_MASS_MAX = 300
/** Pieces per craft: bounds the work of one input, and more would not fit in a hold. */
export const CRAFT_COUNT_MAX = 100

/** Ship to the place of building. */
export const BUILD_RANGE = 600
/** Ship to structure. */
export const INTERACT_RANGE = 600
/** Ship to refinery, for recipes that need one. */
export const REFINERY_RANGE = 800
/** Between any two structures: they stay apart on a map, and a cell's density is bounded by area. */
export const STRUCTURE_SPACING = 60
/** Structure to the foundation that it stands on. */
export const FOUNDATION_REACH = 600

/** A settlement of one player; with `STRUCTURE_SPACING` it fits around two foundations. */
export const STRUCTURES_PER_PLAYER_MAX = 200
/** At most 600 bytes each: 150 MB of a zone's memory. */
export const STRUCTURES_PER_ZONE_MAX = 250_000
/** Rows of players are kept for good; about 1 kB each with ship and hold. */
export const PLAYERS_PER_ZONE_MAX = 50_000

/** Share of hp that one plate restores, and below which a refinery stands still. */
export const REPAIR_SHARE = 0.25
export const WORKING_SHARE = 0.5
/** Hull points that one plate restores. */
export const OVERHAUL_HULL = 25
/** Of each item of the cost, rounded down; the rest is consumed. */
export const REFUND_SHARE = 0.5

export const REGROW_EVERY_MS = 5_000
/** Share of a node's capacity that comes back per `REGROW_EVERY_MS`: from empty to full in about eight minutes. */
export const REGROW_SHARE = 0.01

export const STORM_EVERY_MS = 20_000
export const STORM_RADIUS = 1_500
/** Storms wear, they never destroy what somebody built while they are away. */
export const STORM_HP_FLOOR_SHARE = 0.2
export const STORM_HULL_FLOOR = 20
/** Structures, and ships, that one storm may touch: bounds the tick. */
export const STORM_HITS_MAX = 500

/** A ship whose player has done nothing for this long is moored: off the map until they come back. */
export const MOOR_AFTER_MS = 30 * 60_000
export const MOOR_EVERY_MS = 30_000
/** Per tick: bounds it after a long pause of the whole zone. */
export const MOOR_BATCH_MAX = 500
/** How exact a player's last activity is kept; saves a row change per input. */
export const SEEN_EVERY_MS = 60_000

/** Notable events that are kept; every client holds them all. */
export const CHRONICLE_MAX = 64

assert(REGION_SIZE < 65_536, 'coordinates must fit in two bytes of payload')
assert((SHIP_SPEED_DAMAGED * FLY_EVERY_MS) / 1_000 >= 2, 'a tick must move a ship by whole units')
assert(SEEN_EVERY_MS < MOOR_AFTER_MS, 'an active ship would be moored')
assert(HARVEST_YIELD < HOLD_MASS_MAX, 'a harvest must fit in an empty hold')
assert(BUILD_RANGE >= STRUCTURE_SPACING && INTERACT_RANGE >= STRUCTURE_SPACING, 'a builder must reach what it built')
