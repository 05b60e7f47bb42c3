import { gatherArchipelago, planLostCluster, planLostSector } from '../formations/lost.js'
import { Site } from '../formations/site.js'
import type { RegionDraft } from '../region-draft.js'
import { stampAll, type Wish } from '../stamping.js'
import type { Formation } from '../universe.js'
import { isSound } from '../validity.js'
import type { Phase } from './phase.js'

/** Our choice: lost formations have no published budget. The smallest band and the Nexus have none. */
const SECTORS_PER_LOST_SECTOR = 150
const SECTORS_PER_LOST_CLUSTER = 400
const LOST_FROM_SECTORS = 301

/** Sectors that no warp leads to; they are left out of everything that follows. */
export const lostFormationsPhase: Phase = {
  number: 8,
  name: 'lost formations',
  run: (draft) => {
    const { type, sectors } = draft.parameters
    if (type === 'player_owned' && sectors >= LOST_FROM_SECTORS) stampLost(draft)
    return [draft.formations, draft.arcs()]
  },
}

function stampLost(draft: RegionDraft): void {
  const { capital, band, batchSize, sectors } = draft.parameters
  const { graph, formations } = draft
  const prng = draft.random('lost formations')
  const namer = draft.namer('lost formations')
  const site = () => new Site(draft, prng, () => `Lost ${namer.cluster()}`)
  const clusters: Wish<Formation> = { what: 'lost_cluster', plan: () => planLostCluster(site()) }
  const singles: Wish<Formation> = { what: 'lost_sector', plan: () => planLostSector(site()) }
  const wishes = [
    ...times(prng.between(0, Math.floor(sectors / SECTORS_PER_LOST_CLUSTER)), clusters),
    ...times(prng.between(0, Math.floor(sectors / SECTORS_PER_LOST_SECTOR)), singles),
  ]
  const isValid = () => isSound({ graph, formations, capital, band })
  stampAll({ graph, made: formations, batchSize, isValid }, wishes)
  const archipelago = gatherArchipelago(formations, `Archipelago of ${namer.cluster()}`)
  if (archipelago !== undefined) formations.push(archipelago)
}

function times<T>(count: number, item: T): T[] {
  return Array.from({ length: count }, () => item)
}
