import type { Galaxy } from '../model/galaxy.js'
import type { Found } from '../model/target.js'

/** What is selected, in a few words. */
export function titleOf({ regions }: Galaxy, found: Found | undefined): string {
  switch (found?.kind) {
    case undefined:
      return regions.length === 1 ? (regions[0]?.name ?? '') : 'The galaxy'
    case 'region':
      return found.region.isNexus ? 'Central Nexus' : found.region.name
    case 'sector':
      return `${found.region.name} · sector ${found.sector - found.region.first + 1}`
    case 'cluster':
      return found.cluster.name
    case 'formation':
      return found.formation.formation.name
  }
}
