/**
 * Positions arrive a few times a second; the map glides from where an entity is drawn to where it was
 * last said to be, for about as long as its reports are apart. It is drawn at most one interval late,
 * and never ahead of what the server said.
 */

/** An entity that was silent for longer had come to rest: its next report starts a new movement. */
const REST_S = 0.75
/** A glide lasts a little longer than the interval, so that a late report finds it still moving. */
const SLACK = 1.15
const FIRST_S = 0.2
const SHORTEST_S = 0.03

/** How long to glide to a position that came `sinceLastS` after the one before. */
export function glideSeconds(sinceLastS: number): number {
  if (!(sinceLastS < REST_S)) return FIRST_S
  return Math.max(SHORTEST_S, sinceLastS * SLACK)
}

/** Share of a glide that is over, 0 to 1. The vertex shader computes the same. */
export function glideShare(startS: number, durationS: number, nowS: number): number {
  if (durationS <= 0) return 1
  return Math.min(1, Math.max(0, (nowS - startS) / durationS))
}

export function glidePosition(from: number, to: number, share: number): number {
  return from + (to - from) * share
}
