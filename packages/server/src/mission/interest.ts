import { POSE_RADIUS } from '@terrane/world-maglev'
import type { Passenger } from '@terrane/world-maglev/mission'
import { whereIs } from '@terrane/world-maglev/players'

/** Edge of the engine's cells of interest where a world names none: a fifth of the radius. */
const CELL = POSE_RADIUS / 5

/** Distinct pairs of zone and cell in which players look, now. */
export function interestZonesOf(passengers: readonly Passenger[]): number {
  const zones = new Set<string>()
  for (const { view, player } of passengers) {
    const place = whereIs(view, player)
    if (place === undefined) continue
    const { x, y } = place.runner
    zones.add(`${place.zone} ${Math.floor(x / CELL)} ${Math.floor(y / CELL)}`)
  }
  return zones.size
}
