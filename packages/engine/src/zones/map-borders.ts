import type { Position } from '@terrane/causality'
import type { Borders } from '../world/borders.js'
import type { CurrentMap } from './current-map.js'
import { codeOf, type ZoneLayout } from './zone-layout.js'

/** Steps along an axis from a position to the ends of its reach. */
const STEPS = [-1, 0, 1] as const

/**
 * The zones that the map gives to places, as it is when asked. What is near is looked up at 27 places, to the ends of
 * the reach along each axis: a zone that is thinner than the reach may be missed, as copies may be missed anyway.
 */
export function mapBorders(layout: ZoneLayout, map: CurrentMap): Borders {
  const ownerOf = (place: Position) => {
    const at = codeOf(layout, { place })
    return at && map.value.zoneAt(at)
  }
  return {
    ownerOf,
    within({ x, y, z }, reach) {
      const zones = new Set<string>()
      for (const i of STEPS)
        for (const j of STEPS)
          for (const k of STEPS) {
            const zone = ownerOf({ x: x + i * reach.x, y: y + j * reach.y, z: z + k * reach.z })
            if (zone !== undefined) zones.add(zone)
          }
      return [...zones]
    },
  }
}
