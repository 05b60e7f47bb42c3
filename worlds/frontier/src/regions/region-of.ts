import type { Tables } from '../kinds.js'
import type { RegionRow } from './region-kinds.js'

/** The region that was imported into this zone. */
export function regionOf(tables: Pick<Tables, 'regions'>): RegionRow | undefined {
  if (tables.regions.count === 0) return undefined
  const [region] = tables.regions.all()
  return region
}
