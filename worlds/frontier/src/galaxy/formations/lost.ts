import type { SectorGraph } from '../sector-graph.js'
import { reached } from '../traversal.js'
import type { Archipelago, Formation, LostCluster, LostSector } from '../universe.js'
import { detach, openWithin } from './rewire.js'
import type { Site } from './site.js'

const CLUSTER_SIZE_MIN = 4
const CLUSTER_SIZE_MAX = 8

/** A sector without any edge. */
export function planLostSector(site: Site): LostSector | undefined {
  const sector = site.pickRoomy()
  if (sector === undefined) return undefined
  detach(site.graph, [sector], () => false)
  return { kind: 'lost_sector', name: site.name(), anchor: sector, interior: [] }
}

/** A group of sectors with no edge to any other. */
export function planLostCluster(site: Site): LostCluster | undefined {
  const start = site.pickRoomy()
  if (start === undefined) return undefined
  const group = site.grow(start, site.prng.between(CLUSTER_SIZE_MIN, CLUSTER_SIZE_MAX)).sort((a, b) => a - b)
  const [anchor, ...interior] = group
  if (anchor === undefined || group.length < CLUSTER_SIZE_MIN) return undefined
  detach(site.graph, group, () => false)
  openWithin(site.graph, group)
  return { kind: 'lost_cluster', name: site.name(), anchor, interior }
}

/** The region's lost clusters under one name, when there are several. */
export function gatherArchipelago(formations: readonly Formation[], name: string): Archipelago | undefined {
  const clusters = formations.filter(({ kind }) => kind === 'lost_cluster')
  if (clusters.length < 2) return undefined
  const members = clusters.flatMap(({ anchor, interior }) => [anchor, ...interior]).sort((a, b) => a - b)
  const [anchor, ...interior] = members as [number, ...number[]]
  return { kind: 'archipelago', name, anchor, interior, clusters: clusters.map((cluster) => cluster.name) }
}

export function isLost({ kind }: Formation): boolean {
  return kind === 'lost_sector' || kind === 'lost_cluster' || kind === 'archipelago'
}

/** A lost sector has no edge at all; a lost cluster none to outside, and all of it can be reached from within. */
export function lostFaults(graph: SectorGraph, lost: LostSector | LostCluster): string[] {
  const group = [lost.anchor, ...lost.interior]
  const faults: string[] = []
  for (const inside of group) {
    const outside = graph.neighbours(inside).filter((sector) => !group.includes(sector))
    if (outside.length > 0) faults.push(`${inside} is joined to ${outside.join(', ')}`)
  }
  for (const direction of ['along', 'against'] as const) {
    const seen = reached(graph, lost.anchor, direction)
    const missed = group.filter((sector) => seen[sector] === 0)
    if (missed.length > 0) faults.push(`${missed.join(', ')} and ${lost.anchor} are not in one piece`)
  }
  return faults
}

/** An archipelago: two lost clusters or more, and their sectors. */
export function archipelagoFaults(archipelago: Archipelago, formations: readonly Formation[]): string[] {
  const clusters = archipelago.clusters.map((name) => formations.find((other) => other.name === name))
  const faults: string[] = []
  if (clusters.length < 2) faults.push('has fewer than two lost clusters')
  if (clusters.some((cluster) => cluster?.kind !== 'lost_cluster'))
    faults.push('names something else than a lost cluster')
  const members = clusters.flatMap((cluster) => (cluster === undefined ? [] : [cluster.anchor, ...cluster.interior]))
  const own = new Set([archipelago.anchor, ...archipelago.interior])
  if (members.length !== own.size || members.some((sector) => !own.has(sector)))
    faults.push('has other sectors than its clusters')
  return faults
}
