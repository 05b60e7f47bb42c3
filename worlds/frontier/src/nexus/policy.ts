import { assert } from '@terrane/core'

/** What operators may tune about the galaxy. */
export interface GalaxyPolicy {
  /** Active player-owned regions for which the machines are sized: a target to watch, not a limit. */
  readonly regionsTarget: number
  /** Share of the target from which on operators are alerted. */
  readonly alertShare: number
  /** A region in which nobody was for this long is put away, ms. */
  readonly idleAfterMs: number
}

const DAY_MS = 24 * 3_600_000

/** Six months are 183 days. */
export const DEFAULT_POLICY: GalaxyPolicy = { regionsTarget: 50, alertShare: 0.75, idleAfterMs: 183 * DAY_MS }

/** How exact a region's last activity is kept; spares a row change for every visitor. */
export const ACTIVITY_EVERY_MS = 3_600_000
/** How often one zone tells of the logins of one player. */
export const LOGIN_EVERY_MS = DAY_MS
/** How often the Nexus looks for idle regions and hears from the active ones. */
export const CENSUS_EVERY_MS = 60_000
/** How often a region looks whether it has to ask for its attachment again. */
export const ATTACH_EVERY_MS = 500

/** After the first, second, … request for attachment that led to nothing, until the next. */
export const ATTACH_DELAYS_MS = [1_000, 5_000, 30_000, 5 * 60_000, 30 * 60_000, 6 * 3_600_000] as const
export const ATTACH_ATTEMPTS_MAX = ATTACH_DELAYS_MS.length + 1

/** A ship takes the warp when it is this near to the sector where it begins. */
export const GATE_RANGE = 1_500

assert(ATTACH_EVERY_MS <= ATTACH_DELAYS_MS[0], 'the first delay would be longer than it says')
assert(ACTIVITY_EVERY_MS < DEFAULT_POLICY.idleAfterMs / 100, 'activity is kept too coarsely to tell who is idle')
