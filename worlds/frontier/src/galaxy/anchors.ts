import { NEXUS_CLUSTERS, PLAZA_FIRST } from './nexus.js'
import type { Anchor, RegionType } from './universe.js'

/** After the capital. */
const FIRST_STATION_OFFSET = 1
const STARTER_SPACEDOCK_OFFSET = 9
/** Before the last sector. */
const FRONTIER_SPACEDOCK_OFFSET = 5

export function capitalOf(type: RegionType): number {
  return type === 'central_nexus' ? PLAZA_FIRST : 1
}

/** Where the anchors are: known before there is a graph, so that no formation takes their sectors. */
export function anchorsOf(type: RegionType, sectors: number): Anchor[] {
  const capital = capitalOf(type)
  const anchors: Anchor[] = [
    { kind: 'terra', sector: capital },
    { kind: 'first_station', sector: capital + FIRST_STATION_OFFSET },
    { kind: 'starter_spacedock', sector: capital + STARTER_SPACEDOCK_OFFSET },
    { kind: 'frontier_spacedock', sector: sectors - FRONTIER_SPACEDOCK_OFFSET },
  ]
  return type === 'central_nexus' ? [...anchors, ...tradeDocks(sectors)] : anchors
}

/** One of tier A and two of tier B, each in the middle of a trade hub. */
function tradeDocks(sectors: number): Anchor[] {
  const size = sectors / NEXUS_CLUSTERS.length
  const hubs = NEXUS_CLUSTERS.flatMap(([, type], index) => (type === 'trade_hub' ? [index * size + size / 2] : []))
  const kinds = ['tradedock_a', 'tradedock_b', 'tradedock_b'] as const
  return kinds.map((kind, index) => ({ kind, sector: hubs[index] as number }))
}
