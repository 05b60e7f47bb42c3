import { regionTitle } from '../model/region-title.js'
import type { Found } from '../model/target.js'

/** What is selected, in a few words. */
export function titleOf(found: Found | undefined): string {
  switch (found?.kind) {
    case undefined:
      return 'The galaxy'
    case 'region':
      return regionTitle(found.region)
    case 'sector':
      return `${regionTitle(found.region)} · sector ${found.sector - found.region.first + 1}`
    case 'cluster':
      return found.cluster.name
    case 'formation':
      return found.formation.formation.name
  }
}
