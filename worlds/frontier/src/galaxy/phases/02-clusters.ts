import { NEXUS_CLUSTERS } from '../nexus.js'
import type { RegionDraft } from '../region-draft.js'
import { CLUSTER_TYPES, type Cluster, type ClusterType } from '../universe.js'
import type { Phase } from './phase.js'

const SECTORS_PER_CLUSTER = 50

/** Names and types for ranges of sector numbers; where they lie is drawn with the sectors. */
export const clustersPhase: Phase = {
  number: 2,
  name: 'clusters',
  run: (draft) => {
    const { type, sectors } = draft.parameters
    const described = type === 'central_nexus' ? NEXUS_CLUSTERS : drawClusters(draft)
    draft.clusters = described.map(
      ([name, clusterType], index): Cluster => ({
        name,
        type: clusterType,
        first: Math.floor((sectors * index) / described.length) + 1,
        last: Math.floor((sectors * (index + 1)) / described.length),
      }),
    )
    return draft.clusters
  },
}

function drawClusters(draft: RegionDraft): [string, ClusterType][] {
  const prng = draft.random('clusters')
  const namer = draft.namer('clusters')
  const count = Math.round(draft.parameters.sectors / SECTORS_PER_CLUSTER)
  // The capital's own cluster is where people live.
  return Array.from({ length: count }, (_, index) => [
    namer.cluster(),
    index === 0 ? 'population_center' : prng.pick(CLUSTER_TYPES),
  ])
}
