import type { SectorGraph } from '../sector-graph.js'
import type { DeadEnd } from '../universe.js'
import { detach } from './rewire.js'
import type { Site } from './site.js'

/** A sector that keeps one of its edges. */
export function planDeadEnd(site: Site): DeadEnd | undefined {
  const { graph, prng } = site
  const sector = site.pickRoomy()
  if (sector === undefined) return undefined
  const neighbours = graph.neighbours(sector)
  if (neighbours.length === 0) return undefined
  const parent = prng.pick(neighbours)
  detach(graph, [sector], (_, outside) => outside === parent)
  graph.link(sector, parent)
  return { kind: 'dead_end', name: site.name(), anchor: sector, interior: [], parent }
}

/** A dead end: exactly one neighbour, its parent, there and back. */
export function deadEndFaults(graph: SectorGraph, { anchor, parent }: DeadEnd): string[] {
  const faults: string[] = []
  const others = graph.neighbours(anchor).filter((sector) => sector !== parent)
  if (others.length > 0) faults.push(`is joined to ${others.join(', ')} besides its parent`)
  if (!graph.isTwoWay(anchor, parent)) faults.push(`is not joined to its parent ${parent} both ways`)
  return faults
}
