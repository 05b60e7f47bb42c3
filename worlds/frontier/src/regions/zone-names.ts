/** The zone of the Central Nexus, through which regions are joined. */
export const NEXUS_ZONE = 'nexus'

const PREFIX = 'region:'
/** What can name a region's zone: it stands in addresses, topics and labels. */
const REGION_ID = /^[a-z0-9][a-z0-9-]{0,39}$/

/** Whether a region of a universe may have this name: its name is its id. */
export function isRegionId(name: string): boolean {
  return REGION_ID.test(name)
}

/** The zone of a player-owned region. */
function zoneOfRegion(id: string): string {
  return `${PREFIX}${id}`
}

/** Whether a zone may be opened for a region, imported or not. */
export function isRegionZone(zone: string): boolean {
  return zone.startsWith(PREFIX) && isRegionId(zone.slice(PREFIX.length))
}

/** Whether the other regions are attached to this one. */
export function isHub({ type }: { readonly type: string }): boolean {
  return type === 'central_nexus'
}

/** The zone into which a region of a universe is imported. */
export function zoneOf(region: { readonly name: string; readonly type: string }): string {
  return isHub(region) ? NEXUS_ZONE : zoneOfRegion(region.name)
}
