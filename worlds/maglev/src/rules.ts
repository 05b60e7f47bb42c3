import { CORE_RADIUS, FLOOR, PLAYER_RADIUS } from './physics/index.js'

/** What the mission is made of. Lengths are µm, velocities µm per tick, durations ticks unless they say otherwise. */

export const TICK_MS = 50
export const TICKS_PER_SECOND = 1_000 / TICK_MS

/** The two cars: each a zone of its own, with a bulkhead between them that only people pass. */
export const CARS = {
  /** Where everybody starts, and where data-cores come from. */
  'car-1': { from: 0, to: FLOOR.x / 2 },
  /** Where the terminal is. It conducts the mission. */
  'car-2': { from: FLOOR.x / 2, to: FLOOR.x },
} as const

export type CarZone = keyof typeof CARS
export const COURIER: CarZone = 'car-1'
export const TERMINAL: CarZone = 'car-2'

export function isCar(zone: string): zone is CarZone {
  return Object.hasOwn(CARS, zone)
}

/** The doorway in the bulkhead: its middle, and half its width. */
export const DOOR = { y: FLOOR.y / 2, half: 800_000 } as const
/** How far behind the bulkhead somebody stands who went through: nobody is in both cars by turns at a twitch. */
export const DOOR_STEP = 500_000

export const MISSION_SECONDS = 180
export const MISSION_SECONDS_MIN = 2
/** How long the result stands before the next mission can begin. */
export const DEBRIEF_TICKS = 2 * TICKS_PER_SECOND
/** Missions, and runs per player, that are kept. */
export const MISSIONS_KEPT = 100
export const RUNS_KEPT = 50
export const CREW_MAX = 64

/** Of three minutes; shorter missions need as much less. */
export const QUOTA = 45
export const CORES = 6
export const POINTS_PER_CORE = 100
/** How long a slot is taken while a core is read. */
export const UPLOAD_TICKS = 8 * TICKS_PER_SECOND

/** 3.5 m/s. */
export const WALK_SPEED = 175_000
/** A stick pushed as far as it goes. */
export const STICK_MAX = 1_000
export const GRAB_REACH = 1_000_000
export const SLOT_REACH = 1_000_000
/** 4 m/s: below what physics bounds. */
export const THROW_MAX = 200_000
/** Where a core that is let go begins, in front of who carried it: clear of them. */
export const ARM = PLAYER_RADIUS + CORE_RADIUS + 10_000

export const DRONES_PER_CAR = 2
/** 2 m/s. */
export const DRONE_SPEED = 100_000
export const DRONE_SIGHT = 8_000_000
export const DRONE_REACH = 500_000
export const STUN_TICKS = 2 * TICKS_PER_SECOND
export const DRONE_REST_TICKS = 3 * TICKS_PER_SECOND
export const ZAP_REACH = 4_000_000
export const ZAPPED_TICKS = 10 * TICKS_PER_SECOND
export const ZAP_COOLDOWN_TICKS = 3 * TICKS_PER_SECOND

/** Head and hands are seen by those within this. */
export const POSE_RADIUS = 8_000_000
/** Who stands still between missions for this long gives their place to somebody else, ms. */
export const IDLE_MS = 300_000

/** The holes of the terminal, in a row along the far wall. */
export const SLOTS = Array.from({ length: CORES }, (_, i) => ({
  id: i + 1,
  x: CARS[TERMINAL].to - 1_500_000,
  y: Math.round((FLOOR.y * (i + 0.5)) / CORES),
}))
