import type { RegionFile } from './schema.js'
import { type StarMap, spread } from './star-map.js'
import type { Tell } from './tell.js'

/** Everybody can get from everywhere to everywhere, but for what lost formations and warp sinks are for. */
export function checkReachability(region: RegionFile, map: StarMap, at: string, tell: Tell): void {
  const lost = new Set<number>()
  const sinks = new Set<number>()
  for (const { kind, anchor, interior } of region.formations) {
    if (kind === 'lost_sector' || kind === 'lost_cluster' || kind === 'archipelago') {
      for (const sector of [anchor, ...interior]) lost.add(sector)
    }
    if (kind === 'warp_sink') sinks.add(anchor)
  }
  const canBeReached = spread(map.exits, [region.capital])
  const canReach = spread(map.entries, [region.capital])
  for (const [index, { number }] of region.sectors.entries()) {
    const element = `${at}.sectors[${index}] (number ${number})`
    if (lost.has(number)) {
      if (canBeReached.has(number) || canReach.has(number)) tell(element, 'is lost and yet joined to the capital')
      continue
    }
    if (!canBeReached.has(number)) tell(element, 'cannot be reached from the capital')
    if (!canReach.has(number) && !sinks.has(number)) tell(element, 'cannot reach the capital')
  }
}
